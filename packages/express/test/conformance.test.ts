import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { conformanceOptions, defineConformance, type ServerSettings } from '@vortex/conformance';
import { vortexRouter } from '@vortex/express';
import express5, { type Express, type Request } from 'express';

// Its types would be those of Express 5 under another name: the router is typed for both.
const express4: typeof express5 = createRequire(import.meta.url)('express4');

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4],
] as const) {
  defineConformance(name, async (settings) => listen(application(express, settings)));
}

function application(express: typeof express5, settings: ServerSettings): Express {
  const app = express();
  app.disable('x-powered-by');
  const options = conformanceOptions<Request>(settings, (request, header) => request.get(header));
  app.use('/api/vortex', vortexRouter(options));
  return app;
}

async function listen(app: Express) {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
