/** Refuses requests without the API key, and requests that another web page makes a browser send. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ApiError } from './errors.js';
import type { AppEnv } from './routes.js';

/** Requires the API key. Compares digests, so that the time taken reveals nothing about the key. */
export function requireKey(apiKey: string): MiddlewareHandler<AppEnv> {
  const expected = digest(apiKey);
  return async (context, next) => {
    const given = context.req.header('x-api-key');
    if (given === undefined || !timingSafeEqual(digest(given), expected)) throw new ApiError(401, 'Unauthorized');
    await next();
  };
}

/**
 * Refuses a `Host` that is not a loopback name. A web page can point its own host name at 127.0.0.1 (DNS rebinding). The
 * browser then treats its requests as same-origin, and only the host name reveals them.
 */
export const requireLoopbackName: MiddlewareHandler<AppEnv> = async (context, next) => {
  const { hostname } = new URL(context.req.url);
  if (!isLoopback(hostname)) {
    throw new ApiError(403, `The host must be localhost, not ${hostname}; to allow other hosts, set --host`);
  }
  await next();
};

/** Refuses requests that another web page makes a browser send. Clients other than browsers send neither header. */
export const refuseOtherSites: MiddlewareHandler<AppEnv> = async (context, next) => {
  const site = context.req.header('sec-fetch-site');
  const origin = context.req.header('origin');
  const own = site ? site === 'same-origin' || site === 'none' : !origin || origin === new URL(context.req.url).origin;
  if (!own) throw new ApiError(403, 'A page of another site may not send this request');
  await next();
};

/** Tells whether a host name or address always refers to this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
