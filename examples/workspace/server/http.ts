/** What is the same on the three frameworks: headers, the cookie, who may write, and what a failure looks like. */
import { fileURLToPath } from 'node:url';
import type { Application } from './application.js';
import { Refusal, type RefusalCode } from './domain/refusal.js';
import { type NewSession, userOfSession } from './domain/sessions.js';
import type { User } from './domain/users.js';

/** What `vite build` has made. */
export const webDirectory = fileURLToPath(new URL('../web/dist', import.meta.url));

/** Nothing runs but our own files, and no other site puts a button of ours under somebody's mouse. */
export const securityHeaders = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

/** The file names below `assets` change with their content. */
export function cacheControl(path: string): string {
  return path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** Whether a path, with its query or without, is one of the page's own, which `index.html` answers. */
export function isPage(path: string): boolean {
  return !/^\/(?:api|webhooks|assets)(?:[/?]|$)/u.test(path);
}

const COOKIE = 'roster';

export function sessionToken(cookies: string | undefined): string | undefined {
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`, 'u').exec(cookies ?? '')?.[1];
}

/** For `Set-Cookie`. Without a session it ends the one there was. */
export function sessionCookie({ url }: Application, session?: NewSession): string {
  const { token, expiresAt } = session ?? { token: '', expiresAt: new Date(0) };
  const secure = url.startsWith('https:') ? '; Secure' : '';
  return `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax; Expires=${expiresAt.toUTCString()}${secure}`;
}

export function userOf({ db }: Application, cookies: string | undefined): Promise<User | null> {
  return userOfSession(db, sessionToken(cookies));
}

/** @throws Refusal `UNAUTHENTICATED` */
export async function requireUser(app: Application, cookies: string | undefined): Promise<User> {
  const user = await userOf(app, cookies);
  if (user) return user;
  throw new Refusal('UNAUTHENTICATED', 'Sign in first.');
}

/**
 * Before anything of our own is changed: only a page of ours may ask for it. The Vortex routes check this themselves.
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
  if (!isOwn) throw new Refusal('CROSS_SITE_REQUEST', 'The request comes from another site.');
}

/** @throws Refusal `INVALID_REQUEST` */
export function textField(body: unknown, name: string): string {
  const value = (Object(body) as Record<string, unknown>)[name];
  if (typeof value === 'string' && value.length <= 2000) return value;
  throw new Refusal('INVALID_REQUEST', `The body must be JSON with a text in "${name}".`);
}

const statuses: Record<RefusalCode, number> = {
  INVALID_REQUEST: 400,
  UNAUTHENTICATED: 401,
  LINK_EXPIRED: 410,
  NOT_A_MEMBER: 403,
  CROSS_SITE_REQUEST: 403,
  NOT_FOUND: 404,
};

/** The same shape as the failures of the Vortex routes. */
export function failure(error: unknown): { status: number; body: { error: string; code: string } } {
  if (error instanceof Refusal) {
    return { status: statuses[error.code], body: { error: error.message, code: error.code } };
  }
  // A framework's own refusal of a body: too large, no JSON, another type.
  const { status, statusCode } = Object(error) as { status?: unknown; statusCode?: unknown };
  const given = Number(status ?? statusCode);
  if (given >= 400 && given < 500) {
    return { status: given, body: { error: 'The request cannot be read.', code: 'INVALID_REQUEST' } };
  }
  console.error(error);
  return { status: 500, body: { error: 'Something went wrong.', code: 'INTERNAL' } };
}

export const eventHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // Proxies that buffer would keep events back.
  'X-Accel-Buffering': 'no',
};

/** Server-Sent Events for one open page, until it leaves. */
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
      // Comments, so that nobody in between takes the silence for the end.
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
