/** Tests decoding of tokens from the real signer. The vendor's provider uses plain `atob`, which fails for most of them. */

import { decodeToken } from '@vortex/browser/token';
import { VortexClient } from '@vortex/core';
import { DEFAULT_API_KEY } from '@vortex/emulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const signer = new VortexClient(DEFAULT_API_KEY, { baseUrl: 'http://127.0.0.1:1' });

test('claims with any characters are decoded unchanged', async () => {
  const text = fc.string({ unit: 'grapheme' });
  const claims = fc.dictionary(
    text.filter((name) => !['__proto__', 'user', 'iat', 'exp', 'toJSON'].includes(name)),
    fc.jsonValue({ stringUnit: 'grapheme' }),
  );
  await fc.assert(
    fc.asyncProperty(claims, async (given) => {
      const sent = JSON.parse(JSON.stringify(given));
      const token = await signer.generateToken({ ...sent, user: { id: 'u' } }, { expiresIn: 60 });
      const { iat, exp, user, ...rest } = decodeToken(token)?.claims ?? {};
      expect(rest).toEqual(sent);
    }),
  );
});

test('a token with base64url characters and a name beyond ASCII is decoded', async () => {
  const token = await signer.generateJwt({ user: { id: 'u', name: 'Zoë ~~~??? 🚀' } });
  const [, part = ''] = token.split('.');
  expect(part).toMatch(/[-_]/u);
  expect(() => atob(part)).toThrow();
  expect(decodeToken(token)?.claims).toMatchObject({ userId: 'u', name: 'Zoë ~~~??? 🚀' });
});

test.each([
  ['jwt', () => signer.generateJwt({ user: { id: 'u' } }, { expiresIn: '30d' }), 30 * 86_400_000],
  ['token', () => signer.generateToken({ user: { id: 'u' } }, { expiresIn: '5m' }), 300_000],
])('the lifetime of a token in the format %s is decoded', async (_, sign, lifetime) => {
  expect(decodeToken(await sign())?.lifetime).toBe(lifetime);
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of another signer', () => {
  test.each([
    ['no expiry', {}, undefined],
    ['an expiry that is a string', { exp: '2030-01-01' }, undefined],
    ['an expiry and a time of issue in the claims', { iat: 100, exp: 160 }, 60_000],
    ['an expiry before its time of issue', { iat: 100, exp: 40 }, -60_000],
  ])('a token with %s has the expected lifetime', (_, claims, lifetime) => {
    expect(decodeToken(`${part({ alg: 'HS256' })}.${part(claims)}.`)?.lifetime).toBe(lifetime);
  });

  test('a token without a time of issue counts as issued now', () => {
    const expires = Math.floor(Date.now() / 1000) + 60;
    const lifetime = decodeToken(`${part({})}.${part({ expires })}.`)?.lifetime ?? 0;
    expect(lifetime).toBeGreaterThan(0);
    expect(lifetime).toBeLessThanOrEqual(60_000);
  });

  test.each([
    '',
    'a',
    'a.b',
    'a.b.c',
    '..',
    `${part({})}.`,
    `.${part({})}.`,
    `${part({})}.${part('text')}.`,
    '\u{1F680}.é.x',
  ])('%j is not a token', (text) => {
    expect(decodeToken(text)).toBeUndefined();
  });
});
