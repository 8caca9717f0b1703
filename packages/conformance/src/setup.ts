/** Shared by the tests of each adapter. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { USER_HEADER } from './application.js';
import { ann } from './suite/data.js';
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
 * Sends a request over a socket of its own, in the name of Ann. Its `resetAndDestroy` makes the server drop the request at once:
 * workerd does not notice a caller that only ends its side.
 */
export async function sendOverSocket(method: string, url: string): Promise<Socket> {
  const { hostname, port, pathname, host } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  await once(socket, 'connect');
  const user = `${USER_HEADER}: ${encodeURIComponent(JSON.stringify(ann))}`;
  socket.write([`${method} ${pathname} HTTP/1.1`, `host: ${host}`, user, '', ''].join('\r\n'));
  return socket;
}

/** Resolves once the server has noticed the resets before this: it answers another request after them. */
export async function noticeResets(mount: string): Promise<void> {
  const socket = await sendOverSocket('GET', `${mount}/jwt`);
  await once(socket, 'data');
  socket.destroy();
}

/**
 * Expects that a caller who disconnects aborts a read upstream, and that a write completes.
 *
 * @param mount URL of the mounted routes
 */
export async function expectLeaversLeft(upstream: Upstream, mount: string): Promise<void> {
  const release = upstream.hold();
  const finished: string[] = [];
  upstream.onEnd(({ method }, complete) => finished.push(`${method} ${complete ? 'answered' : 'given up'}`));
  for (const method of ['GET', 'DELETE']) {
    const socket = await sendOverSocket(method, `${mount}/invitations/i-1`);
    await expect.poll(() => upstream.arrivals.some((arrival) => arrival.method === method)).toBe(true);
    socket.resetAndDestroy();
  }
  await expect.poll(() => finished).toEqual(['GET given up']);
  await noticeResets(mount);
  release();
  await expect.poll(() => finished).toEqual(['GET given up', 'DELETE answered']);
}
