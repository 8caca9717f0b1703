/** Who may talk to the emulator. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ApiError } from './errors.js';
import type { AppEnv } from './routes.js';

/** Lets in whoever knows the key. Comparing digests takes the same time wherever the difference is. */
export function requireKey(apiKey: string): MiddlewareHandler<AppEnv> {
  const expected = digest(apiKey);
  return async (context, next) => {
    const given = context.req.header('x-api-key');
    if (given === undefined || !timingSafeEqual(digest(given), expected)) throw new ApiError(401, 'Unauthorized');
    await next();
  };
}

/**
 * Refuses names that are not this machine's. A web page can point a name of its own at 127.0.0.1; its requests then
 * look same-origin to the browser, and only the name gives them away.
 */
export const requireLoopbackName: MiddlewareHandler<AppEnv> = async (context, next) => {
  const { hostname } = new URL(context.req.url);
  if (!isLoopback(hostname)) {
    throw new ApiError(403, `This emulator answers to localhost only, not to ${hostname}; see --host`);
  }
  await next();
};

/** Refuses what another web page makes a browser send. Clients that are no browsers send neither header. */
export const refuseOtherSites: MiddlewareHandler<AppEnv> = async (context, next) => {
  const site = context.req.header('sec-fetch-site');
  const origin = context.req.header('origin');
  const own = site ? site === 'same-origin' || site === 'none' : !origin || origin === new URL(context.req.url).origin;
  if (!own) throw new ApiError(403, 'Only the page of the emulator itself may do this');
  await next();
};

/** Is this name or address one that never leaves the machine? */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
