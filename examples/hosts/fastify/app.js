import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import Fastify from 'fastify';
import { authorizeOperation, findUser, on } from '../your-app.js';

const app = Fastify({ logger: true }); // without it, nothing is logged

const vortex = vortexPlugin({
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (request) => findUser(request.headers['x-user']), // stands in for your session
  authorizeOperation,
});
const webhook = vortexWebhookPlugin({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });
app.register(vortex, { prefix: '/api/vortex' });
app.register(webhook, { prefix: '/webhooks/vortex' });

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '0.0.0.0' }); // by default, localhost only
