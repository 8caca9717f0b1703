import { conformanceOptions, type ServerSettings } from '@vortex/conformance/application';
import { vortexApp } from '@vortex/hono';
import { type Context, Hono } from 'hono';

export function createApp(settings: ServerSettings) {
  const options = conformanceOptions<Context>(settings, (c, name) => c.req.header(name));
  const app = new Hono().route('/api/vortex', vortexApp(options));
  return app.route('/of/:scope/:invitationId', vortexApp(options));
}
