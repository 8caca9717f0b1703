import { VortexClient } from '@vortex/core';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express, { type Response } from 'express';
import { closeDatabase, saveAcceptance } from './acceptances.js';
import { findAccount, userOf } from './accounts.js';
import { findInvitation } from './invitations.js';
import { watchUnused } from './unused-connections.js';

const client = new VortexClient(process.env.VORTEX_API_KEY);
const app = express();
let isStopping = false;

// Ask clients to close their keep-alive connections. Otherwise they keep using them, and the server cannot stop.
const pending = new Set<Response>();
const askToClose = (res: Response) => {
  if (!res.headersSent) res.set('connection', 'close');
};
app.use((_, res, next) => {
  if (isStopping) askToClose(res);
  pending.add(res);
  res.once('close', () => pending.delete(res));
  next();
});

const webhook = vortexWebhook({
  secret: process.env.VORTEX_WEBHOOK_SECRET,
  answerWithin: 1000, // a handler that takes longer goes on after a 503
  on: {
    'invitation.accepted': async ({ data: { invitationId } }) => {
      const invitation = invitationId && (await findInvitation(client, invitationId));
      if (invitation) await saveAcceptance(invitation);
    },
  },
});
app.post('/webhooks/vortex', webhook);

app.use(
  '/api/vortex',
  vortexRouter({
    client,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands in for your session
      return account ? userOf(account) : null;
    },
    authorizeOperation: { GET_INVITATIONS: (op) => op.self },
  }),
);

const server = app.listen(process.env.PORT ?? 3000);
const closeUnused = watchUnused(server);

process.once('SIGTERM', () => {
  isStopping = true;
  for (const res of pending) askToClose(res);
  // The callback runs once all requests are answered and all connections are closed.
  server.close(async () => {
    await webhook.idle();
    await Promise.all([client.close(), closeDatabase()]);
  });
  setTimeout(closeUnused, 1000); // by then, a request that was on its way has arrived
});
