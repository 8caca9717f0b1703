// `bun run` and `deno serve` listen with this export, and a Worker exports the same.
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { Hono } from 'hono';
import { env } from 'hono/adapter';

export default new Hono().post('/webhooks/vortex', vortexWebhook({ secret: 'made-up', onEvent: () => {} })).route(
  '/api/vortex',
  vortexApp({
    apiKey: (c) => env(c).VORTEX_API_KEY,
    authenticateUser: (c) => (c.req.header('x-user') ? { id: c.req.header('x-user') } : null),
    authorizeOperation: { JWT: true, CREATE_INVITATION: true },
  }),
);
