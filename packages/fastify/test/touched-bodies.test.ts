/** Bodies that a platform, a listener or a hook of the host has touched before the plugin. */
import { setImmediate } from 'node:timers/promises';
import { defineTouchedBodies, onPlatforms, type StartTouched, type TouchedMounts } from '@vortex/conformance';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';

async function app({ routes, webhooks }: TouchedMounts, before: (host: FastifyInstance) => void = () => {}) {
  const host = fastify();
  onTestFinished(() => host.close());
  before(host);
  await host.register(vortexPlugin(routes), { prefix: '/api/vortex' });
  await host.register(vortexWebhookPlugin(webhooks), { prefix: '/webhooks/vortex' });
  return host;
}

const behind =
  (before: (host: FastifyInstance) => void): StartTouched =>
  async (mounts) =>
    (await app(mounts, before)).listen({ port: 0, host: '127.0.0.1' });

defineTouchedBodies([
  ...onPlatforms(async (mounts) => {
    const host = await app(mounts);
    await host.ready();
    return (request, response) => host.routing(request, response);
  }),
  [
    'a hook has read and left as rawBody',
    200,
    200,
    behind((host) =>
      host.addHook('onRequest', async (request) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request.raw) chunks.push(chunk);
        Object.assign(request, { rawBody: Buffer.concat(chunks) });
      }),
    ),
  ],
  [
    'a listener reads as well, in front of a hook that waits',
    200,
    200,
    behind((host) => {
      host.addHook('onRequest', (request, _reply, done) => {
        request.raw.on('data', () => {});
        done();
      });
      host.addHook('preHandler', async () => {
        for (let turns = 0; turns < 5; turns += 1) await setImmediate();
      });
    }),
  ],
]);
