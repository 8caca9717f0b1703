import { createServer } from 'node:http';
import { chaosOptions, chaosWebhook, drain, runChaosProgram } from '@vortex/conformance/chaos-program';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express, { type Request } from 'express';

await runChaosProgram(async (redis, port) => {
  const app = express();
  app.use('/api/vortex', vortexRouter(chaosOptions<Request>((request, name) => request.get(name))));
  const webhook = vortexWebhook(chaosWebhook<Request>(redis));
  app.post('/webhooks/vortex', webhook);

  const server = createServer(app);
  const stop = drain(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async () => {
    await stop();
    await webhook.idle();
  };
  return { server, close };
});
