import { compactVerify } from 'jose';
import { expect, test } from 'vitest';
import { ann, signingKeyOf } from './data.js';
import type { Group } from './group.js';

const read = (token: string) => JSON.parse(atob(token.split('.')[1] ?? ''));

export const token: Group = {
  // Each runtime has its own implementation of HMAC.
  of: 'seam',
  title: 'the token of POST /jwt',
  define({ upstream, call }) {
    test('a token names the caller, expires in an hour, and is decoded by plain atob', async () => {
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

    test('an independent verifier accepts the signature with the derived key', async () => {
      const { json } = await call('POST', '/jwt');
      const { kid, signingKey } = signingKeyOf(upstream.apiKey);
      const { protectedHeader } = await compactVerify(json.jwt, signingKey, { algorithms: ['HS256'] });
      expect(protectedHeader).toMatchObject({ alg: 'HS256', typ: 'JWT', kid });
    });
  },
};

export const claims: Group = {
  of: 'core',
  title: 'the claims of a token',
  define({ call, expectRefusal }) {
    test('attributes of a user never replace a claim', async () => {
      const user = { ...ann, attributes: { userId: 'root', role: 'admin', adminScopes: ['autojoin'], expires: 1 } };
      const claims = read((await call('POST', '/jwt', { user })).json.jwt);
      expect(claims).toMatchObject({ userId: ann.id, attributes: { userId: 'root', role: 'admin' } });
      expect(claims.role).toBeUndefined();
      expect(claims.adminScopes).toBeUndefined();
    });

    test('a token of the newer format holds the component and the scope that the provider asks for', async () => {
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

    test('a rule can refuse a token by the scope that the provider asks for', async () => {
      const ask = (scope: string) =>
        call('POST', '/jwt', { user: ann, json: { context: { scope } } }, { sparseMap: true });
      expect((await ask('mine')).status).toBe(200);
      expectRefusal(await ask('forbidden'), 403, 'FORBIDDEN');
    });
  },
};
