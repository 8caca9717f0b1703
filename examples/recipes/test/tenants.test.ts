import type { RequestListener } from 'node:http';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRules, expectSignedIn, expectSignedOut, json, type Running, serve, visitor } from './helpers.ts';

const globexKey = 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.made-up';

let running: Running;
beforeAll(async () => {
  running = await serve(async () => {
    Object.assign(process.env, { ACME_VORTEX_API_KEY: process.env.VORTEX_API_KEY, GLOBEX_VORTEX_API_KEY: globexKey });
    const { app } = await import('../src/tenants.ts');
    // `fetch` cannot set `Host`, so the tests send it as `x-host`.
    const listener: RequestListener = (request, response) => {
      request.headers.host = request.headers['x-host']?.toString() ?? '';
      app(request, response);
    };
    return listener;
  });
});
afterAll(() => running?.close());

const at = (host: string, user: string) => visitor(running.url, { 'x-host': host, 'x-user': user });

const asking = json({ context: { scopeType: 'team', scope: 'harbor' } });

test('the token of each tenant is signed with its own key', async () => {
  const kid = async (host: string) => {
    const { jwt } = (await (await at(host, 'u-1')('/api/vortex/jwt', asking)).json()) as { jwt: string };
    return decodeProtectedHeader(jwt).kid;
  };
  const [acme, globex] = [await kid('acme.localhost'), await kid('globex.localhost')];
  expect(globex).toBe('00000000-0000-0000-0000-000000000000');
  expect(acme).not.toBe(globex);
});

test('the rules apply, and a user of another tenant is signed out', async () => {
  await expectSignedIn(at('acme.localhost', 'u-1'), 'ada@example.com', { verified: true });
  await expectRules(at('acme.localhost', 'u-1'), running.client, 'u-1');
  await expectSignedOut(at('acme.localhost', 'u-2'));
  await expectSignedOut(at('unknown.localhost', 'u-1'));
});
