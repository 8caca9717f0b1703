// Exports what a backend exports, without a type annotation: TS2742 if a type of ours has no name that can be imported.
import { memoryStore, VortexClient, VortexWebhooks } from '@vortex/core';
import { openApiDocument } from '@vortex/core/openapi';
import { redisStore } from '@vortex/core/redis';
import { allOf, anyOf, inEveryScope, isInvitee, isInviter, mayAccept } from '@vortex/core/rules';
import { fixedClock, readToken, webhookEvent, webhookRequest } from '@vortex/core/testing';
import { createEmulator, startEmulator } from '@vortex/emulator';
import { vortexWebhook as expressWebhook, vortexRouter } from '@vortex/express';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import { vortexWebhook as honoWebhook, vortexApp, vortexHandler, vortexWebhookHandler } from '@vortex/hono';
import { Hono } from 'hono';

const client = new VortexClient('VRTX.AAAAAAAAAAAAAAAAAAAAAA.made-up');
export const calls = {
  create: () =>
    client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'grace@example.com' },
      inviter: { userId: 'ada' },
    }),
  get: () => client.getInvitation('a'),
  byTarget: () => client.getInvitationsByTarget('email', 'grace@example.com'),
  byScope: () => client.getInvitationsByScope('team', 'a', { start: 1 }),
  pages: () => client.invitationsByScope('team', 'a'),
  accept: () => client.acceptInvitations(['a'], { email: 'grace@example.com' }),
  reinvite: () => client.reinvite('a'),
  autojoin: () => client.getAutojoinDomains('team', 'a'),
  token: () => readToken('a', 'b'),
  webhook: () => webhookRequest(webhookEvent('group.member.added'), 'made-up'),
};
export const stores = { redis: redisStore({ eval: async () => null }), memory: memoryStore(), clock: fixedClock() };
export const rules = {
  REVOKE_INVITATION: anyOf(isInviter, isInvitee),
  ACCEPT_INVITATIONS: allOf(isInviter, mayAccept),
  CREATE_INVITATION: inEveryScope(() => true),
};
export const document = openApiDocument();
export const options = {
  authenticateUser: () => ({ id: 'ada', teams: ['harbor'] }),
  authorizeOperation: { JWT: true },
} as const;
export const router = vortexRouter(options);
export const webhook = expressWebhook({ secret: 'made-up', onEvent: () => {} });
export const plugin = vortexPlugin(options);
export const webhookPlugin = vortexWebhookPlugin({ secret: 'made-up', onEvent: () => {} });
export const app = new Hono()
  .route('/api/vortex', vortexApp(options))
  .post('/webhooks/vortex', honoWebhook({ secret: 'made-up', onEvent: () => {} }));
export const handler = vortexHandler({ basePath: '/api/vortex', ...options });
export const webhookHandler = vortexWebhookHandler({ secret: 'made-up', onEvent: () => {} });
export const verifier = new VortexWebhooks({ secret: 'made-up' });
export const event = () => verifier.constructEvent('', '');
export const emulators = async () => [await startEmulator(), createEmulator()] as const;
