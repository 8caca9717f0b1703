import { VortexClient } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { findAccount, userOf } from './accounts.js';

const client = new VortexClient(process.env.VORTEX_API_KEY);
const app = express();
let isStopping = false;

// Ask clients to close their keep-alive connections. Otherwise they keep using them, and the server cannot stop.
app.use((_, res, next) => {
  if (isStopping) res.set('connection', 'close');
  next();
});

app.use(
  '/api/vortex',
  vortexRouter({
    client,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands in for your session
      return account && userOf(account);
    },
    authorizeOperation: { JWT: true, GET_INVITATIONS: (op) => op.self },
  }),
);

const server = app.listen(process.env.PORT ?? 3000);

process.once('SIGTERM', () => {
  isStopping = true;
  // The callback runs once all requests are answered and all connections are closed.
  server.close(() => client.close());
});
