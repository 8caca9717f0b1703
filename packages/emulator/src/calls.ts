/** Records the newest requests to the emulator, for the page, the terminal and the control API. */
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { MiddlewareHandler } from 'hono';
import { isOfClient } from './client-api.js';
import { iso } from './invitation.js';
import { redactHeaders, redactor } from './redact.js';
import type { AppEnv } from './routes.js';

/** A frontend may repeat a refused call every second. */
const MAX_CALLS = 500;
/** Characters of a body that are kept. */
const MAX_BODY = 16_384;

/** The headers and the body of a request or of a reply. Keys and tokens are removed. */
export interface RecordedMessage {
  headers: Record<string, string>;
  /** The first 16,384 characters. */
  body: string;
  /** The size of the whole body. */
  bytes: number;
}

/** A request to the API, with its reply. */
export interface RecordedCall {
  id: string;
  /** When it came, in ISO 8601. */
  at: string;
  /** The API of backends, that of components, or the link of an invitation. */
  api: 'server' | 'client' | 'link';
  method: string;
  /** The path and the query. */
  path: string;
  /** `null` if the connection was broken by a fault. */
  status: number | null;
  /** Milliseconds until the reply. */
  duration: number;
  /** The SDK and its version, otherwise the user agent; of a browser, its name and version. */
  caller: string | null;
  /** The user of the token. `null` without a token that verifies. */
  user: string | null;
  /** A warning about the token, such as that it has expired or names no scope. */
  warning: string | null;
  /** Whether a fault has changed the reply. */
  faulty: boolean;
  request: RecordedMessage;
  reply: RecordedMessage;
}

interface CallsContext {
  /** The list to record in. */
  calls: RecordedCall[];
  secrets: readonly string[];
  now: () => number;
  changed: (call: RecordedCall) => void;
}

/** Records each request once it is answered. A preflight of a browser is not recorded. */
export function recordCalls({ calls, secrets, now, changed }: CallsContext): MiddlewareHandler<AppEnv> {
  // A short secret would hide ordinary words.
  const redact = redactor(secrets.filter(({ length }) => length >= 8));
  const message = (headers: Headers, text: string): RecordedMessage => {
    return {
      headers: redactHeaders(headers, redact),
      body: redact(text).slice(0, MAX_BODY),
      bytes: Buffer.byteLength(text),
    };
  };

  return async (c, next) => {
    if (c.req.method === 'OPTIONS') return next();
    const start = performance.now();
    const at = iso(now());
    const { pathname, search } = new URL(c.req.url);
    // The handler reads the same body. A client may still be sending it when a fault has answered.
    let sent = '';
    const reading = c.req.raw.body && c.req.raw.clone().text();
    const read = reading?.then((text) => {
      sent = text;
    }, ignore);
    const { hangUp } = c.env;
    let hungUp = false;
    c.env.hangUp = () => {
      hungUp = true;
      hangUp();
    };
    await next();
    const duration = performance.now() - start;
    // An event stream has no end, but is no reply of the API.
    const answered = hungUp ? '' : await c.res.clone().text();
    await Promise.race([read, setImmediate()]);
    const call: RecordedCall = {
      id: randomUUID(),
      at,
      api: pathname.startsWith('/i/') ? 'link' : isOfClient(c) ? 'client' : 'server',
      method: c.req.method,
      path: redact(pathname + search),
      status: hungUp ? null : c.res.status,
      duration: Math.round(duration * 10) / 10,
      caller: callerOf(c.req.raw.headers),
      user: c.env.user ?? null,
      warning: c.env.warning ?? null,
      faulty: c.env.faulty ?? false,
      request: message(c.req.raw.headers, sent),
      reply: message(hungUp ? new Headers() : c.res.headers, answered),
    };
    if (calls.push(call) > MAX_CALLS) calls.shift();
    changed(call);
  };
}

function callerOf(headers: Headers): string | null {
  for (const kind of ['sdk', 'client']) {
    const name = headers.get(`x-vortex-${kind}-name`);
    const version = headers.get(`x-vortex-${kind}-version`);
    if (name) return version ? `${name}/${version}` : name;
  }
  const agent = headers.get('user-agent');
  return agent?.startsWith('Mozilla/') ? browserOf(agent) : agent;
}

/** The names of browsers as user agents have them. Those that also claim to be another one come first. */
const BROWSERS = { Edg: 'Edge', OPR: 'Opera', Firefox: 'Firefox', Chrome: 'Chrome', Version: 'Safari' };

function browserOf(agent: string): string {
  for (const [token, name] of Object.entries(BROWSERS)) {
    const [, version] = new RegExp(`${token}/(\\d+)`).exec(agent) ?? [];
    if (version !== undefined) return `${name} ${version}`;
  }
  return agent;
}

function ignore(): void {}
