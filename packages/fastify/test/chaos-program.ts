import { chaosOptions, chaosWebhook, drain, runChaosProgram } from '@vortex/conformance/chaos-program';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify, { type FastifyRequest } from 'fastify';

await runChaosProgram(async (redis, port) => {
  const app = fastify({ return503OnClosing: false });
  const options = chaosOptions<FastifyRequest>((request, name) => request.headers[name]?.toString());
  await app.register(vortexPlugin(options), { prefix: '/api/vortex' });
  await app.register(vortexWebhookPlugin(chaosWebhook(redis)), { prefix: '/webhooks/vortex' });

  const close = drain(app.server, () => app.close());
  await app.listen({ host: '127.0.0.1', port });
  return { server: app.server, close };
});
