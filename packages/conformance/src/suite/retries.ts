import { describe, expect, test } from 'vitest';
import type { Harness } from './harness.js';

export function retries({ upstream, call, expectFailure }: Harness): void {
  describe('trying again', () => {
    const good = { status: 200, body: '{"id":"i-1"}' };
    const limited = (retryAfter: string) => ({ status: 429, headers: { 'retry-after': retryAfter } });
    const get = () => call('GET', '/invitations/i-1');

    test.each([500, 502, 503, 504])('a GET that meets %i once succeeds at the second attempt', async (status) => {
      upstream.script({ status }, good);
      expect((await get()).status).toBe(200);
      expect(upstream.arrivals).toHaveLength(2);
    });

    test.each([
      ['GET', '/invitations/i-1'],
      ['DELETE', '/invitations/i-1'],
    ])('%s gives up at 503 for ever after three attempts', async (method, path) => {
      upstream.script({ status: 503 });
      expectFailure(await call(method, path), 503, 'UPSTREAM_UNAVAILABLE');
      expect(upstream.arrivals).toHaveLength(3);
    });

    test.each([400, 401, 404, 409])('%i is not tried again', async (status) => {
      upstream.script({ status }, good);
      expect((await get()).status).not.toBe(200);
      expect(upstream.arrivals).toHaveLength(1);
    });

    test('a POST is never tried again', async () => {
      upstream.script({ status: 503 }, good);
      expectFailure(await call('POST', '/invitations/i-1/reinvite'), 503, 'UPSTREAM_UNAVAILABLE');
      expect(upstream.arrivals).toHaveLength(1);
    });

    test('429 with Retry-After: 1 is tried once more, a second later', async () => {
      upstream.script(limited('1'), good);
      const start = performance.now();
      expect((await get()).status).toBe(200);
      expect(performance.now() - start).toBeGreaterThan(990);
      expect(upstream.arrivals).toHaveLength(2);
    });

    test('429 twice is passed on, with its Retry-After', async () => {
      upstream.script(limited('0'));
      const reply = await get();
      expectFailure(reply, 429, 'RATE_LIMITED');
      expect(reply.headers['retry-after']).toBe('0');
      expect(upstream.arrivals).toHaveLength(2);
    });

    test.each(['3600', '-1', 'junk', new Date(Date.now() + 3_600_000).toUTCString()])(
      '429 with Retry-After: %s is passed on at once',
      async (retryAfter) => {
        upstream.script(limited(retryAfter), good);
        expectFailure(await get(), 429, 'RATE_LIMITED');
        expect(upstream.arrivals).toHaveLength(1);
      },
    );

    test('a wait that would outlast the deadline is not begun', async () => {
      upstream.script(limited('4'), good);
      expectFailure(await get(), 429, 'RATE_LIMITED');
    });
  });
}
