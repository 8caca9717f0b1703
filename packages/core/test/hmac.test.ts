/** HMAC by WebCrypto, which serves Workers, Bun and Deno, compared with HMAC by OpenSSL, which serves Node. */
import { describe, expect, test } from 'vitest';
import * as node from '../src/signing/hmac-node.ts';
import * as web from '../src/signing/hmac-web.ts';

const bytes = new TextEncoder().encode('zoë 🚀');
const hex = (value: ArrayBuffer | Uint8Array) => Buffer.from(new Uint8Array(value)).toString('hex');

describe.each([
  ['text', 'zoë 🚀'],
  ['bytes', bytes],
  ['bytes within others', Buffer.concat([Buffer.from('x'), bytes, Buffer.from('x')]).subarray(1, -1)],
  ['a buffer', bytes.slice().buffer],
])('a message or secret given as %s', (name, value) => {
  test(`the Node and the WebCrypto HMAC sign a message alike if it is given as ${name}`, async () => {
    const [byNode, byWeb] = await Promise.all([node.importHmacKey('secret'), web.importHmacKey('secret')]);
    expect(hex(await web.hmac(byWeb, value))).toBe(hex(await node.hmac(byNode, value)));
    expect(hex(await web.hmac(byWeb, value))).toBe('af8ebac4228d31b8c4bb8070d08de66c522d8fb30b578a4644642a0fe3b57cd6');
  });

  test(`the Node and the WebCrypto HMAC sign alike with a secret that is given as ${name}`, async () => {
    const [byNode, byWeb] = await Promise.all([node.importHmacKey(value), web.importHmacKey(value)]);
    expect(hex(await web.hmac(byWeb, 'message'))).toBe(hex(await node.hmac(byNode, 'message')));
  });
});

test('the Node and the WebCrypto HMAC write the same text of a signature, and the WebCrypto key cannot be exported', async () => {
  const [byNode, byWeb] = await Promise.all([node.importHmacKey('secret'), web.importHmacKey('secret')]);
  const signed = await web.hmacBase64url(byWeb, 'zoë 🚀');
  expect(signed).toBe(node.hmacBase64url(byNode, 'zoë 🚀'));
  expect(signed).toBe(
    Buffer.from('af8ebac4228d31b8c4bb8070d08de66c522d8fb30b578a4644642a0fe3b57cd6', 'hex').toString('base64url'),
  );
  await expect(crypto.subtle.exportKey('raw', byWeb)).rejects.toThrow();
});

test.each(['', 'a', 'ab', 'abc', '{"name":"Zoë"}', '>?~ÿ'])(
  'the Node and the WebCrypto HMAC write %j alike as base64url',
  (text) => {
    expect(web.base64url(text)).toBe(node.base64url(text));
    expect(Buffer.from(web.base64url(text), 'base64url').toString()).toBe(text);
  },
);
