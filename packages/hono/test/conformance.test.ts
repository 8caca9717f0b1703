import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { conformanceOptions, defineConformance } from '@vortex/conformance';
import { vortexApp } from '@vortex/hono';
import { type Context, Hono } from 'hono';

defineConformance('Hono on node-server', (settings) => {
  const app = new Hono().route(
    '/api/vortex',
    vortexApp(conformanceOptions<Context>(settings, (c, name) => c.req.header(name))),
  );
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) => {
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise<void>((closed) => server.close(() => closed())),
      });
    });
  });
});
