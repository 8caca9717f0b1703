import { conformanceOptions, type ServerSettings } from '@vortex/conformance/application';
import { vortexApp } from '@vortex/hono';
import { type Context, Hono } from 'hono';

export function createApp(settings: ServerSettings) {
  const options = conformanceOptions<Context>(settings, (c, name) => c.req.header(name));
  return new Hono().route('/api/vortex', vortexApp(options));
}
