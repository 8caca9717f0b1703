import { serve } from '@hono/node-server';
import { VortexClient } from '@vortex/core';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { Hono } from 'hono';
import { closeDatabase, saveAcceptance } from './acceptances.js';
import { findAccount, userOf } from './accounts.js';
import { findInvitation } from './invitations.js';
import { watchUnused } from './unused-connections.js';

const client = new VortexClient(process.env.VORTEX_API_KEY);
const app = new Hono();
let isStopping = false;

// Ask clients to close their keep-alive connections. Otherwise they keep using them, and the server cannot stop.
app.use(async (c, next) => {
  await next();
  if (isStopping) c.header('connection', 'close');
});

app.route(
  '/api/vortex',
  vortexApp({
    client,
    authenticateUser: async (c) => {
      const account = await findAccount(c.req.header('x-user')); // stands in for your session
      return account ? userOf(account) : null;
    },
    authorizeOperation: { GET_INVITATIONS: (op) => op.self },
  }),
);

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

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
const closeUnused = watchUnused(server);

process.once('SIGTERM', () => {
  isStopping = true;
  // The callback runs once all requests are answered and all connections are closed.
  server.close(async () => {
    await webhook.idle();
    await Promise.all([client.close(), closeDatabase()]);
  });
  setTimeout(closeUnused, 1000); // by then, a request that was on its way has arrived
});
