import type { RequestHandler } from '@sveltejs/kit';
import { vortexWebhookHandler } from '@vortex/hono';
import { VORTEX_WEBHOOK_SECRET } from '$app/env/private';
import { on } from '../../../../../your-app.js';

const webhook = vortexWebhookHandler({ secret: () => VORTEX_WEBHOOK_SECRET, on });

export const POST: RequestHandler = ({ request }) => webhook(request);
