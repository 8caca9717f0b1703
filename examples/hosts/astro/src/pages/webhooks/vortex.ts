import { vortexWebhookHandler } from '@vortex/hono';
import type { APIRoute } from 'astro';
import { on } from '../../../../your-app.js';

const webhook = vortexWebhookHandler({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });

export const POST: APIRoute = ({ request }) => webhook(request);
