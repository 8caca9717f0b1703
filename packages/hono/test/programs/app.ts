import { conformanceOptions, type ServerSettings, webhookOptions } from '@vortex/conformance/application';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';

export function createApp(settings: ServerSettings) {
  const options = conformanceOptions<Context>(settings, (c, name) => c.req.header(name));
  const app = new Hono().route('/api/vortex', vortexApp(options));
  if (settings.webhook) app.all('/webhooks/vortex', vortexWebhook(webhookOptions(settings.webhook)));
  return app.route('/of/:scope/:invitationId', vortexApp(options));
}
