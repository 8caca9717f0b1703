import { vortexHandler, vortexWebhookHandler } from '@vortex/hono';
import { Elysia } from 'elysia';
import { authorizeOperation, findUser, on } from '../your-app.js';

const vortex = vortexHandler({
  basePath: '/api/vortex',
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});
const webhook = vortexWebhookHandler({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });

new Elysia()
  .all('/api/vortex/*', ({ request }) => vortex(request), { parse: 'none' })
  .post('/webhooks/vortex', ({ request }) => webhook(request), { parse: 'none' })
  .listen(process.env.PORT ?? 3000);
