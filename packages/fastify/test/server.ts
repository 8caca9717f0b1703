import { conformanceOptions, type ServerSettings, webhookOptions } from '@vortex/conformance/application';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify, { type FastifyRequest } from 'fastify';

export async function start(settings: ServerSettings) {
  // Logs to the console, where the suite looks for secrets.
  const stream = { write: (line: string) => console.warn(line) };
  const app = fastify({ logger: { level: 'warn', stream } });
  const options = conformanceOptions<FastifyRequest>(settings, (request, name) => request.headers[name]?.toString());
  await app.register(vortexPlugin(options), { prefix: '/api/vortex' });
  await app.register(vortexPlugin(options), { prefix: '/of/:scope/:invitationId' });
  if (settings.webhook) {
    await app.register(vortexWebhookPlugin(webhookOptions(settings.webhook)), { prefix: '/webhooks/vortex' });
  }
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
}
