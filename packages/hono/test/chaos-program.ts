import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { chaosOptions, chaosWebhook, drain, runChaosProgram } from '@vortex/conformance/chaos-program';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';

await runChaosProgram(async (redis, port) => {
  const options = chaosOptions<Context>((c, name) => c.req.header(name));
  const app = new Hono().route('/api/vortex', vortexApp(options));
  const webhook = vortexWebhook(chaosWebhook<Context>(redis));
  app.post('/webhooks/vortex', webhook);

  const server = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server));
  });
  const stop = drain(server);
  const close = async () => {
    await stop();
    await webhook.idle();
  };
  return { server, close };
});
