import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.stubEnv('VORTEX_API_KEY', 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.made-up');
  vi.stubEnv('SESSION_SECRET', undefined);
  vi.stubEnv('APP_URL', undefined);
});
afterEach(() => vi.unstubAllEnvs());

test.each(['membership', 'express-session', 'auth-js', 'better-auth'])(
  'the recipe %s does not load without SESSION_SECRET',
  async (name) => {
    await expect(import(`../src/${name}.ts`)).rejects.toThrow('Set SESSION_SECRET');
  },
);

test('the recipe clerk does not load without APP_URL', async () => {
  await expect(import('../src/clerk.ts')).rejects.toThrow('Set APP_URL');
});

test('the recipe bearer does not load without AUTH_AUDIENCE', async () => {
  vi.stubEnv('AUTH_ISSUER', 'https://login.example.com/');
  vi.stubEnv('AUTH_JWKS_URL', 'https://login.example.com/jwks.json');
  vi.stubEnv('AUTH_AUDIENCE', '');
  await expect(import('../src/bearer.ts')).rejects.toThrow('AUTH_AUDIENCE');
});

test('the README names each variable that a recipe reads, in the row of the recipe', () => {
  const printed = ['VORTEX_API_KEY', 'VORTEX_WEBHOOK_SECRET']; // by the emulator
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const rows = read('../README.md').split('\n');
  const files = readdirSync(new URL('../src/', import.meta.url)).filter((file) => file.endsWith('.ts'));
  const needs = files.flatMap((file) => {
    const text = read(`../src/${file}`);
    const names = [
      ...Array.from(text.matchAll(/\benv\.([A-Z_]+)/gu), ([, name]) => name),
      ...Array.from(text.matchAll(/const \{(.*)\} = process\.env;/gu), ([, list = '']) =>
        list.trim().split(', '),
      ).flat(),
      ...Array.from(text.matchAll(/\bCLERK_[A-Z_]+\b/gu), ([name]) => name),
    ];
    return names.flatMap((name = '') => (printed.includes(name) ? [] : [`${file} ${name}`]));
  });
  expect(needs).toEqual(expect.arrayContaining(['worker.ts SESSION_SECRET', 'proxy.ts HTTPS_PROXY']));
  const isNamed = (need: string) => {
    const [file = '', name = ''] = need.split(' ');
    return rows.some((row) => row.includes(`(src/${file})`) && new RegExp(`\`${name}\``, 'u').test(row));
  };
  expect(needs.filter((need) => !isNamed(need))).toEqual([]);
});
