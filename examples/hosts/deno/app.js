import { vortexApp, vortexWebhook } from '@vortex/hono';
import { Hono } from 'hono';
import { authorizeOperation, findUser, on } from '../your-app.js';

const app = new Hono();

const vortex = vortexApp({
  apiKey: Deno.env.get('VORTEX_API_KEY'),
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});
app.route('/api/vortex', vortex);
app.post('/webhooks/vortex', vortexWebhook({ secret: Deno.env.get('VORTEX_WEBHOOK_SECRET'), on }));

export default app;
