import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { conformanceOptions, type ServerSettings, webhookOptions } from '@vortex/conformance/application';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express, { type Express, type Request } from 'express';

/** The version under test: a project of `vitest.workspace.ts` gives `express` another package. */
export const version = 'lazyrouter' in express.application ? 'Express 4' : 'Express 5';

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

export function start(settings: ServerSettings) {
  const app = express();
  const options = conformanceOptions<Request>(settings, (request, header) => request.get(header));
  app.use(['/api/vortex', '/of/:scope/:invitationId'], vortexRouter(options));
  if (settings.webhook) app.all('/webhooks/vortex', vortexWebhook(webhookOptions(settings.webhook)));
  return listen(app);
}
