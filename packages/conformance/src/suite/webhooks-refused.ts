import { signWebhook } from '@vortex/core/testing';
import { describe, expect, test } from 'vitest';
import { WEBHOOK_SECRET } from '../recorder.js';
import type { WebhookHarness } from './webhooks.js';

export function webhooksRefused({
  recorder,
  newEvent,
  post,
  deliver,
  expectDone,
  expectFailure,
  expectRefusal,
}: WebhookHarness): void {
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
        expectRefusal(await deliver(at(ms), { maxAge: 60_000 }), 400, 'STALE_EVENT');
      }
      expectDone(await deliver(at(0), { maxAge: 60_000 }));
    });

    test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s: 405', async (method) => {
      const reply = await post('', {}, {}, method);
      expectRefusal(reply, 405, 'METHOD_NOT_ALLOWED');
      expect(reply.headers.allow).toBe('POST');
    });
  });
}
