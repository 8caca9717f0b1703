import { createFileRoute } from '@tanstack/react-router';
import { vortexWebhookHandler } from '@vortex/hono';
import { on } from '../../../../your-app.js';

const webhook = vortexWebhookHandler({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });

export const Route = createFileRoute('/webhooks/vortex')({
  server: { handlers: { POST: ({ request }) => webhook(request) } },
});
