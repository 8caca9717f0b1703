/** The webhooks as the program of Next.js has them, without its `bodyParser: false`. */
import { getRequestListener } from '@hono/node-server';
import { vortexWebhookHandler } from '@vortex/hono';

const handler = (request, response) => {
  const webhook = vortexWebhookHandler(globalThis.mounts.webhooks);
  return getRequestListener(webhook, { overrideGlobalObjects: false })(request, response);
};
export default handler;
