import { VortexClient } from '@vortex/core';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { closeDatabase, saveAcceptance } from './acceptances.js';
import { findAccount, userOf } from './accounts.js';
import { findInvitation } from './invitations.js';
import { watchUnused } from './unused-connections.js';

const client = new VortexClient(process.env.VORTEX_API_KEY);
// `return503OnClosing: false` still answers requests on keep-alive connections while the server stops.
const app = fastify({ return503OnClosing: false });
let isStopping = false;

// Ask clients to close their keep-alive connections. Otherwise the server waits until each was idle for 72 seconds.
app.addHook('onSend', async (_, reply) => {
  if (isStopping) reply.header('connection', 'close');
});

await app.register(
  vortexPlugin({
    client,
    authenticateUser: async (request) => {
      const account = await findAccount(request.headers['x-user']?.toString()); // stands in for your session
      return account ? userOf(account) : null;
    },
    authorizeOperation: { GET_INVITATIONS: (op) => op.self },
  }),
  { prefix: '/api/vortex' },
);

await app.register(
  vortexWebhookPlugin({
    secret: process.env.VORTEX_WEBHOOK_SECRET,
    answerWithin: 1000, // a handler that takes longer goes on after a 503
    on: {
      'invitation.accepted': async ({ data: { invitationId } }) => {
        const invitation = invitationId && (await findInvitation(client, invitationId));
        if (invitation) await saveAcceptance(invitation);
      },
    },
  }),
  { prefix: '/webhooks/vortex' },
);
const closeUnused = watchUnused(app.server);

// All addresses, since a container is reached from outside. The default is localhost.
await app.listen({ port: Number(process.env.PORT ?? 3000), host: '0.0.0.0' });

process.once('SIGTERM', async () => {
  isStopping = true;
  setTimeout(closeUnused, 1000); // by then, a request that was on its way has arrived
  // It waits for the webhook handlers too.
  await app.close();
  await Promise.all([client.close(), closeDatabase()]);
});
