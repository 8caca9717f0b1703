import { expect, test } from 'vitest';
import type { Group } from './group.js';

const good = { status: 200, body: '{"id":"i-1"}' };

export const retries: Group = {
  // A transport has to let go of the failed answer before it sends the request again.
  of: 'seam',
  title: 'retries',
  define({ upstream, call, expectFailure }) {
    test.each([500, 502, 503, 504])(
      'a GET that the API answers %i once succeeds at the second attempt',
      async (status) => {
        upstream.script({ status, body: 'a failure' }, good);
        expect((await call('GET', '/invitations/i-1')).status).toBe(200);
        expect(upstream.arrivals).toHaveLength(2);
      },
    );

    test.each(['GET', 'DELETE'])('a %s that the API always answers 503 fails after three attempts', async (method) => {
      upstream.script({ status: 503 });
      expectFailure(await call(method, '/invitations/i-1'), 503, 'UPSTREAM_UNAVAILABLE');
      expect(upstream.arrivals).toHaveLength(3);
    });
  },
};

export const retryRules: Group = {
  of: 'core',
  title: 'rules of retries',
  define({ upstream, call, expectFailure }) {
    const limited = (retryAfter: string) => ({ status: 429, headers: { 'retry-after': retryAfter } });
    const get = () => call('GET', '/invitations/i-1');

    test.each([400, 401, 404, 409])('a GET that the API answers %i is not sent again', async (status) => {
      upstream.script({ status }, good);
      expect((await get()).status).not.toBe(200);
      expect(upstream.arrivals).toHaveLength(1);
    });

    test('a POST that the API answers 503 is not sent again', async () => {
      upstream.script({ status: 503 }, good);
      expectFailure(await call('POST', '/invitations/i-1/reinvite'), 503, 'UPSTREAM_UNAVAILABLE');
      expect(upstream.arrivals).toHaveLength(1);
    });

    test('a GET that the API answers 429 with Retry-After: 1 is sent again after a second', async () => {
      upstream.script(limited('1'), good);
      const start = performance.now();
      expect((await get()).status).toBe(200);
      expect(performance.now() - start).toBeGreaterThan(990);
      expect(upstream.arrivals).toHaveLength(2);
    });

    test('a second 429 is passed on with its Retry-After', async () => {
      upstream.script(limited('0'));
      const reply = await get();
      expectFailure(reply, 429, 'RATE_LIMITED');
      expect(reply.headers['retry-after']).toBe('0');
      expect(upstream.arrivals).toHaveLength(2);
    });

    test.each(['3600', '-1', 'junk', new Date(Date.now() + 3_600_000).toUTCString()])(
      'a 429 with Retry-After: %s is passed on without a second attempt',
      async (retryAfter) => {
        upstream.script(limited(retryAfter), good);
        expectFailure(await get(), 429, 'RATE_LIMITED');
        expect(upstream.arrivals).toHaveLength(1);
      },
    );

    test('a 429 is passed on without a second attempt if waiting would outlast the deadline', async () => {
      upstream.script(limited('4'), good);
      const reply = await call('GET', '/invitations/i-1', undefined, { timeout: 4000 });
      expectFailure(reply, 429, 'RATE_LIMITED');
      expect(upstream.arrivals).toHaveLength(1);
    });
  },
};
