import { vortexHandler, vortexWebhookHandler } from '@vortex/hono';
import { authorizeOperation, findUser, on } from '../your-app.js';

const vortex = vortexHandler({
  basePath: '/api/vortex',
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});
const webhook = vortexWebhookHandler({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });

Bun.serve({
  routes: {
    '/api/vortex/*': (request) => vortex(request),
    '/webhooks/vortex': { POST: (request) => webhook(request) },
  },
});
