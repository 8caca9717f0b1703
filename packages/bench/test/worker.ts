/** A Worker with all routes and the webhooks. */
import { vortexApp, vortexWebhook } from '@vortex/hono';
import type { Context } from 'hono';
import { Hono } from 'hono';

type Env = { Bindings: { VORTEX_API_KEY: string } };

const vortex = vortexApp({
  apiKey: (c: Context<Env>) => c.env.VORTEX_API_KEY,
  authenticateUser: () => null,
  authorizeOperation: {},
});
const app = new Hono<Env>();
app.route('/api/vortex', vortex);
app.post('/webhooks/vortex', vortexWebhook<Env>({ secret: 'whsec', onEvent: () => {} }));

export default app;
