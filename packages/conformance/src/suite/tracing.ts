import { describe, expect, test } from 'vitest';
import type { Harness } from './harness.js';

/** That a good one goes along is seen with every call of the suite: see `harness.ts`. */
export function tracing({ upstream, call, quiet, invited }: Harness): void {
  describe('traceparent', () => {
    const id = '0af7651916cd43dd8448eb211c80319c';
    const good = `00-${id}-b7ad6b7169203331-01`;

    const sent = async (traceparent: string | undefined, settings?: { traceparent: 'off' }) => {
      const path = `/invitations/${await invited()}`;
      quiet();
      const headers = { traceparent: traceparent ?? [] };
      expect((await call('GET', path, { user: { id: 'u-1' }, headers }, settings)).status).toBe(200);
      const [arrival] = upstream.arrivals.splice(0);
      return arrival?.headers.traceparent;
    };

    test.each([
      [good, good],
      [good.replace(/01$/u, '00'), good.replace(/01$/u, '00')],
    ])('%s goes along to the API', async (given, expected) => {
      expect(await sent(given)).toBe(expected);
    });

    test.each([
      ['none', undefined],
      ['two', `${good}, ${good}`],
      ['upper case', good.toUpperCase()],
      ['a trace id of zeros', good.replace(id, '0'.repeat(32))],
      ['a parent id of zeros', good.replace('b7ad6b7169203331', '0'.repeat(16))],
      ['the version that is forbidden', good.replace(/^00/u, 'ff')],
      ['more than is known', `${good}-more`],
      ['something else', 'Bearer secret'],
    ])('%s: the API is sent none', async (_, given) => {
      expect(await sent(given)).toBeUndefined();
    });

    test('off: the API is sent none', async () => {
      expect(await sent(good, { traceparent: 'off' })).toBeUndefined();
    });
  });
}
