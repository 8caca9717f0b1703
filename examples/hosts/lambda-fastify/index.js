import awsLambdaFastify from '@fastify/aws-lambda';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import Fastify from 'fastify';
import { authorizeOperation, findUser, on } from '../your-app.js';

// An HTTP API with the stage "prod" has it in its paths.
const app = Fastify({ logger: true, rewriteUrl: ({ url }) => url.replace(/^\/prod\//, '/') });

const vortex = vortexPlugin({
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (request) => findUser(request.headers['x-user']), // stands in for your session
  authorizeOperation,
});
const webhook = vortexWebhookPlugin({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });
app.register(vortex, { prefix: '/api/vortex' });
app.register(webhook, { prefix: '/webhooks/vortex' });

export const handler = awsLambdaFastify(app);
await app.ready();
