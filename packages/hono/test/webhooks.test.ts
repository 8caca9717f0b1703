/** Webhooks on Hono: middleware that reads the body first, bindings, and work that continues after the reply. */

import { transactionalStore } from '@vortex/core/sql';
import { signWebhook } from '@vortex/core/testing';
import { vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { afterEach, beforeEach, expect, expectTypeOf, test, vi } from 'vitest';

const SECRET = 'whsec_made_up';
const body = '{ "id": "e-1", "type":"invitation.accepted","data":{}}';
const request = async () => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json', 'x-vortex-signature': await signWebhook(body, SECRET) },
});

/** Delivers a webhook to an application whose middleware reads the body in some way before. */
async function deliverBehind(read: (c: Context) => unknown, onEvent: () => void): Promise<Response> {
  const app = new Hono();
  app.use(async (c, next) => {
    await read(c);
    await next();
  });
  app.post('/webhooks', vortexWebhook({ secret: SECRET, onEvent }));
  return app.request('/webhooks', await request());
}

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

test.each<[string, (c: Context) => unknown]>([
  ['reads nothing', () => {}],
  ['reads JSON through c.req', (c) => c.req.json()],
  ['reads text through c.req', (c) => c.req.text()],
  ['reads bytes through c.req', (c) => c.req.arrayBuffer()],
  ['calls parseBody, which reads no JSON', (c) => c.req.parseBody()],
])('a webhook behind middleware that %s is handled', async (_, read) => {
  const onEvent = vi.fn();
  const reply = await deliverBehind(read, onEvent);
  expect(await reply.json()).toEqual({ received: true });
  expect(onEvent).toHaveBeenCalledOnce();
});

test.each<[string, (c: Context) => unknown]>([
  ['reads through c.req.raw, which does not cache the body', (c) => c.req.raw.text()],
  ['holds a reader of c.req.raw', (c) => c.req.raw.body?.getReader()],
  ['reads form data, which fails after the body was read', (c) => expect(c.req.formData()).rejects.toThrow()],
])('a webhook behind middleware that %s is answered with 500 BODY_CONSUMED', async (_, read) => {
  const onEvent = vi.fn();
  const reply = await deliverBehind(read, onEvent);
  expect([reply.status, await reply.json()]).toMatchObject([500, { code: 'BODY_CONSUMED' }]);
  expect(onEvent).not.toHaveBeenCalled();
});

test('a handler gets the event and the context with its bindings', async () => {
  interface AppEnv {
    Bindings: { DB: string };
  }
  const seen: unknown[] = [];
  const app = new Hono<AppEnv>();
  app.post(
    '/webhooks',
    vortexWebhook<AppEnv>({
      secret: SECRET,
      on: {
        'invitation.accepted': (event, c) => {
          expectTypeOf(c.env.DB).toEqualTypeOf<string>();
          seen.push(event.type, c.env.DB);
        },
      },
    }),
  );
  await app.request('/webhooks', await request(), { DB: 'd1' });
  expect(seen).toEqual(['invitation.accepted', 'd1']);
});

test('a handler that continues after the reply is given to waitUntil', async () => {
  let finish = () => {};
  const done = vi.fn();
  const onEvent = () =>
    new Promise<void>((resolve) => {
      finish = resolve;
    }).then(done);
  const app = new Hono().post('/webhooks', vortexWebhook({ secret: SECRET, answerWithin: 20, onEvent }));
  const work: Promise<unknown>[] = [];
  const context = {
    waitUntil: (promise: Promise<unknown>) => void work.push(promise),
    passThroughOnException() {},
    props: {},
  };
  expect((await app.request('/webhooks', await request(), {}, context)).status).toBe(503);
  expect(done).not.toHaveBeenCalled();
  expect(work).toHaveLength(1);
  finish();
  await Promise.all(work);
  expect(done).toHaveBeenCalledOnce();
  expect((await app.request('/webhooks', await request(), {}, context)).status).toBe(200);
  expect(done).toHaveBeenCalledOnce();
});

test('the secret can be a binding, and an event is handled once for all requests', async () => {
  const onEvent = vi.fn();
  const app = new Hono<{ Bindings: { SECRET: string } }>();
  app.post('/webhooks', vortexWebhook<{ Bindings: { SECRET: string } }>({ secret: (c) => c.env.SECRET, onEvent }));
  for (const [env, status] of [
    [{ SECRET }, 200],
    [{ SECRET }, 200],
    [{ SECRET: 'another' }, 401],
    [{ SECRET: '' }, 500],
  ] as const) {
    expect((await app.request('/webhooks', await request(), env)).status).toBe(status);
  }
  expect(onEvent).toHaveBeenCalledOnce();
});

test('the handlers of a webhook get the transaction of a transactional store as third argument', () => {
  interface Transaction {
    insert(id: string): Promise<boolean>;
  }
  interface AppEnv {
    Bindings: { SECRET: string };
  }
  const begin = <Result>(run: (tx: Transaction) => Promise<Result>) => run({ insert: async () => true });
  const mount = () =>
    vortexWebhook({
      secret: (c: Context<AppEnv>) => c.env.SECRET,
      store: transactionalStore({ transaction: (work) => begin(work), mark: (tx, id) => tx.insert(id) }),
      on: {
        'group.member.added': async (event, context, tx) => {
          expectTypeOf(event.type).toEqualTypeOf<'group.member.added'>();
          expectTypeOf(context).toEqualTypeOf<Context<AppEnv>>();
          expectTypeOf(tx).toEqualTypeOf<Transaction>();
        },
      },
      onEvent: (_event, _context, tx) => tx.insert(''),
    });
  expectTypeOf(mount).toBeFunction();
});
