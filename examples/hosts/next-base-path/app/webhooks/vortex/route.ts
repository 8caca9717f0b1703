import { vortexWebhookHandler } from '@vortex/hono';
import { after } from 'next/server';
import { on } from '../../../../your-app.js';

const webhook = vortexWebhookHandler({ secret: () => process.env.VORTEX_WEBHOOK_SECRET, on });

export const POST = (request: Request) => webhook(request, undefined, { waitUntil: after });
