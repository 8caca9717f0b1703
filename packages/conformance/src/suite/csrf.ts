import { expect, test } from 'vitest';
import { send } from '../http.js';
import { ann } from './data.js';
import type { Group } from './group.js';

/** The result of a request with certain headers, by the setting `csrf`. */
const cases: [what: string, headers: (host: string) => Record<string, string>, standard: boolean, strict: boolean][] = [
  ['neither Sec-Fetch-Site nor Origin', () => ({}), true, false],
  ['Sec-Fetch-Site: same-origin', () => ({ 'sec-fetch-site': 'same-origin' }), true, true],
  ['Sec-Fetch-Site: none', () => ({ 'sec-fetch-site': 'none' }), true, true],
  ['Sec-Fetch-Site: same-site', () => ({ 'sec-fetch-site': 'same-site' }), false, false],
  ['Sec-Fetch-Site: cross-site', () => ({ 'sec-fetch-site': 'cross-site' }), false, false],
  ['an unknown value of Sec-Fetch-Site', () => ({ 'sec-fetch-site': 'elsewhere' }), false, false],
  [
    'Sec-Fetch-Site: cross-site and the own origin',
    (host) => ({ 'sec-fetch-site': 'cross-site', origin: `http://${host}` }),
    false,
    false,
  ],
  ['the own origin', (host) => ({ origin: `http://${host}` }), true, true],
  ['an origin with another port', () => ({ origin: 'http://127.0.0.1:1' }), false, false],
  ['an origin of another host', () => ({ origin: 'https://evil.example' }), false, false],
  ['Origin: null', () => ({ origin: 'null' }), false, false],
  ['an Origin that is no origin', () => ({ origin: 'evil' }), false, false],
  ['a trusted origin', () => ({ origin: 'https://app.example' }), true, true],
  [
    'a trusted origin and Sec-Fetch-Site: cross-site',
    () => ({ origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }),
    true,
    true,
  ],
  ['a trusted origin followed by a path', () => ({ origin: 'https://app.example/x' }), false, false],
  [
    'an origin that equals Host up to the default port',
    () => ({ origin: 'https://h.example', host: 'h.example:443' }),
    true,
    true,
  ],
];

const trust = { trustedOrigins: ['https://app.example'] };

export const csrf: Group = {
  of: 'seam',
  title: 'cross-site requests',
  define({ server, call, callAt, expectRefusal }) {
    const outcome = (allowed: boolean) => (allowed ? 'allowed' : 'answered 403');
    for (const [what, headers, standard, strict] of cases) {
      test(`a POST with ${what} is ${outcome(standard)}, and ${outcome(strict)} if csrf is strict`, async () => {
        for (const [settings, allowed] of [
          [trust, standard],
          [{ ...trust, csrf: 'strict' }, strict],
        ] as const) {
          const { url } = await server(settings);
          const sent = { user: ann, headers: headers(new URL(url).host) };
          const reply = await callAt(`${url}/api/vortex`, 'POST', '/jwt', sent);
          if (allowed) expect(reply.status, reply.text).toBe(200);
          else expectRefusal(reply, 403, 'CROSS_SITE_REQUEST');
        }
      });
    }

    test('credentials in Host do not make another origin the own one', async () => {
      const headers = { origin: 'https://h.example', host: 'x@h.example' };
      const { url } = await server();
      // Some servers refuse such a request before our routes see it.
      expect((await send(url, 'POST', '/api/vortex/jwt', { user: ann, headers })).status).toBeGreaterThanOrEqual(400);
    });

    test('the refusal of a cross-site request names trustedOrigins and comes before authenticateUser', async () => {
      const reply = await call('POST', '/jwt', {
        user: { $throw: 500 },
        headers: { origin: 'https://evil.example' },
      });
      expectRefusal(reply, 403, 'CROSS_SITE_REQUEST');
      expect(reply.json.error).not.toMatch(/trustedOrigins|csrf/u);
    });

    test.each([
      ['POST', '/invitations/i-1/reinvite'],
      ['DELETE', '/invitations/i-1'],
    ])('a cross-site %s is answered 403', async (method, path) => {
      const headers = { 'sec-fetch-site': 'cross-site' };
      expectRefusal(await call(method, path, { user: ann, headers }), 403, 'CROSS_SITE_REQUEST');
    });

    test('a cross-site GET is allowed', async () => {
      const headers = { 'sec-fetch-site': 'cross-site' };
      expect((await call('GET', '/invitations/by-scope/team/mine', { user: ann, headers })).status).toBe(200);
    });

    test('csrf: off allows cross-site requests', async () => {
      const sent = { user: ann, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } };
      expect((await call('POST', '/jwt', sent, { csrf: 'off' })).status).toBe(200);
    });
  },
};
