import { signWebhook } from '@vortex/core/testing';
import { expect } from 'vitest';
import type { WebhookSettings } from '../application.js';
import { type Received, send } from '../http.js';
import { WEBHOOK_SECRET } from '../recorder.js';
import type { Harness } from './harness.js';

const PATH = '/webhooks/vortex';

export const sign = (body: string | Uint8Array) => signWebhook(body, WEBHOOK_SECRET);

/** Makes events of a type that has a handler. Ids are unique, since groups share their servers. */
export const newEvent = (fields: object = {}) => ({
  id: `e-${crypto.randomUUID()}`,
  type: 'invitation.accepted',
  timestamp: new Date().toISOString(),
  data: {},
  ...fields,
});

/** Functions that deliver webhooks and judge the replies. */
export function webhookTools({ recorder, server, canary, expectFailure }: Harness) {
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
    canary.reply(reply.headers, reply.text);
    return reply;
  };
  /** Signs and posts an event as Vortex does. */
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
  /** Expects a failure, and no call of a handler but those of `onError` that are listed. */
  const expectRefusal = (reply: Received, status: number, code: string, calls: string[] = []) => {
    expectFailure(reply, status, code);
    expect(recorder.calls).toEqual(calls);
  };
  /** Expects a 503 that tells the sender when to deliver the event again. */
  const expectLater = (reply: Received, code: string) => {
    expectFailure(reply, 503, code);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  };
  /** Counts how often the handler of its type ran for an event. */
  const runs = (id: string) => recorder.calls.filter((call) => call === `on ${id}`).length;

  return { recorder, post, deliver, runs, expectDone, expectFailure, expectRefusal, expectLater };
}
