/** What the adapters' own tests have in common. */
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import { startUpstream, type Upstream } from './upstream.js';

/** An upstream for all tests of a file, which each finds as new. */
export function setupUpstream(): Upstream {
  // Empty until the tests run, so that a file can name it before.
  const upstream = {} as Upstream;
  beforeAll(async () => {
    Object.assign(upstream, await startUpstream());
  });
  beforeEach(() => upstream.reset());
  afterAll(() => upstream.close());
  return upstream;
}

/**
 * A caller who leaves ends a read upstream, but not a write.
 *
 * @param mount where the routes are
 */
export async function expectLeaversLeft(upstream: Upstream, mount: string): Promise<void> {
  upstream.emulator.fault('GET /api/v1/invitations/:invitationId', { delay: 8000 });
  upstream.emulator.fault('DELETE /api/v1/invitations/:invitationId', { delay: 300 });
  const finished: string[] = [];
  upstream.onEnd(({ method }, complete) => finished.push(`${method} ${complete ? 'answered' : 'given up'}`));
  for (const method of ['GET', 'DELETE']) {
    const leaving = new AbortController();
    const gone = fetch(`${mount}/invitations/i-1`, { method, signal: leaving.signal }).catch(() => {});
    await vi.waitFor(() => expect(upstream.arrivals.some((arrival) => arrival.method === method)).toBe(true));
    leaving.abort();
    await gone;
  }
  await vi.waitFor(() => expect(finished).toEqual(['GET given up', 'DELETE answered']), 3000);
}
