import { signWebhook } from '@vortex/core/testing';
import { expect, test } from 'vitest';
import type { Group } from './group.js';
import { newEvent, sign, webhookTools } from './webhook-tools.js';

const toBase64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

export const webhooksRefused: Group = {
  of: 'seam',
  title: 'webhooks: refusals',
  define(harness) {
    const { recorder, post, deliver, expectFailure, expectRefusal } = webhookTools(harness);

    test.each<[string, (body: string) => string | Promise<string>]>([
      ['that is empty', () => ''],
      ['that lacks a digit', async (body) => (await sign(body)).slice(1)],
      ['with a digit too many', async (body) => `${await sign(body)}0`],
      ['in base64', async (body) => toBase64(await sign(body))],
      ['in upper case', async (body) => (await sign(body)).toUpperCase()],
      ['with a prefix', async (body) => `sha256=${await sign(body)}`],
      ['by another secret', (body) => signWebhook(body, 'another')],
      ['of another body', (body) => sign(`${body} `)],
      ['of an empty body', () => sign('')],
      ['of 64 zeros', () => '0'.repeat(64)],
    ])('a signature %s is answered 401', async (_, signature) => {
      const body = JSON.stringify(newEvent());
      const value = await signature(body);
      expectRefusal(await post(body, { 'x-vortex-signature': value }), 401, 'INVALID_SIGNATURE', [
        value === '' ? 'onError VortexError' : 'onError VortexWebhookSignatureError',
      ]);
    });

    test('a webhook without a signature is answered 401', async () => {
      expectRefusal(await post(JSON.stringify(newEvent()), {}), 401, 'INVALID_SIGNATURE', ['onError VortexError']);
    });

    test('a body with one flipped bit is answered 401', async () => {
      const body = Buffer.from(JSON.stringify(newEvent()));
      const signature = await sign(body);
      for (const index of [0, body.length >> 1, body.length - 1]) {
        const flipped = Uint8Array.from(body, (byte, at) => (at === index ? byte ^ 1 : byte));
        expectFailure(await post(flipped, { 'x-vortex-signature': signature }), 401, 'INVALID_SIGNATURE');
      }
      expect(recorder.calls).toEqual(Array(3).fill('onError VortexWebhookSignatureError'));
    });

    test('a webhook with two signatures is answered 400', async () => {
      const body = JSON.stringify(newEvent());
      const signature = await sign(body);
      expectFailure(await post(body, { 'x-vortex-signature': `${signature}, ${signature}` }), 400, 'INVALID_REQUEST');
      expectFailure(await post(body, { 'x-vortex-signature': [signature, signature] }), 400, 'INVALID_REQUEST');
      expect(recorder.calls).toEqual(Array(2).fill('onError VortexError'));
    });

    test.each<[string, string | Uint8Array]>([
      ['with broken JSON', '{"id":"e-1",'],
      ['that is empty', ''],
      ['with a byte order mark', `\ufeff${JSON.stringify({ type: 'x' })}`],
      ['that is not UTF-8', Uint8Array.of(0xff, 0xfe, 0x7b, 0x7d, 0x80)],
    ])('a signed body %s is answered 400', async (_, body) => {
      expectRefusal(await deliver(body), 400, 'INVALID_REQUEST', ['onError VortexError']);
    });

    test('a body over 1 MB is answered 413 before its signature is verified', async () => {
      const body = JSON.stringify(newEvent({ padding: 'x'.repeat(1024 * 1024) }));
      expectFailure(await post(body, { 'x-vortex-signature': 'wrong' }), 413, 'PAYLOAD_TOO_LARGE');
      const chunked = { 'x-vortex-signature': 'wrong', 'transfer-encoding': 'chunked' };
      expectFailure(await post(body, chunked), 413, 'PAYLOAD_TOO_LARGE');
      expect(recorder.calls).toEqual(Array(2).fill('onError VortexError'));
    });

    test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s of the webhook path is answered 405', async (method) => {
      const reply = await post('', {}, {}, method);
      expectRefusal(reply, 405, 'METHOD_NOT_ALLOWED');
      expect(reply.headers.allow).toBe('POST');
    });
  },
};
