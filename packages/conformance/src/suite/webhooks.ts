/** What every adapter does with a webhook, on every runtime. */

import { signWebhook } from '@vortex/core/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WebhookSettings } from '../application.js';
import { type Received, send } from '../http.js';
import { startRecorder, WEBHOOK_SECRET } from '../recorder.js';
import type { Harness } from './harness.js';
import { webhooksOnce } from './webhooks-once.js';
import { webhooksRefused } from './webhooks-refused.js';

const PATH = '/webhooks/vortex';

export type WebhookHarness = ReturnType<typeof openWebhookHarness>;

function openWebhookHarness(harness: Harness) {
  const { expectFailure } = harness;
  const recorder = {} as Awaited<ReturnType<typeof startRecorder>>;
  beforeAll(async () => {
    Object.assign(recorder, await startRecorder());
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
    const reply = await send((await harness.server({ webhook })).url, method, PATH, {
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
    harness.canary.reply(reply.headers, reply.text);
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
    expect(reply.headers['cache-control']).toBe('no-store');
  };
  const expectRefusal = (reply: Received, status: number, code: string, told: string[] = []) => {
    expectFailure(reply, status, code);
    expect(recorder.calls).toEqual(told);
  };
  const expectToComeBack = (reply: Received, code: string) => {
    expectFailure(reply, 503, code);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  };

  return { recorder, newEvent, post, deliver, expectDone, expectFailure, expectRefusal, expectToComeBack };
}

export function webhooks(harness: Harness): void {
  describe('webhooks', () => {
    const webhookHarness = openWebhookHarness(harness);
    const { recorder, newEvent, deliver, expectDone, expectFailure } = webhookHarness;

    test('reach the handler of their type, and then the one for all', async () => {
      const event = newEvent();
      expectDone(await deliver(event));
      expect(recorder.calls).toEqual([`on ${event.id}`, `onEvent ${event.id}`]);
    });

    test.each<[string, object, string]>([
      ['of a type that nobody knows', { type: 'something.new' }, 'onEvent'],
      ['of a type that every object has', { type: 'toString' }, 'onEvent'],
      ['of the type __proto__', { type: '__proto__' }, 'onEvent'],
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

    test('are accepted by either secret while it is replaced', async () => {
      const settings = { secret: ['new', 'old'] };
      for (const secret of settings.secret) expectDone(await deliver(newEvent(), settings, secret));
      expectFailure(await deliver(newEvent(), settings, WEBHOOK_SECRET), 401, 'INVALID_SIGNATURE');
    });

    webhooksRefused(webhookHarness);
    webhooksOnce(webhookHarness);
  });
}
