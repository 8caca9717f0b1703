/** Where Express's own parsers can stand, and what handlers are given. */

import { send } from '@vortex/conformance';
import type { WebhookEventOf } from '@vortex/core';
import { signWebhook } from '@vortex/core/testing';
import { vortexWebhook } from '@vortex/express';
import express, { type Express, type Request } from 'express';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { listen, version } from './server.ts';

const SECRET = 'whsec_made_up';
const body = '{ "id": "e-1", "type":"invitation.accepted","data":{"targetEmail":"o\\u0027brien@example.com"}}';

const open: Awaited<ReturnType<typeof listen>>[] = [];
let errors: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((server) => server.close()));
});
const deliver = async (app: Express, path = '/webhooks/vortex', type = 'application/json') => {
  const server = await listen(app);
  open.push(server);
  const headers = { 'content-type': type, 'x-vortex-signature': await signWebhook(body, SECRET) };
  return send(server.url, 'POST', path, { body, headers });
};

describe(`webhooks on ${version}`, () => {
  test.each<[string, (app: Express) => void]>([
    ['nothing', () => {}],
    ['express.raw()', (app) => app.use(express.raw({ type: () => true }))],
    ['express.text()', (app) => app.use(express.text({ type: () => true }))],
    ['express.urlencoded(), which does not look', (app) => app.use(express.urlencoded({ extended: false }))],
    [
      'express.json() that keeps the raw body',
      (app) => app.use(express.json({ verify: (req, _res, bytes) => Object.assign(req, { rawBody: bytes }) })),
    ],
  ])('arrive behind %s', async (_, before) => {
    const app = express();
    before(app);
    const seen: unknown[] = [];
    const on = {
      'invitation.accepted': (event: WebhookEventOf<'invitation.accepted'>) => void seen.push(event.data.targetEmail),
    };
    app.post('/webhooks/vortex', vortexWebhook({ secret: SECRET, on }));
    expect((await deliver(app)).json).toEqual({ received: true });
    expect(seen).toEqual(["o'brien@example.com"]);
  });

  test.each<[string, (app: Express) => void]>([
    ['express.json()', (app) => app.use(express.json())],
    ['a parser of the route', (app) => app.post('/webhooks/vortex', express.json())],
    [
      'somebody who reads the stream',
      (app) =>
        app.use((request, _, next) => {
          request.resume().once('end', () => next());
        }),
    ],
  ])('behind %s there is nothing to verify: 500, saying what to change', async (_, before) => {
    const app = express();
    before(app);
    const onEvent = vi.fn();
    app.post('/webhooks/vortex', vortexWebhook({ secret: SECRET, onEvent }));
    const reply = await deliver(app);
    expect([reply.status, reply.json.code]).toEqual([500, 'RAW_BODY_REQUIRED']);
    expect(reply.json.error).toMatch(/body parser.*Mount the webhook first.*rawBody/u);
    expect(errors).toHaveBeenCalledOnce();
    expect(onEvent).not.toHaveBeenCalled();
  });

  test('stand at the route that they are given, and leave its other methods to the host', async () => {
    const app = express();
    app.post(
      '/hooks/:tenant',
      vortexWebhook({ secret: SECRET, onEvent: (_, request) => expectTypeOf(request).toEqualTypeOf<Request>() }),
    );
    app.use((_, response) => response.status(404).send('the host’s 404'));
    expect((await deliver(app, '/hooks/t-1')).status).toBe(200);
    const [server] = open;
    expect((await send(server?.url ?? '', 'GET', '/hooks/t-1')).text).toBe('the host’s 404');
  });

  test('handlers see the request', async () => {
    const app = express();
    const seen: unknown[] = [];
    app.post(
      '/hooks/:tenant',
      vortexWebhook({ secret: SECRET, onEvent: (event, request) => void seen.push(event.id, request.params.tenant) }),
    );
    await deliver(app, '/hooks/t-1');
    expect(seen).toEqual(['e-1', 't-1']);
  });
});
