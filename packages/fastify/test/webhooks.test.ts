/** Webhooks on Fastify: the plugin has its own parser, and the host keeps its parsers. */

import { send } from '@vortex/conformance';
import { transactionalStore } from '@vortex/core/sql';
import { signWebhook } from '@vortex/core/testing';

import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { expect, expectTypeOf, onTestFinished, test } from 'vitest';

const SECRET = 'whsec_made_up';
const body = '{ "id": "e-1", "type":"invitation.accepted","data":{}}';

/** Serves an application until the test has ended, and returns its origin. */
async function serve(host: FastifyInstance): Promise<string> {
  onTestFinished(() => host.close());
  return host.listen({ host: '127.0.0.1', port: 0 });
}

test('a webhook is verified over its raw bytes, and the parsers of the host stay as they are', async () => {
  const host = fastify();
  const seen: unknown[] = [];
  host.removeContentTypeParser('application/json');
  host.addContentTypeParser('application/json', { parseAs: 'string' }, (_, text, done) => done(null, `own: ${text}`));
  await host.register(
    vortexWebhookPlugin({
      secret: SECRET,
      onEvent: (event, request) => {
        expectTypeOf(request).toEqualTypeOf<FastifyRequest>();
        seen.push(event.id, request.routeOptions.url);
      },
    }),
    { prefix: '/webhooks/vortex' },
  );
  const options = { apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.a', authenticateUser: () => null, authorizeOperation: {} };
  await host.register(vortexPlugin(options), { prefix: '/api/vortex' });
  host.post('/own', async (request) => ({ body: request.body }));
  const url = await serve(host);
  const headers = { 'content-type': 'application/json', 'x-vortex-signature': await signWebhook(body, SECRET) };
  expect((await send(url, 'POST', '/webhooks/vortex', { body, headers })).json).toEqual({ received: true });
  expect(seen).toEqual(['e-1', '/webhooks/vortex']);
  expect((await send(url, 'POST', '/own', { json: 1 })).json).toEqual({ body: 'own: 1' });
  const typeless = { 'x-vortex-signature': headers['x-vortex-signature'] };
  expect((await send(url, 'POST', '/webhooks/vortex', { body, headers: typeless })).status).toBe(200);
});

test.each([
  [200, 'keeps its bytes as rawBody', true],
  [500, 'keeps nothing', false],
])('a webhook is answered with %i if a hook of the host reads its body and %s', async (status, _, keeps) => {
  const host = fastify();
  host.addHook('onRequest', async (request) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request.raw) chunks.push(chunk);
    if (keeps) Object.assign(request, { rawBody: Buffer.concat(chunks) });
  });
  await host.register(vortexWebhookPlugin({ secret: SECRET, onEvent: () => {} }), { prefix: '/webhooks/vortex' });
  const url = await serve(host);
  const headers = { 'content-type': 'application/json', 'x-vortex-signature': await signWebhook(body, SECRET) };
  const reply = await send(url, 'POST', '/webhooks/vortex', { body, headers });
  expect([reply.status, reply.json.code]).toEqual([status, keeps ? undefined : 'BODY_CONSUMED']);
});

test('app.close() waits for a webhook handler that goes on after its reply', async () => {
  const host = fastify();
  const order: string[] = [];
  // Registered first and called last, as where an application closes its database.
  host.addHook('onClose', async () => {
    order.push('closed');
  });
  let closing = false;
  const options = {
    secret: SECRET,
    answerWithin: 100,
    onEvent: async () => {
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      while (!closing) await turn();
      for (let turns = 0; turns < 1000 && order.length === 0; turns += 1) await turn();
      order.push('handled');
    },
  };
  await host.register(vortexWebhookPlugin(options), { prefix: '/webhooks/vortex' });
  const url = await serve(host);
  const headers = { 'content-type': 'application/json', 'x-vortex-signature': await signWebhook(body, SECRET) };
  expect((await send(url, 'POST', '/webhooks/vortex', { body, headers })).status).toBe(503);
  closing = true;
  await host.close();
  expect(order).toEqual(['handled', 'closed']);
});

test('the handlers of a webhook get the transaction of a transactional store as third argument', () => {
  interface Transaction {
    insert(id: string): Promise<boolean>;
  }
  const begin = <Result>(run: (tx: Transaction) => Promise<Result>) => run({ insert: async () => true });
  const mount = () =>
    vortexWebhookPlugin({
      secret: 's',
      store: transactionalStore({ transaction: (work) => begin(work), mark: (tx, id) => tx.insert(id) }),
      on: {
        'group.member.added': async (event, context, tx) => {
          expectTypeOf(event.type).toEqualTypeOf<'group.member.added'>();
          expectTypeOf(context).toEqualTypeOf<FastifyRequest>();
          expectTypeOf(tx).toEqualTypeOf<Transaction>();
        },
      },
      onEvent: (_event, _context, tx) => tx.insert(''),
    });
  expectTypeOf(mount).toBeFunction();
});

test.each([
  [
    'vortexPlugin',
    vortexPlugin({ apiKey: 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.a', authenticateUser: () => null, authorizeOperation: {} }),
  ],
  ['vortexWebhookPlugin', vortexWebhookPlugin({ secret: SECRET, onEvent: () => {} })],
])('%s as the handler of a route throws an error that says how to register it', async (name, plugin) => {
  const host = fastify();
  const errors: Error[] = [];
  host.setErrorHandler((error: Error, _, reply) => {
    errors.push(error);
    return reply.code(500).send();
  });
  host.post('/webhooks/vortex', plugin as never);
  expect((await host.inject({ method: 'POST', url: '/webhooks/vortex' })).statusCode).toBe(500);
  expect(errors).toMatchObject([
    { code: 'CONFIG', message: expect.stringContaining(`Register it: app.register(${name}(`) },
  ]);
});
