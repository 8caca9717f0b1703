import { VortexError } from '../lib/errors.js';

/**
 * Builds the path of an API call; every value becomes exactly one percent-encoded segment. Encoding alone is not enough:
 * `encodeURIComponent('..')` is `..`, and URL parsers resolve it, which would walk our API key to another endpoint.
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

/** False for text no path segment can carry: broken Unicode, and dot segments under any number of percent-encodings. */
export function isSafeSegment(value: string): boolean {
  if (!value.isWellFormed()) return false;
  let plain = value;
  for (let decoded = decode(plain); decoded !== plain; decoded = decode(plain)) plain = decoded;
  return plain !== '.' && plain !== '..';
}

/** What cannot be decoded is plain already. */
function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
