/** Request bodies: what an adapter found, and how core reads it. */
import { isArrayBuffer, isBytes, TooLargeError } from '../lib/bytes.js';
import { statusOf, VortexError } from '../lib/errors.js';
import { type MaybePromise, withTimeout } from '../lib/promises.js';
import { copyJson, invalidBody } from './json.js';

/**
 * The body of a request, as the adapter found it. `empty` means that the request has none, and `consumed` that earlier middleware
 * read it and kept nothing. A stream that has ended without data is `bytes` of length 0: only the headers tell which of the two it is.
 */
export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'parsed'; readonly value: unknown }
  | { readonly kind: 'empty' }
  | { readonly kind: 'consumed' };

/** The part of a request that holds its body. */
export interface BodySource {
  /** Reads a header by its lower-case name. */
  header(name: string): string | undefined;
  /** Reads the body. Rejects with `TooLargeError` past the limit. Called at most once. */
  body(): Promise<Body>;
  /**
   * Says how to keep the bytes of a body on this framework, in the imperative and without a full stop, for the log.
   *
   * @default 'keep the bytes as request.rawBody'
   */
  readonly keeping?: string | undefined;
}

/** Maximum size of a request body in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** The body for what earlier middleware has kept. Bytes and text are parsed by us, other values count as parsed. */
export function bodyFromKept(kept: unknown): Body {
  if (kept === undefined) return { kind: 'consumed' };
  if (isBytes(kept)) return { kind: 'bytes', bytes: kept };
  if (isArrayBuffer(kept)) return { kind: 'bytes', bytes: new Uint8Array(kept) };
  if (typeof kept === 'string') return { kind: 'bytes', bytes: new TextEncoder().encode(kept) };
  return { kind: 'parsed', value: kept };
}

/**
 * Reads a request body that must be a JSON object. Undefined for an empty body, whatever its content type.
 *
 * @param isOptional makes an empty list count as no body
 * @param timeout in milliseconds
 * @throws VortexError `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`, `INVALID_REQUEST`, `REQUEST_TIMEOUT`, `BODY_CONSUMED`
 *   or `ABORTED`
 */
export function readJsonObject(
  source: BodySource,
  timeout: number,
  isOptional: boolean,
): MaybePromise<Record<string, unknown> | undefined> {
  return source.header('content-length') === '0' ? undefined : readObject(source, timeout, isOptional);
}

async function readObject(
  source: BodySource,
  timeout: number,
  isOptional: boolean,
): Promise<Record<string, unknown> | undefined> {
  const body = await readBody(source, MAX_BODY_BYTES, timeout);
  if (body.kind === 'empty') return undefined;

  requireJson(source.header('content-type'), source.header('content-encoding'));
  requireKept(body, source);
  // A copy, since the result is frozen, and the host's own `request.body` must not be.
  const value = copyJson(body.kind === 'bytes' ? parse(body.bytes) : body.value);
  // An empty object, as PHP and others write it.
  if (isOptional && Array.isArray(value) && value.length === 0) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidBody('must be a JSON object');
  const isMeasured = body.kind === 'bytes' || source.header('content-length') !== undefined;
  if (!isMeasured && new TextEncoder().encode(JSON.stringify(value)).byteLength > MAX_BODY_BYTES) {
    throw tooLarge(MAX_BODY_BYTES);
  }
  return value as Record<string, unknown>;
}

/**
 * Reads the exact bytes of a request body.
 *
 * @param timeout in milliseconds
 * @throws VortexError `PAYLOAD_TOO_LARGE`, `RAW_BODY_REQUIRED` after a parser, `REQUEST_TIMEOUT`, `BODY_CONSUMED` or `ABORTED`
 */
export async function readRawBody(source: BodySource, maxBytes: number, timeout: number): Promise<Uint8Array> {
  const body = await readBody(source, maxBytes, timeout);
  requireKept(body, source);
  if (body.kind === 'parsed') {
    throw new VortexError(
      'RAW_BODY_REQUIRED',
      `A body parser ran before the webhook, which needs the raw bytes. Mount the webhook first, or ${keepingOf(source)}.`,
    );
  }
  return body.kind === 'empty' ? new Uint8Array() : body.bytes;
}

async function readBody(source: BodySource, maxBytes: number, timeout: number): Promise<Body> {
  const length = source.header('content-length');
  if (length === '0') return { kind: 'empty' };
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  const reading = source.body().catch((cause: unknown) => {
    if (cause instanceof TooLargeError || statusOf(cause) === 413) throw tooLarge(maxBytes);
    if (isRefused(cause)) throw invalidBody('cannot be decoded');
    throw new VortexError('ABORTED', 'The caller disconnected before the request body was complete.', { cause });
  });
  const body = await withTimeout(timeout, reading, () => new VortexError('REQUEST_TIMEOUT'));
  if (body.kind !== 'bytes') return body;
  // A parser of the host may have read more than the limit.
  if (body.bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
  if (body.bytes.byteLength > 0) return body;
  // Hosts such as React Router hand on an empty stream in place of a body that a parser has read. Encoded, no bytes have a length.
  const isEncoded = source.header('content-encoding') !== undefined;
  return { kind: Number(length) > 0 && !isEncoded ? 'consumed' : 'empty' };
}

/** @throws VortexError `BODY_CONSUMED` */
function requireKept(body: Body, source: BodySource): asserts body is Exclude<Body, { kind: 'consumed' }> {
  if (body.kind !== 'consumed') return;
  throw new VortexError(
    'BODY_CONSUMED',
    `The request body was read by earlier middleware and not kept. Mount Vortex before that middleware, or ${keepingOf(source)}.`,
  );
}

/** True for the error of a stream or a parser of the host that could not read what was sent, such as bytes that are no gzip. */
function isRefused(cause: unknown): boolean {
  const { code } = Object(cause) as { code?: unknown };
  return String(code).startsWith('Z_') || /^4\d\d$/u.test(String(statusOf(cause)));
}

function keepingOf({ keeping = 'keep the bytes as request.rawBody' }: BodySource): string {
  return keeping;
}

function tooLarge(maxBytes: number): VortexError {
  return new VortexError('PAYLOAD_TOO_LARGE', `The request body is over ${maxBytes / 1024} kB.`);
}

function requireJson(type = '', encoding = 'identity'): void {
  if (encoding.toLowerCase() !== 'identity') {
    throw new VortexError('UNSUPPORTED_MEDIA_TYPE', 'Send the body without a Content-Encoding.');
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/iu.exec(type)?.[1] ?? 'utf-8';
  if (!/^application\/(?:[\w.!#$&^+-]+\+)?json\s*(?:;|$)/iu.test(type) || !/^utf-?8$/iu.test(charset)) {
    throw new VortexError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as Content-Type: application/json, in UTF-8.');
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    // A byte order mark is kept, and so makes the text invalid JSON (RFC 8259, section 8.1).
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw invalidBody('is not valid JSON in UTF-8');
  }
}
