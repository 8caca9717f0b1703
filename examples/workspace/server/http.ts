/** The code that the three frameworks share: headers, the session cookie, the origin check, errors and live events. */
import { fileURLToPath } from 'node:url';
import { VortexError } from '@vortex/core';
import type { Application } from './application.js';
import { Refusal, type RefusalCode } from './domain/refusal.js';
import { type NewSession, userOfSession } from './domain/sessions.js';
import type { User } from './domain/users.js';

/** The directory that `vite build` writes. */
export const webDirectory = fileURLToPath(new URL('../web/dist', import.meta.url));

/** Only scripts of this server run, and other sites cannot show these pages in a frame. */
export const securityHeaders = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

/** Returns the `Cache-Control` of a file. Files below `assets` never change, since their names contain a hash. */
export function cacheControl(path: string): string {
  return path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** Returns whether `index.html` answers a path. The path may have a query. */
export function isPage(path: string): boolean {
  return !/^\/(?:api|webhooks|assets)(?:[/?]|$)/u.test(path);
}

const COOKIE = 'roster';

export function sessionToken(cookies: string | undefined): string | undefined {
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`, 'u').exec(cookies ?? '')?.[1];
}

/** Returns the value of `Set-Cookie`. Without a session, it deletes the cookie. */
export function sessionCookie({ url }: Application, session?: NewSession): string {
  const { token, expiresAt } = session ?? { token: '', expiresAt: new Date(0) };
  const secure = url.startsWith('https:') ? '; Secure' : '';
  return `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax; Expires=${expiresAt.toUTCString()}${secure}`;
}

export function userOf({ db }: Application, cookies: string | undefined): Promise<User | null> {
  return userOfSession(db, sessionToken(cookies));
}

/**
 * Finds the signed-in user.
 *
 * @throws Refusal `UNAUTHENTICATED`
 */
export async function requireUser(app: Application, cookies: string | undefined): Promise<User> {
  const user = await userOf(app, cookies);
  if (user) return user;
  throw new Refusal('UNAUTHENTICATED', 'Sign in to continue.');
}

/**
 * Refuses writes that do not come from our own pages. The Vortex routes have their own check.
 *
 * @throws Refusal `CROSS_SITE_REQUEST`
 */
export function checkOrigin(method: string, header: (name: string) => string | undefined): void {
  if (method === 'GET' || method === 'HEAD') return;
  const site = header('sec-fetch-site');
  const origin = header('origin');
  const isOwn = site
    ? site === 'same-origin'
    : origin && URL.canParse(origin) && new URL(origin).host === header('host');
  if (!isOwn) throw new Refusal('CROSS_SITE_REQUEST', 'This request came from another site and was blocked.');
}

/**
 * Reads a text field of a JSON body.
 *
 * @throws Refusal `INVALID_REQUEST`
 */
export function textField(body: unknown, name: string): string {
  const value = (Object(body) as Record<string, unknown>)[name];
  if (typeof value === 'string' && value.length <= 2000) return value;
  throw new Refusal(
    'INVALID_REQUEST',
    `The request body must be JSON with a string of at most 2,000 characters in "${name}".`,
  );
}

const statuses: Record<RefusalCode, number> = {
  INVALID_REQUEST: 400,
  UNAUTHENTICATED: 401,
  LINK_EXPIRED: 410,
  NOT_A_MEMBER: 403,
  NOT_AN_ADMIN: 403,
  LAST_ADMIN: 409,
  CROSS_SITE_REQUEST: 403,
  NOT_FOUND: 404,
};

/** Returns the status and the body for an error. The body has the same shape as those of the Vortex routes. */
export function failure(error: unknown): { status: number; body: { error: string; code: string } } {
  if (error instanceof Refusal) {
    return { status: statuses[error.code], body: { error: error.message, code: error.code } };
  }
  // The Vortex API refused a call, for instance with 429.
  if (VortexError.is(error) && error.status < 500) {
    return { status: error.status, body: { error: error.message, code: error.code } };
  }
  // The framework refused the body: it is too large, is not JSON, or has another content type.
  const { status, statusCode } = Object(error) as { status?: unknown; statusCode?: unknown };
  const given = Number(status ?? statusCode);
  if (given >= 400 && given < 500) {
    return { status: given, body: { error: 'The request could not be read.', code: 'INVALID_REQUEST' } };
  }
  console.error(error);
  return { status: 500, body: { error: 'Something went wrong. Try again later.', code: 'INTERNAL' } };
}

export const eventHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // Tells nginx not to buffer the stream, which would delay events.
  'X-Accel-Buffering': 'no',
};

/** Streams Server-Sent Events to one open page until it disconnects. */
export function eventStream({ live }: Application, user: User): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = () => {};
  return new ReadableStream({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      const leave = live.listen(
        user.id,
        (event) => send(`data: ${JSON.stringify(event)}\n\n`),
        () => {
          stop();
          controller.close();
        },
      );
      // Comments keep the connection open: proxies close connections without traffic.
      const beat = setInterval(() => send(':\n\n'), 20_000);
      stop = () => {
        clearInterval(beat);
        leave();
      };
      send('retry: 1000\n\n');
    },
    cancel: () => stop(),
  });
}
