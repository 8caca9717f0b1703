import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { conformanceOptions, type ServerSettings } from '@vortex/conformance/application';
import { vortexRouter } from '@vortex/express';
import express5, { type Express, type Request } from 'express';

// Its types would be those of Express 5 under another name: the router is typed for both.
const express4: typeof express5 = createRequire(import.meta.url)('express4');

export const versions = { 'Express 5': express5, 'Express 4': express4 };
export type Version = keyof typeof versions;

export async function listen(app: Express) {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function start(version: Version, settings: ServerSettings) {
  const app = versions[version]();
  const options = conformanceOptions<Request>(settings, (request, header) => request.get(header));
  app.use(['/api/vortex', '/of/:scope/:invitationId'], vortexRouter(options));
  return listen(app);
}
