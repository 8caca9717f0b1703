import { VortexError } from '../lib/errors.js';
import { TooLargeError } from './node.js';

/** What an adapter found: the raw bytes, or the value that a parser of the host has already made of them. */
export type FoundBody = Uint8Array | { parsed: unknown };

/** Most bytes of a body that we read ourselves. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_DEPTH = 32;

/**
 * The JSON object of a request body; nothing for an empty one, whatever its content type says.
 *
 * @throws VortexError `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE` or `INVALID_REQUEST`
 */
export async function readJsonObject(
  readBody: (limit: number) => Promise<FoundBody>,
  header: (name: string) => string | undefined,
): Promise<Record<string, unknown> | undefined> {
  if (header('content-length') === '0') return undefined;
  const found = await readWithin(MAX_BODY_BYTES, readBody, header('content-length'));
  const bytes = bytesOf(found);
  if (bytes ? bytes.byteLength === 0 : 'parsed' in found && found.parsed === undefined) return undefined;

  requireJson(header('content-type'), header('content-encoding'));
  // A copy, since what is parsed is frozen, and the host's own `request.body` must not be.
  const value = bytes ? parse(bytes) : structuredClone((found as { parsed: unknown }).parsed);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('must be a JSON object');
  if (isDeeperThan(MAX_DEPTH, value)) throw malformed(`must not be nested more than ${MAX_DEPTH} deep`);
  return value as Record<string, unknown>;
}

/**
 * A body of at most so many bytes.
 *
 * @throws VortexError `PAYLOAD_TOO_LARGE`, or `ABORTED` where it broke off
 */
export async function readWithin(
  limit: number,
  readBody: (limit: number) => Promise<FoundBody>,
  length: string | undefined,
): Promise<FoundBody> {
  const tooLarge = () => new VortexError('PAYLOAD_TOO_LARGE', `The request body is over ${limit / 1024} kB.`);
  if (Number(length) > limit) throw tooLarge();
  try {
    return await readBody(limit);
  } catch (cause) {
    if (cause instanceof VortexError) throw cause;
    throw cause instanceof TooLargeError
      ? tooLarge()
      : new VortexError('ABORTED', 'The request body broke off.', { cause });
  }
}

/** A parser for raw or text bodies leaves the parsing to us. */
export function bytesOf(found: FoundBody): Uint8Array | undefined {
  if (found instanceof Uint8Array) return found;
  if (found.parsed instanceof Uint8Array) return found.parsed;
  return typeof found.parsed === 'string' ? new TextEncoder().encode(found.parsed) : undefined;
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
    // A byte order mark stays in the text, and so makes it invalid JSON, as RFC 8259 has it.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw malformed('is not valid JSON in UTF-8');
  }
}

function isDeeperThan(limit: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((member) => isDeeperThan(limit - 1, member));
}

function malformed(problem: string): VortexError {
  return new VortexError('INVALID_REQUEST', `The request body ${problem}.`);
}
