import { VortexError, type VortexErrorReason } from '../lib/errors.js';

/**
 * Builds the path of an API call. Every value, given with its name as in `${{ scope }}`, becomes exactly one percent-encoded
 * segment. Encoding alone is not enough:
 * `encodeURIComponent('..')` is `..`, which a URL parser resolves, so that the call would reach another endpoint.
 *
 * @throws VortexError `INVALID_ARGUMENT` with the name, for an empty value, one of over 1,000 characters, a dot segment, or text that is not
 *   well-formed Unicode
 */
export function path(literals: TemplateStringsArray, ...values: readonly Readonly<Record<string, string>>[]): string {
  return literals.reduce((built, literal, index) => built + encodeSegment(values[index - 1] ?? {}) + literal);
}

/** Longer than any id, scope or address. */
const MAX_LENGTH = 1000;

function encodeSegment(named: Readonly<Record<string, string>>): string {
  const [[name, value] = ['', '']] = Object.entries(named);
  requireText(name, value);
  if (!isSafeSegment(value)) throw invalid(name, 'must not be "." or ".." in any encoding');
  return encodeURIComponent(value);
}

/** @throws VortexError `INVALID_ARGUMENT` naming the argument */
export function requireText(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw invalid(name, 'must be text and not empty', 'type');
  if (value.length > MAX_LENGTH) throw invalid(name, `must have at most ${MAX_LENGTH} characters`);
  // A URL would replace what is malformed, and so name another value.
  if (!value.isWellFormed()) throw invalid(name, 'must be well-formed Unicode');
}

function invalid(name: string, problem: string, reason: VortexErrorReason = 'format'): VortexError {
  return new VortexError('INVALID_ARGUMENT', `${name} ${problem}.`, { reason });
}

/** False for text that no path segment can carry: malformed Unicode, and dot segments however often percent-encoded. */
export function isSafeSegment(value: string): boolean {
  return value.isWellFormed() && !isDotSegment(value);
}

/**
 * True for text that becomes `.` or `..` when its percent-encoding is undone until nothing changes. It reads the text once,
 * from its end: undone layer by layer, 64 kB of `%252525…` have 32,000 layers and take a second.
 */
function isDotSegment(value: string): boolean {
  if (!/^[%.\da-f]+$/iu.test(value)) return false;
  // The characters to the right, and the number of layers after which each is there.
  const undone: { char: string; layer: number }[] = [];
  for (let index = value.length - 1; index >= 0; index -= 1) {
    let char = value.charAt(index);
    let layer = 0;
    while (char === '%') {
      const high = undone.pop();
      const low = undone.pop();
      // A `%` that comes before its digits is malformed, and so stays.
      if (!high || !low || Math.max(high.layer, low.layer) > layer) return false;
      const digits = high.char + low.char;
      if (!/^[0-7][\da-f]$/iu.test(digits)) return false;
      char = String.fromCharCode(Number.parseInt(digits, 16));
      layer += 1;
    }
    undone.push({ char, layer });
  }
  return undone.length <= 2 && undone.every(({ char }) => char === '.');
}
