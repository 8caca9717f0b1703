import { vortexApp, vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { authorizeOperation, findUser, on } from '../../your-app.js';

type Env = { Bindings: { VORTEX_API_KEY: string; VORTEX_WEBHOOK_SECRET: string } };

const app = new Hono<Env>();

const vortex = vortexApp({
  apiKey: (c: Context<Env>) => c.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});
app.route('/api/vortex', vortex);
app.post('/webhooks/vortex', vortexWebhook({ secret: (c: Context<Env>) => c.env.VORTEX_WEBHOOK_SECRET, on }));

export default app;
