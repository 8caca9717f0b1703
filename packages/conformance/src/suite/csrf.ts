import { describe, expect, test } from 'vitest';
import { send } from '../http.js';
import { ann } from './data.js';
import type { Harness } from './harness.js';

export function csrf({ server, call, callAt, expectRefusal }: Harness): void {
  describe('requests that another site makes a browser send', () => {
    const cases: [
      what: string,
      headers: (host: string) => Record<string, string>,
      standard: boolean,
      strict: boolean,
    ][] = [
      ['nothing said', () => ({}), true, false],
      ['same-origin', () => ({ 'sec-fetch-site': 'same-origin' }), true, true],
      ['typed in', () => ({ 'sec-fetch-site': 'none' }), true, true],
      ['same-site', () => ({ 'sec-fetch-site': 'same-site' }), false, false],
      ['cross-site', () => ({ 'sec-fetch-site': 'cross-site' }), false, false],
      ['a new word', () => ({ 'sec-fetch-site': 'elsewhere' }), false, false],
      [
        'cross-site with our own origin',
        (host) => ({ 'sec-fetch-site': 'cross-site', origin: `http://${host}` }),
        false,
        false,
      ],
      ['our own origin', (host) => ({ origin: `http://${host}` }), true, true],
      ['another port', () => ({ origin: 'http://127.0.0.1:1' }), false, false],
      ['another origin', () => ({ origin: 'https://evil.example' }), false, false],
      ['a hidden origin', () => ({ origin: 'null' }), false, false],
      ['no origin at all', () => ({ origin: 'evil' }), false, false],
      ['a trusted origin', () => ({ origin: 'https://app.example' }), true, true],
      [
        'a trusted origin, cross-site',
        () => ({ origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }),
        true,
        true,
      ],
      ['a trusted origin with a path', () => ({ origin: 'https://app.example/x' }), false, false],
      ['a default port', () => ({ origin: 'https://h.example', host: 'h.example:443' }), true, true],
    ];
    const settings = { trustedOrigins: ['https://app.example'] };

    test.each(cases)('%s', async (_, headers, standard, strict) => {
      const { url } = await server(settings);
      const strictUrl = (await server({ ...settings, csrf: 'strict' })).url;
      for (const [origin, allowed] of [
        [url, standard],
        [strictUrl, strict],
      ] as const) {
        const reply = await callAt(`${origin}/api/vortex`, 'POST', '/jwt', {
          user: ann,
          headers: headers(new URL(origin).host),
        });
        if (allowed) expect(reply.status, reply.text).toBe(200);
        else expectRefusal(reply, 403, 'CROSS_SITE_REQUEST');
      }
    });

    test('credentials in Host are no way around it; some servers refuse them before us', async () => {
      const headers = { origin: 'https://h.example', host: 'x@h.example' };
      const { url } = await server();
      expect((await send(url, 'POST', '/api/vortex/jwt', { user: ann, headers })).status).toBeGreaterThanOrEqual(400);
    });

    test('the refusal names what to configure, and comes before authenticateUser', async () => {
      const reply = await call('POST', '/jwt', {
        user: { $throw: 500 },
        headers: { origin: 'https://evil.example' },
      });
      expectRefusal(reply, 403, 'CROSS_SITE_REQUEST');
      expect(reply.json.error).toMatch(/trustedOrigins.*proxy.*Host/u);
    });

    test.each(['POST', 'DELETE'])('%s is guarded, GET is not', async (method) => {
      const headers = { 'sec-fetch-site': 'cross-site' };
      const path = method === 'POST' ? '/invitations/i-1/reinvite' : '/invitations/i-1';
      expectRefusal(await call(method, path, { user: ann, headers }), 403, 'CROSS_SITE_REQUEST');
      expect((await call('GET', '/invitations/by-scope/team/mine', { user: ann, headers })).status).toBe(200);
    });

    test('can be switched off', async () => {
      const sent = { user: ann, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } };
      expect((await call('POST', '/jwt', sent, { csrf: 'off' })).status).toBe(200);
    });
  });
}
