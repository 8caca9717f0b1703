import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { closing, loadOptions, runLoadProgram } from '@vortex/conformance/load-program';
import { vortexApp } from '@vortex/hono';
import { type Context, Hono } from 'hono';

await runLoadProgram(async (client, port) => {
  const options = loadOptions<Context>(client, (c, name) => c.req.header(name));
  const app = new Hono().route('/api/vortex', vortexApp(options));

  const server = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server));
  });
  const close = closing(server);
  return {
    server,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        close();
      }),
  };
});
