// Bundled by `vite build --ssr`, as frameworks on Vite do with a backend, and by other bundlers.
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { Hono } from 'hono';

const app = new Hono()
  .post('/webhooks/vortex', vortexWebhook({ secret: 'made-up', onEvent: () => {} }))
  .route(
    '/api/vortex',
    vortexApp({
      apiKey: process.env.VORTEX_API_KEY,
      authenticateUser: (c) => (c.req.header('x-user') ? { id: c.req.header('x-user') } : null),
      authorizeOperation: { JWT: true, CREATE_INVITATION: true },
    }),
  )
  .use(serveStatic({ root: 'dist' }));

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
