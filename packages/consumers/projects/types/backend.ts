import { type Invitation, VortexClient, VortexError, VortexWebhooks } from '@vortex/core';
import { redisStore } from '@vortex/core/redis';
import { anyOf, inEveryScope, isInviter } from '@vortex/core/rules';
import { fixedClock, readToken, webhookEvent, webhookRequest } from '@vortex/core/testing';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { setupEmulator } from '@vortex/emulator/jest';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import { vortexWebhook as honoWebhook, vortexApp } from '@vortex/hono';
import express from 'express';
import fastify from 'fastify';
import { type Context, Hono } from 'hono';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

interface User {
  id: string;
  email: string;
  teams: string[];
}
const users: User[] = [{ id: 'ada', email: 'ada@example.com', teams: ['harbor'] }];
const find = (id: string | undefined): User | null => users.find((user) => user.id === id) ?? null;
// Its type is `string | undefined`, which must do even if optional properties are exact.
const apiKey = process.env.VORTEX_API_KEY;

const app = express();
app.use(
  '/api/vortex',
  vortexRouter({
    apiKey,
    baseUrl: process.env.VORTEX_API_BASE_URL,
    authenticateUser: (req) => find(req.get('x-user')),
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op, user) => op.self && user.teams.includes('harbor'),
      REVOKE_INVITATION: anyOf(
        isInviter,
        inEveryScope(({ scopeId }, user: User) => user.teams.includes(scopeId)),
      ),
      // @ts-expect-error no such operation
      REVOKE: true,
    },
    onSuccess: { CREATE_INVITATION: ({ result, user }, req) => console.log(result.id, user.email, req.originalUrl) },
    onError: ({ error, op }, req) => console.error(error.code, op?.name, req.originalUrl),
  }),
);
app.post(
  '/webhooks/vortex',
  vortexWebhook({
    secret: process.env.SECRET,
    store: redisStore(new Redis()),
    on: { 'group.member.added': ({ data }, req) => console.log(data.scopeName, req.ip) },
  }),
);

const server = fastify();
await server.register(
  vortexPlugin({
    apiKey,
    authenticateUser: (request) => find(request.headers['x-user']?.toString()),
    authorizeOperation: (op, user, request) => op.name === 'JWT' && user.teams.length > 0 && request.ip !== '',
  }),
  { prefix: '/api/vortex' },
);
await server.register(vortexWebhookPlugin({ secret: ['a', 'b'], store: redisStore(createClient()) }));

interface AppEnv {
  Bindings: { VORTEX_API_KEY: string };
}
const hono = new Hono<AppEnv>()
  .route(
    '/api/vortex',
    vortexApp({
      apiKey: (c: Context<AppEnv>) => c.env.VORTEX_API_KEY,
      authenticateUser: (c: Context<AppEnv>) => find(c.req.header('x-user')),
      authorizeOperation: { JWT: true },
    }),
  )
  .post('/webhooks/vortex', honoWebhook({ secret: 'a' }));
export default hono;

export async function everything(): Promise<Invitation> {
  const emulator: Emulator = await startEmulator();
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  const { claims } = await readToken(await client.generateToken({ user: { id: 'ada' } }), emulator.apiKey);
  console.log(claims.user, setupEmulator().outbox.length);
  const { body, headers } = await webhookRequest(webhookEvent('invitation.created'), 'a');
  const event = await new VortexWebhooks({ secret: 'a', now: fixedClock() }).constructEvent(
    body,
    headers['x-vortex-signature'],
  );
  try {
    return await client.getInvitation(event.id);
  } catch (error) {
    if (VortexError.is(error) && error.code === 'NOT_FOUND') console.log(error.upstreamStatus);
    throw error;
  }
}
