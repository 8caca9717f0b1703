import { expect, test } from 'vitest';
import type { Group } from './group.js';

/** Fastify's router answers these before any plugin, with codes of its own. */
const BY_FASTIFY = ['FST_ERR_BAD_URL', 'FST_ERR_MAX_PARAM_LENGTH'];

export const pathsAndQueries: Group = {
  of: 'seam',
  title: 'paths and queries',
  define({ adapter, upstream, server, call, callAt, expectRefusal }) {
    test.each([
      ['GET', '/nothing'],
      ['GET', '//jwt'],
      ['POST', '//jwt'],
      ['GET', '/invitations/'],
      ['POST', '/jwt/'],
      ['POST', '/JWT'],
      ['GET', '/invitations/by-scope'],
      ['GET', '/invitations/by-scope/team'],
      ['DELETE', '/invitations/by-group'],
      ['POST', '/invitations/accept/reinvite'],
      ['POST', '/invitations/by-scope/reinvite'],
    ])('%s %s is answered 404 without an API call', async (method, path) => {
      expect((await call(method, path)).status).toBe(404);
      expect(upstream.arrivals).toEqual([]);
    });

    test.each([
      ['GET', '/jwt', 'POST'],
      ['PATCH', '/jwt', 'POST'],
      ['GET', '/invitations/accept', 'POST'],
      ['DELETE', '/invitations/accept', 'POST'],
      ['GET', '/invitations/autojoin', 'POST'],
      ['DELETE', '/invitations/sync-internal-invitation', 'POST'],
      ['PUT', '/invitations', 'GET, HEAD, POST'],
      ['POST', '/invitations/i-1', 'GET, HEAD, DELETE'],
      ['GET', '/invitations/i-1/reinvite', 'POST'],
      ['POST', '/invitations/by-group/team/mine/autojoin', 'GET, HEAD'],
      ['POST', '/invitations/by-scope/team/mine', 'GET, HEAD, DELETE'],
      ['DELETE', '/invitations/by-scope/team/mine/autojoin', 'GET, HEAD'],
    ])('%s %s is answered 405 with Allow: %s', async (method, path, allow) => {
      const reply = await call(method, path);
      expectRefusal(reply, 405, 'METHOD_NOT_ALLOWED');
      expect(reply.headers.allow).toBe(allow);
    });

    test.each([
      ['an id of one dot', '/invitations/.'],
      ['an id of two dots', '/invitations/..'],
      ['an id of two encoded dots', '/invitations/%2e%2e'],
      ['an id of two dots encoded twice', '/invitations/%252e%252e'],
      ['an id with encoded slashes', '/invitations/by-scope%2Fteam%2Fmine'],
      ['an id that leads upwards', '/invitations/..%2F..%2Fadmin'],
      ['an id with a backslash', '/invitations/a%5Cb'],
      ['an id that is not UTF-8', '/invitations/%ff'],
      ['an id with a broken escape', '/invitations/%zz'],
      ['an id with NUL', '/invitations/%00'],
      ['an id with a line break', '/invitations/a%0d%0ab'],
      ['an id of 101 characters', `/invitations/${'x'.repeat(101)}`],
      ['a scope of two encoded dots', '/invitations/by-scope/team/%2e%2e'],
      ['a scope with a control character', '/invitations/by-scope/team/a%07'],
    ])('%s is answered 400, 404 or 414 without an API call', async (_, path) => {
      for (const method of ['GET', 'DELETE']) {
        const reply = await call(method, path);
        expect([400, 404, 414]).toContain(reply.status);
        // A path that is none of ours is answered by the host, in its own form.
        if (reply.status === 404) continue;
        expect(reply.headers['content-type']).toMatch(/^application\/json/u);
        if (/fastify/iu.test(adapter) && BY_FASTIFY.includes(reply.json.code)) continue;
        expect(reply.json.code).toBe('INVALID_REQUEST');
        expect(reply.headers['cache-control']).toBe('no-store');
      }
      expect(upstream.arrivals).toEqual([]);
    });

    test('parameters of the mount path do not replace ours of the same name', async () => {
      const { url } = await server();
      const base = `${url}/of/mount-scope/mount-id`;
      await callAt(base, 'DELETE', '/invitations/own');
      await callAt(base, 'GET', '/invitations/by-scope/team/own');
      await callAt(base, 'POST', '/invitations/own/reinvite');
      expect(upstream.arrivals.map(({ method, target }) => `${method} ${target}`)).toEqual([
        'DELETE /api/v1/invitations/own',
        'GET /api/v1/invitations/by-scope/team/own',
        'POST /api/v1/invitations/own/reinvite',
      ]);
    });

    test.each([
      ['/invitations/a%3Fb', '/api/v1/invitations/a%3Fb'],
      ['/invitations/a%23b;c', '/api/v1/invitations/a%23b%3Bc'],
      ['/invitations/a%20b%22%27', "/api/v1/invitations/a%20b%22'"],
      ['/invitations/Zo%C3%AB%F0%9F%9A%80', '/api/v1/invitations/Zo%C3%AB%F0%9F%9A%80'],
      [`/invitations/${'x'.repeat(100)}`, `/api/v1/invitations/${'x'.repeat(100)}`],
      ['/invitations/by-scope/team/a%2Fb%5Cc', '/api/v1/invitations/by-scope/team/a%2Fb%5Cc'],
      ['/invitations/by-scope/a%2F../mine', '/api/v1/invitations/by-scope/a%2F../mine'],
      ['/invitations/by-scope/team/a%252Fb', '/api/v1/invitations/by-scope/team/a%252Fb'],
    ])('GET %s reaches the API as %s', async (path, target) => {
      await call('GET', path);
      expect(upstream.arrivals.map((arrival) => arrival.target)).toEqual([target]);
    });

    test.each([
      ['?targetType=email&targetValue=a@b.example&targetType=sms', 'targetType'],
      ['?targetType=email', 'targetValue'],
      ['?targetType=telepathy&targetValue=x', 'targetType'],
      ['?targetType=email&targetValue=nobody', 'targetValue'],
      ['?targetType=phone&targetValue=nobody', 'targetValue'],
      ['?targetType=internal&targetValue=a%00b', 'targetValue'],
      ['/by-scope/team/mine?start=-1', 'start'],
    ])('GET /invitations%s is answered 400, naming %s', async (rest, field) => {
      const reply = await call('GET', `/invitations${rest}`);
      expectRefusal(reply, 400, 'INVALID_REQUEST');
      expect(reply.json.issues).toMatchObject([{ path: field, message: expect.any(String) }]);
    });

    test.each([
      ['with broken percent-encoding', '?targetType=internal&targetValue=%ff'],
      ['over 2 kB', `?targetType=internal&targetValue=${'x'.repeat(2048)}`],
    ])('a query %s is answered 400', async (_, query) => {
      expectRefusal(await call('GET', `/invitations${query}`), 400, 'INVALID_REQUEST');
    });

    test('a second question mark is part of a query key', async () => {
      await call('GET', '/invitations/by-scope/team/mine??start=20');
      expect(upstream.arrivals.map(({ target }) => target)).toEqual(['/api/v1/invitations/by-scope/team/mine']);
    });

    test('unknown query keys are ignored', async () => {
      expect((await call('GET', '/invitations/by-scope/team/mine?colour=red')).status).toBe(200);
    });
  },
};
