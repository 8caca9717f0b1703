import { vortexWebhookHandler } from '@vortex/hono';
import { on } from '../../../your-app.js';
import type { Route } from './+types/vortex-webhook';

const webhook = vortexWebhookHandler({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });

export const action = ({ request }: Route.ActionArgs) => webhook(request);
