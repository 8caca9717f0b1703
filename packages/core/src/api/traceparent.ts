import { VortexError } from '../lib/errors.js';

/** True for a `traceparent` of W3C Trace Context, of version 00 or a later one with the same fields. */
export function isTraceparent(text: string): boolean {
  return /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/u.test(text);
}

/** @throws VortexError `INVALID_ARGUMENT` */
export function requireTraceparent(text: string): string {
  if (isTraceparent(text)) return text;
  throw new VortexError('INVALID_ARGUMENT', 'traceparent must be a W3C Trace Context header.', { reason: 'format' });
}
