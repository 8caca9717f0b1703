import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { drain, loadOptions, runLoadProgram } from '@vortex/conformance/load-program';
import { vortexApp } from '@vortex/hono';
import { type Context, Hono } from 'hono';

await runLoadProgram(async (client, port) => {
  const options = loadOptions<Context>(client, (c, name) => c.req.header(name));
  const app = new Hono().route('/api/vortex', vortexApp(options));

  const server = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server));
  });
  return { server, close: drain(server) };
});
