/** Shared by the tests of each adapter. */
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { startUpstream, type Upstream } from './upstream.js';

/** Opens one upstream for the tests of a file, and resets it before each test. */
export function setupUpstream(): Upstream {
  // Filled before the first test, so that a file can destructure it while tests are being defined.
  const upstream = {} as Upstream;
  beforeAll(async () => {
    Object.assign(upstream, await startUpstream());
  });
  beforeEach(() => upstream.reset());
  afterAll(() => upstream.close());
  return upstream;
}

/**
 * Expects that a caller who disconnects aborts a read upstream, and that a write completes.
 *
 * @param mount URL of the mounted routes
 */
export async function expectLeaversLeft(upstream: Upstream, mount: string): Promise<void> {
  upstream.emulator.fault('GET /api/v1/invitations/:invitationId', { delay: 60_000 });
  upstream.emulator.fault('DELETE /api/v1/invitations/:invitationId', { delay: 300 });
  const finished: string[] = [];
  upstream.onEnd(({ method }, complete) => finished.push(`${method} ${complete ? 'answered' : 'given up'}`));
  for (const method of ['GET', 'DELETE']) {
    const leaving = new AbortController();
    const gone = fetch(`${mount}/invitations/i-1`, { method, signal: leaving.signal }).catch(() => {});
    await expect.poll(() => upstream.arrivals.some((arrival) => arrival.method === method)).toBe(true);
    leaving.abort();
    await gone;
  }
  await expect.poll(() => finished).toEqual(['GET given up', 'DELETE answered']);
}
