import { vortexHandler, vortexWebhookHandler } from '@vortex/hono';
import { H3, serve } from 'h3';
import { authorizeOperation, findUser, on } from '../your-app.js';

const app = new H3();

const vortex = vortexHandler({
  basePath: '/api/vortex',
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});
const webhook = vortexWebhookHandler({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });
app.all('/api/vortex/**', (event) => vortex(event.req));
app.post('/webhooks/vortex', (event) => webhook(event.req));

serve(app, { port: process.env.PORT ?? 3000 });
