import { vortexApp, vortexWebhook } from '@vortex/hono';
import { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import { authorizeOperation, findUser, on } from '../your-app.js';

const app = new Hono();

const vortex = vortexApp({
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')), // stands in for your session
  authorizeOperation,
});
app.route('/api/vortex', vortex);
app.post('/webhooks/vortex', vortexWebhook({ secret: process.env.VORTEX_WEBHOOK_SECRET, on }));

// An HTTP API with the stage "prod" has it in its paths.
export const handler = handle(new Hono().route('/', app).route('/prod', app));
