/** Webhooks behind the parsers of Express, and the arguments of their handlers. */
import { gzipSync } from 'node:zlib';
import { send } from '@vortex/conformance';
import type { WebhookEventOf } from '@vortex/core';
import { signWebhook } from '@vortex/core/testing';
import { vortexWebhook } from '@vortex/express';
import express, { type Express, type Request } from 'express';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { serve } from './serve.ts';
import { version } from './server.ts';

const SECRET = 'whsec_made_up';
const body = '{ "id": "e-1", "type":"invitation.accepted","data":{"targetEmail":"o\\u0027brien@example.com"}}';

let errors: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());
const deliver = async (url: string, path = '/webhooks/vortex') => {
  const headers = { 'content-type': 'application/json', 'x-vortex-signature': await signWebhook(body, SECRET) };
  return send(url, 'POST', path, { body, headers });
};

describe(`webhooks on ${version}`, () => {
  test.each<[string, (app: Express) => void]>([
    ['no parser', () => {}],
    ['express.raw()', (app) => app.use(express.raw({ type: () => true }))],
    ['express.text()', (app) => app.use(express.text({ type: () => true }))],
    ['express.urlencoded(), which ignores JSON', (app) => app.use(express.urlencoded({ extended: false }))],
    [
      'express.json() that keeps the raw body',
      (app) => app.use(express.json({ verify: (req, _res, bytes) => Object.assign(req, { rawBody: bytes }) })),
    ],
  ])('a webhook is handled behind %s', async (_, before) => {
    const app = express();
    before(app);
    const seen: unknown[] = [];
    const on = {
      'invitation.accepted': (event: WebhookEventOf<'invitation.accepted'>) => void seen.push(event.data.targetEmail),
    };
    app.post('/webhooks/vortex', vortexWebhook({ secret: SECRET, on }));
    expect((await deliver(await serve(app))).json).toEqual({ received: true });
    expect(seen).toEqual(["o'brien@example.com"]);
  });

  test.each<[string, string, (app: Express) => void]>([
    ['express.json()', 'RAW_BODY_REQUIRED', (app) => app.use(express.json())],
    ['a parser of the route', 'RAW_BODY_REQUIRED', (app) => app.post('/webhooks/vortex', express.json())],
    [
      'middleware that reads the stream',
      'BODY_CONSUMED',
      (app) =>
        app.use((request, _, next) => {
          request.resume().once('end', () => next());
        }),
    ],
  ])('a webhook behind %s is answered with 500 %s, and no handler runs', async (_, code, before) => {
    const app = express();
    before(app);
    const onEvent = vi.fn();
    app.post('/webhooks/vortex', vortexWebhook({ secret: SECRET, onEvent }));
    const reply = await deliver(await serve(app));
    expect([reply.status, reply.json]).toEqual([500, { code, error: expect.not.stringContaining('rawBody') }]);
    expect(errors.mock.calls[0]).toEqual([expect.stringContaining('rawBody'), expect.anything()]);
    expect(errors).toHaveBeenCalledOnce();
    expect(onEvent).not.toHaveBeenCalled();
  });

  test('other methods of the route of a webhook are left to the host', async () => {
    const app = express();
    app.post(
      '/hooks/:tenant',
      vortexWebhook({ secret: SECRET, onEvent: (_, request) => expectTypeOf(request).toEqualTypeOf<Request>() }),
    );
    app.use((_, response) => response.status(404).send('the host’s 404'));
    const url = await serve(app);
    expect((await deliver(url, '/hooks/t-1')).status).toBe(200);
    expect((await send(url, 'GET', '/hooks/t-1')).text).toBe('the host’s 404');
  });

  test('a webhook whose gzip holds nothing is refused for its signature, and is no error in the log', async () => {
    const keeping = express.json({ verify: (req, _res, rawBody) => Object.assign(req, { rawBody }) });
    const url = await serve(
      express()
        .use(keeping)
        .post('/webhooks/vortex', vortexWebhook({ secret: SECRET, onEvent() {} })),
    );
    const headers = {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'x-vortex-signature': await signWebhook(body, SECRET),
    };
    const reply = await fetch(`${url}/webhooks/vortex`, { method: 'POST', headers, body: gzipSync('') });
    expect(reply.status).toBe(401);
    expect(errors).not.toHaveBeenCalled();
  });

  test('a webhook behind a parser names what keeps the bytes on Express, in the log alone', async () => {
    const app = express();
    app.use(express.json());
    app.post('/hooks/x', vortexWebhook({ secret: SECRET, onEvent() {} }));
    const reply = await deliver(await serve(app), '/hooks/x');
    expect([reply.status, reply.json]).toMatchObject([500, { code: 'RAW_BODY_REQUIRED' }]);
    expect(reply.json.error).not.toMatch(/rawBody|express/u);
    expect(errors.mock.calls).toMatchObject([[expect.stringContaining('express.json({ verify:'), expect.anything()]]);
  });

  test('a handler gets the event and the request', async () => {
    const app = express();
    const seen: unknown[] = [];
    app.post(
      '/hooks/:tenant',
      vortexWebhook({ secret: SECRET, onEvent: (event, request) => void seen.push(event.id, request.params.tenant) }),
    );
    await deliver(await serve(app), '/hooks/t-1');
    expect(seen).toEqual(['e-1', 't-1']);
  });

  test('a webhook of an unknown tenant is answered with 401, and given to onError and not to the log', async () => {
    const app = express();
    const failures: unknown[] = [];
    app.post(
      '/hooks/:tenant',
      vortexWebhook({
        secret: (request: Request) => (request.params.tenant === 't-1' ? SECRET : undefined),
        onEvent: () => {},
        onError: ({ error }, request) => void failures.push([(error as Error).name, request.params.tenant]),
      }),
    );
    const url = await serve(app);
    expect((await deliver(url, '/hooks/t-1')).status).toBe(200);
    const reply = await deliver(url, '/hooks/t-2');
    expect([reply.status, reply.json]).toMatchObject([401, { code: 'INVALID_SIGNATURE' }]);
    expect(errors).not.toHaveBeenCalled();
    expect(failures).toEqual([['VortexWebhookSignatureError', 't-2']]);
  });
});
