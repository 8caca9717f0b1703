import { expect, test } from 'vitest';
import type { Group } from './group.js';

/** Which values are passed on. `harness.ts` checks after every test of the suite that a valid one is passed on. */
export const tracing: Group = {
  of: 'core',
  title: 'traceparent',
  define({ upstream, call, quiet, invited }) {
    const id = '0af7651916cd43dd8448eb211c80319c';
    const good = `00-${id}-b7ad6b7169203331-01`;

    const forwarded = async (traceparent: string | undefined, settings?: { traceparent: 'off' }) => {
      const path = `/invitations/${await invited()}`;
      quiet();
      const headers = { traceparent: traceparent ?? [] };
      expect((await call('GET', path, { user: { id: 'u-1' }, headers }, settings)).status).toBe(200);
      const arrivals = upstream.arrivals.splice(0);
      expect(arrivals).toHaveLength(1);
      return arrivals[0]?.headers.traceparent;
    };

    test.each([good, good.replace(/01$/u, '00')])('the traceparent %s is passed on', async (value) => {
      expect(await forwarded(value)).toBe(value);
    });

    test.each([
      ['without a traceparent', undefined],
      ['with two', `${good}, ${good}`],
      ['with upper case', good.toUpperCase()],
      ['with a trace id of zeros', good.replace(id, '0'.repeat(32))],
      ['with a parent id of zeros', good.replace('b7ad6b7169203331', '0'.repeat(16))],
      ['with the forbidden version', good.replace(/^00/u, 'ff')],
      ['with more fields than version 00 has', `${good}-more`],
      ['with text of another form', 'Bearer secret'],
    ])('a request %s sends the API no traceparent', async (_, given) => {
      expect(await forwarded(given)).toBeUndefined();
    });

    test('traceparent: off sends the API no traceparent', async () => {
      expect(await forwarded(good, { traceparent: 'off' })).toBeUndefined();
    });
  },
};
