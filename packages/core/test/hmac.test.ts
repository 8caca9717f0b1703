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
  test(`both implementations sign a message alike if it is given as ${name}`, async () => {
    const [byNode, byWeb] = await Promise.all([node.importHmacKey('secret'), web.importHmacKey('secret')]);
    expect(hex(await web.hmac(byWeb, value))).toBe(hex(await node.hmac(byNode, value)));
    expect(hex(await web.hmac(byWeb, value))).toBe('af8ebac4228d31b8c4bb8070d08de66c522d8fb30b578a4644642a0fe3b57cd6');
  });

  test(`both implementations sign alike with a secret that is given as ${name}`, async () => {
    const [byNode, byWeb] = await Promise.all([node.importHmacKey(value), web.importHmacKey(value)]);
    expect(hex(await web.hmac(byWeb, 'message'))).toBe(hex(await node.hmac(byNode, 'message')));
  });
});

test('both implementations write the same JWS, and the WebCrypto key cannot be exported', async () => {
  const [byNode, byWeb] = await Promise.all([node.importHmacKey('secret'), web.importHmacKey('secret')]);
  const header = { alg: 'HS256' as const, typ: 'JWT', kid: 'k' };
  const signed = await web.signCompact(byWeb, header, '{"name":"Zoë"}');
  expect(signed).toBe(node.signCompact(byNode, header, '{"name":"Zoë"}'));
  expect(signed).toMatch(/^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsifQ\.[\w-]+\.[\w-]{43}$/u);
  await expect(crypto.subtle.exportKey('raw', byWeb)).rejects.toThrow();
});
