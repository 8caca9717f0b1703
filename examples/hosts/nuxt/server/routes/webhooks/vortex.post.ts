import { vortexWebhookHandler } from '@vortex/hono';
import { on } from '../../../../your-app.js';

const webhook = vortexWebhookHandler({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });

export default defineEventHandler((event) => webhook(toWebRequest(event)));
