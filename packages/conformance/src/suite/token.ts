import { compactVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { ann, signingKeyOf } from './data.js';
import type { Harness } from './harness.js';

export function token({ upstream, call, expectRefusal }: Harness): void {
  describe('the token of POST /jwt', () => {
    const read = (token: string) => JSON.parse(atob(token.split('.')[1] ?? ''));

    test('holds who is calling, for an hour, and decodes with plain atob', async () => {
      const before = Math.floor(Date.now() / 1000);
      const { json } = await call('POST', '/jwt', {
        user: { ...ann, adminScopes: ['autojoin'], attributes: { plan: 'pro' } },
      });
      const claims = read(json.jwt);
      expect(claims).toMatchObject({
        userId: ann.id,
        userEmail: ann.email,
        name: ann.name,
        identifiers: [{ type: 'email', value: ann.email }],
        adminScopes: ['autojoin'],
        role: 'admin',
        attributes: { plan: 'pro', of: ann.id },
      });
      expect(claims.expires - before).toBeGreaterThanOrEqual(3600);
      expect(claims.expires - before).toBeLessThan(3610);
      expect(json.jwt.split('.')[1]).not.toMatch(/[-_]/u);
      expect(upstream.arrivals).toEqual([]);
    });

    test('is signed with the derived key, as an independent verifier finds', async () => {
      const { json } = await call('POST', '/jwt');
      const { kid, signingKey } = signingKeyOf(upstream.apiKey);
      const { protectedHeader } = await compactVerify(json.jwt, signingKey, { algorithms: ['HS256'] });
      expect(protectedHeader).toMatchObject({ alg: 'HS256', typ: 'JWT', kid });
    });

    test('never lets attributes replace a claim', async () => {
      const user = { ...ann, attributes: { userId: 'root', role: 'admin', adminScopes: ['autojoin'], expires: 1 } };
      const claims = read((await call('POST', '/jwt', { user })).json.jwt);
      expect(claims).toMatchObject({ userId: ann.id, attributes: { userId: 'root', role: 'admin' } });
      expect(claims.role).toBeUndefined();
      expect(claims.adminScopes).toBeUndefined();
    });

    test('comes in the newer format where the application says so, with the provider’s context', async () => {
      const context = { componentId: 'c-1', scope: 'mine', scopeType: 'team' };
      const sent = { user: ann, json: { context } };
      const claims = read((await call('POST', '/jwt', sent, { jwt: { format: 'token', expiresIn: '2h' } })).json.jwt);
      expect(claims).toMatchObject({
        user: { id: ann.id, email: ann.email, phone: ann.phone },
        component: 'c-1',
        scope: 'team:mine',
      });
      expect(claims.exp - claims.iat).toBe(7200);
    });

    test('can be refused by what the provider’s context asks for', async () => {
      const ask = (scope: string) =>
        call('POST', '/jwt', { user: ann, json: { context: { scope } } }, { sparseMap: true });
      expect((await ask('mine')).status).toBe(200);
      expectRefusal(await ask('forbidden'), 403, 'FORBIDDEN');
    });
  });
}
