import { publicMessage, type VortexError } from '../lib/errors.js';

/** What an adapter sends: `body` is JSON text, or its bytes where it is long. */
export interface VortexReply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array<ArrayBuffer>;
}

/** Characters. */
const LONG = 64 * 1024;

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' } as const;

export function reply(status: number, body: unknown, headers?: Readonly<Record<string, string>>): VortexReply {
  const text = JSON.stringify(body);
  return {
    status,
    headers: headers ? { ...HEADERS, ...headers } : HEADERS,
    // Node would make room for three bytes a character of text, and look through it twice.
    body: text.length > LONG ? new TextEncoder().encode(text) : text,
  };
}

/** What a stranger is told of an error. */
export function failure(error: VortexError, headers: Record<string, string> = {}): VortexReply {
  const { code, issues, retryAfter } = error;
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  return reply(error.status, { error: publicMessage(error), code, issues }, headers);
}
