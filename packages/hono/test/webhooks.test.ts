/** What is Hono's own: who may read the body before, and where work goes that outlasts the answer. */

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

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

test.each<[string, (c: Context) => unknown, number]>([
  ['reads nothing', () => {}, 200],
  ['reads JSON through c.req', (c) => c.req.json(), 200],
  ['reads text through c.req', (c) => c.req.text(), 200],
  ['reads bytes through c.req', (c) => c.req.arrayBuffer(), 200],
  ['reads through c.req.raw, which keeps nothing', (c) => c.req.raw.text(), 500],
  ['holds a reader of c.req.raw', (c) => c.req.raw.body?.getReader(), 500],
  ['reads a form', (c) => c.req.parseBody().catch(() => {}), 200],
  ['reads form data', (c) => c.req.formData().catch(() => {}), 500],
])('a middleware that %s', async (_, read, status) => {
  const app = new Hono();
  app.use(async (c, next) => {
    await read(c);
    await next();
  });
  app.post('/webhooks', vortexWebhook({ secret: SECRET, onEvent: () => {} }));
  const reply = await app.request('/webhooks', await request());
  expect(reply.status).toBe(status);
  if (status === 500) expect(await reply.json()).toMatchObject({ code: 'RAW_BODY_REQUIRED' });
});

test('handlers have the bindings of the application', async () => {
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

test('what outlasts the answer is given to waitUntil', async () => {
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

test('the secret may be a binding, and what is handled stays handled', async () => {
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
