import { getRequestListener } from '@hono/node-server';
import { vortexWebhookHandler } from '@vortex/hono';
import { on } from '../../../../your-app.js';

const webhook = vortexWebhookHandler({ secret: () => process.env.VORTEX_WEBHOOK_SECRET, on });

export default getRequestListener(webhook, { overrideGlobalObjects: false });
export const config = { api: { bodyParser: false } };
