import { vortexWebhookHandler } from '@vortex/hono';
import { on } from '../../../your-app.js';

export const POST = vortexWebhookHandler({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });
