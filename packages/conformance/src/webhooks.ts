/** What every adapter does with a webhook, on every runtime. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signWebhook } from '@vortex/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ServerSettings, WebhookSettings } from './application.js';
import { type Received, send } from './http.js';
import type { Server } from './server.js';

export const WEBHOOK_SECRET = 'whsec_made_up_secret_123';
const PATH = '/webhooks/vortex';

/** The handlers of the application under test call here, wherever they run, and do as they are told. */
export async function startRecorder() {
  const calls: string[] = [];
  let behave: (call: string) => Promise<unknown> | unknown = () => {};
  const server = createServer(async (request, response) => {
    const call = decodeURIComponent(request.url?.slice(1) ?? '');
    calls.push(call);
    response.end(JSON.stringify((await behave(call)) ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** `handler event-id`, in order. */
    calls,
    /** What a handler is to do: `{ throw: true }`, or wait until the promise is settled. */
    behave: (how: typeof behave) => {
      behave = how;
    },
    reset: () => {
      calls.length = 0;
      behave = () => {};
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

export function defineWebhooks(
  server: (settings: Partial<ServerSettings>) => Promise<Server>,
  seen: (reply: Received) => void,
): void {
  describe('webhooks', () => {
    let recorder: Awaited<ReturnType<typeof startRecorder>>;
    beforeAll(async () => {
      recorder = await startRecorder();
    });
    beforeEach(() => recorder.reset());
    afterAll(() => recorder.close());

    let count = 0;
    const newEvent = (fields: object = {}) => {
      count += 1;
      return {
        id: `e-${count}`,
        type: 'invitation.accepted',
        timestamp: new Date().toISOString(),
        data: {},
        ...fields,
      };
    };
    const post = async (
      body: string | Uint8Array,
      headers: Record<string, string | string[]>,
      settings: Partial<WebhookSettings> = {},
      method = 'POST',
    ) => {
      const webhook = { secret: WEBHOOK_SECRET, recorder: recorder.url, ...settings };
      const reply = await send((await server({ webhook })).url, method, PATH, {
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
      seen(reply);
      expect(reply.headers['cache-control']).toBe('no-store');
      return reply;
    };
    /** Signed as Vortex would. */
    const deliver = async (event: unknown, settings: Partial<WebhookSettings> = {}, secret = WEBHOOK_SECRET) => {
      const body = typeof event === 'string' || event instanceof Uint8Array ? event : JSON.stringify(event);
      return post(body, { 'x-vortex-signature': await signWebhook(body, secret) }, settings);
    };
    const expectDone = (reply: Received) => {
      expect(reply.json, reply.text).toEqual({ received: true });
      expect(reply.status).toBe(200);
      expect(reply.headers['content-type']).toMatch(/^application\/json/u);
    };
    const expectFailure = (reply: Received, status: number, code: string) => {
      expect(reply.json, reply.text).toMatchObject({ code, error: expect.stringMatching(/\S/u) });
      expect(reply.status).toBe(status);
    };
    const expectRefusal = (reply: Received, status: number, code: string, told: string[] = []) => {
      expectFailure(reply, status, code);
      expect(recorder.calls).toEqual(told);
    };
    const expectToComeBack = (reply: Received, code: string) => {
      expectFailure(reply, 503, code);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    };

    test('reach the handler of their type, and then the one for all', async () => {
      const event = newEvent();
      expectDone(await deliver(event));
      expect(recorder.calls).toEqual([`on ${event.id}`, `onEvent ${event.id}`]);
    });

    test.each<[string, object, string]>([
      ['of a type that nobody knows', { type: 'something.new' }, 'onEvent'],
      ['of a type that every object has', { type: 'toString' }, 'onEvent'],
      ['of a type that is no text', { type: 7 }, 'onEvent'],
      ['with a name, and so about analytics', { name: 'widget_loaded' }, 'onAnalyticsEvent'],
    ])('%s reach no other', async (_, fields, handler) => {
      const event = newEvent(fields);
      expectDone(await deliver(event));
      expect(recorder.calls).toEqual([`${handler} ${event.id}`]);
    });

    test.each(['{}', '{"id":"x"}', 'null', '[]', '["type"]', '"type"', '1', 'true'])(
      '%s is signed and no event: ignored',
      async (body) => {
        expectDone(await deliver(body));
        expect(recorder.calls).toEqual([]);
      },
    );

    test('are verified over the bytes, however they are written', async () => {
      const { id } = newEvent();
      const ugly = `\r\n {"type" :"invitation.\\u0061ccepted","type":"invitation.accepted", "n":1.0e2,"id":"${id}",\t"z":"é\u2028🚀" }\n`;
      expectDone(await deliver(ugly));
      expect(recorder.calls).toEqual([`on ${id}`, `onEvent ${id}`]);
    });

    describe('that are not believed', () => {
      const sign = (body: string) => signWebhook(body, WEBHOOK_SECRET);
      const toBase64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
      test.each<[string, (body: string) => string | Promise<string>]>([
        ['an empty signature', () => ''],
        ['one digit less', async (body) => (await sign(body)).slice(1)],
        ['one digit more', async (body) => `${await sign(body)}0`],
        ['in base64', async (body) => toBase64(await sign(body))],
        ['in upper case', async (body) => (await sign(body)).toUpperCase()],
        ['with a prefix', async (body) => `sha256=${await sign(body)}`],
        ['by another secret', (body) => signWebhook(body, 'another')],
        ['of another body', (body) => sign(`${body} `)],
        ['of nothing', () => sign('')],
        ['of 64 zeros', () => '0'.repeat(64)],
      ])('%s: 401', async (_, signature) => {
        const body = JSON.stringify(newEvent());
        const value = await signature(body);
        expectRefusal(
          await post(body, { 'x-vortex-signature': value }),
          401,
          'INVALID_SIGNATURE',
          value === '' ? [] : ['onError VortexWebhookSignatureError'],
        );
      });

      test('no signature at all: 401', async () => {
        expectRefusal(await post(JSON.stringify(newEvent()), {}), 401, 'INVALID_SIGNATURE');
      });

      test('one flipped bit, anywhere: 401', async () => {
        const body = Buffer.from(JSON.stringify(newEvent()));
        const signature = await signWebhook(body, WEBHOOK_SECRET);
        for (const index of [0, body.length >> 1, body.length - 1]) {
          const flipped = Uint8Array.from(body, (byte, at) => (at === index ? byte ^ 1 : byte));
          expectFailure(await post(flipped, { 'x-vortex-signature': signature }), 401, 'INVALID_SIGNATURE');
        }
        expect(recorder.calls).toEqual(Array(3).fill('onError VortexWebhookSignatureError'));
      });

      test('two signatures: 400', async () => {
        const body = JSON.stringify(newEvent());
        const signature = await sign(body);
        expectRefusal(await post(body, { 'x-vortex-signature': `${signature}, ${signature}` }), 400, 'INVALID_REQUEST');
        expectRefusal(await post(body, { 'x-vortex-signature': [signature, signature] }), 400, 'INVALID_REQUEST');
      });

      test.each<[string, string | Uint8Array]>([
        ['broken JSON', '{"id":"e-1",'],
        ['nothing', ''],
        ['a byte order mark in front', `\ufeff${JSON.stringify({ type: 'x' })}`],
        ['bytes that are no UTF-8', Uint8Array.of(0xff, 0xfe, 0x7b, 0x7d, 0x80)],
      ])('%s, well signed: 400', async (_, body) => {
        expectRefusal(await deliver(body), 400, 'INVALID_REQUEST');
      });

      test('over 1 MB: 413, before anything is computed', async () => {
        const body = JSON.stringify(newEvent({ padding: 'x'.repeat(1024 * 1024) }));
        expectRefusal(await post(body, { 'x-vortex-signature': 'wrong' }), 413, 'PAYLOAD_TOO_LARGE');
        const chunked = { 'x-vortex-signature': 'wrong', 'transfer-encoding': 'chunked' };
        expectRefusal(await post(body, chunked), 413, 'PAYLOAD_TOO_LARGE');
      });

      test('too old, or from the future, where the application minds: 400', async () => {
        const at = (ms: number) => newEvent({ timestamp: new Date(Date.now() + ms).toISOString() });
        for (const ms of [-120_000, 120_000]) {
          expectRefusal(await deliver(at(ms), { tolerance: 60_000 }), 400, 'STALE_EVENT');
        }
        expectDone(await deliver(at(0), { tolerance: 60_000 }));
      });

      test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s: 405', async (method) => {
        const reply = await post('', {}, {}, method);
        expectRefusal(reply, 405, 'METHOD_NOT_ALLOWED');
        expect(reply.headers.allow).toBe('POST');
      });
    });

    test('are accepted by either secret while it is replaced', async () => {
      const settings = { secret: ['new', 'old'] };
      for (const secret of settings.secret) expectDone(await deliver(newEvent(), settings, secret));
      expectFailure(await deliver(newEvent(), settings, WEBHOOK_SECRET), 401, 'INVALID_SIGNATURE');
    });

    describe('once', () => {
      const runs = (id: string) => recorder.calls.filter((call) => call === `on ${id}`).length;

      test('a thousand replays have no effect', async () => {
        const event = newEvent();
        expectDone(await deliver(event));
        const body = JSON.stringify(event);
        const headers = { 'x-vortex-signature': await signWebhook(body, WEBHOOK_SECRET) };
        for (let round = 0; round < 20; round += 1) {
          const replies = await Promise.all(Array.from({ length: 50 }, () => post(body, headers)));
          for (const reply of replies) expectDone(reply);
        }
        expect(recorder.calls).toEqual([`on ${event.id}`, `onEvent ${event.id}`]);
      });

      test('fifty at a time: one runs, the others are told to come back, and then that it is done', async () => {
        const event = newEvent();
        let finish = () => {};
        recorder.behave(
          () =>
            new Promise<void>((resolve) => {
              finish = resolve;
            }),
        );
        const first = deliver(event);
        await expect.poll(() => runs(event.id)).toBe(1);
        const others = await Promise.all(Array.from({ length: 49 }, () => deliver(event)));
        for (const reply of others) expectToComeBack(reply, 'EVENT_IN_FLIGHT');
        recorder.behave(() => {});
        finish();
        expectDone(await first);
        for (let again = 0; again < 10; again += 1) expectDone(await deliver(event));
        expect(runs(event.id)).toBe(1);
      });

      test('what is another event is handled, though it has the same id', async () => {
        const { id } = newEvent();
        const fields = { id, type: 'invitation.accepted' };
        expectDone(await deliver(newEvent(fields)));
        expectDone(await deliver(newEvent({ ...fields, name: 'widget_loaded' })));
        expect(recorder.calls.at(-1)).toBe(`onAnalyticsEvent ${id}`);
      });

      test.each<[string, unknown]>([
        ['no id', undefined],
        ['an empty id', ''],
        ['an id that is a number', 1],
        ['an endless id', 'x'.repeat(5000)],
      ])('an event with %s goes by its bytes', async (_, id) => {
        const event = newEvent({ id, data: { n: count } });
        for (let again = 0; again < 3; again += 1) expectDone(await deliver(event));
        expectDone(await deliver({ ...event, data: {} }));
        expect(recorder.calls.filter((call) => call.startsWith('on '))).toHaveLength(2);
      });

      test('a handler that throws has its event again', async () => {
        const event = newEvent();
        recorder.behave((call) => ({ throw: call.startsWith('on ') }));
        const failed = await deliver(event);
        expectFailure(failed, 500, 'INTERNAL');
        expect(failed.text).not.toContain('told to');
        expect(recorder.calls).toEqual([`on ${event.id}`, 'onError told to throw']);
        recorder.behave(() => {});
        expectDone(await deliver(event));
        expectDone(await deliver(event));
        expect(runs(event.id)).toBe(2);
      });

      test('the same where the one for all events throws', async () => {
        const event = newEvent();
        recorder.behave((call) => ({ throw: call.startsWith('onEvent ') }));
        expectFailure(await deliver(event), 500, 'INTERNAL');
        recorder.behave(() => {});
        expectDone(await deliver(event));
        expect(recorder.calls).toEqual([
          `on ${event.id}`,
          `onEvent ${event.id}`,
          'onError told to throw',
          `on ${event.id}`,
          `onEvent ${event.id}`,
        ]);
      });

      test('a handler that takes too long goes on, and keeps its event beyond its lease', async () => {
        const event = newEvent();
        const settings = { timeout: 100, lease: 900 };
        let finish = () => {};
        recorder.behave(
          () =>
            new Promise<void>((resolve) => {
              finish = resolve;
            }),
        );
        expectToComeBack(await deliver(event, settings), 'EVENT_IN_FLIGHT');
        const until = Date.now() + 1500;
        while (Date.now() < until) {
          expectToComeBack(await deliver(event, settings), 'EVENT_IN_FLIGHT');
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        expect(runs(event.id)).toBe(1);
        recorder.behave(() => {});
        finish();
        await expect.poll(async () => (await deliver(event, settings)).status).toBe(200);
        expect(runs(event.id)).toBe(1);
      });

      test.each(['failing', 'hanging'] as const)('a %s store: 503, and no handler is run', async (store) => {
        const settings = { store, timeout: 100 };
        expectToComeBack(await deliver(newEvent(), settings), 'STORE_UNAVAILABLE');
        expect(recorder.calls).toEqual(['onError VortexError']);
      });
    });
  });
}
