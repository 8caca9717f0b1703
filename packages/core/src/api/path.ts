import { VortexError } from '../lib/errors.js';
import { percentDecode } from '../lib/values.js';

/**
 * Builds the path of an API call. Every value becomes exactly one percent-encoded segment. Encoding alone is not enough:
 * `encodeURIComponent('..')` is `..`, which a URL parser resolves, so that the call would reach another endpoint.
 *
 * @throws VortexError `INVALID_ARGUMENT` for an empty value, a dot segment, or text that is not well-formed Unicode
 */
export function path(literals: TemplateStringsArray, ...values: readonly string[]): string {
  return literals.reduce((built, literal, index) => built + encodeSegment(values[index - 1]) + literal);
}

function encodeSegment(value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new VortexError('INVALID_ARGUMENT', 'An id or scope in the path must be text and not empty.', {
      reason: 'type',
    });
  }
  if (!isSafeSegment(value)) {
    throw new VortexError('INVALID_ARGUMENT', 'An id or scope must not be "." or ".." in any encoding.', {
      reason: 'format',
    });
  }
  return encodeURIComponent(value);
}

/** False for text that no path segment can carry: malformed Unicode, and dot segments however often percent-encoded. */
export function isSafeSegment(value: string): boolean {
  if (!value.isWellFormed()) return false;
  let plain = value;
  for (let decoded = percentDecode(plain); decoded !== undefined && decoded !== plain; decoded = percentDecode(plain)) {
    plain = decoded;
  }
  return plain !== '.' && plain !== '..';
}
