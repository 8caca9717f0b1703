import { VortexClient } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { findAccount, userOf } from './accounts.js';

const client = new VortexClient(process.env.VORTEX_API_KEY);
const app = express();
let isStopping = false;

// Else whoever keeps a connection goes on using it, and the server waits for that.
app.use((_, res, next) => {
  if (isStopping) res.set('connection', 'close');
  next();
});

app.use(
  '/api/vortex',
  vortexRouter({
    client,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands for your session
      return account && userOf(account);
    },
    authorizeOperation: { JWT: true, GET_INVITATIONS: (op) => op.self },
  }),
);

const server = app.listen(process.env.PORT ?? 3000);

process.once('SIGTERM', () => {
  isStopping = true;
  // Called when the last request is answered, and the last connection closed.
  server.close(() => client.close());
});
