/** Checks and conversions of plain values that more than one room needs. */
import { VortexError } from './errors.js';

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** True for an object literal or one without a prototype; false for lists, maps, promises and class instances. */
export function isPlainObject(value: unknown): value is object {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function';
}

/** @throws VortexError `INVALID_ARGUMENT` naming the argument */
export function requireObject<Value>(name: string, value: Value): Value {
  if (isObject(value) && !Array.isArray(value)) return value;
  throw new VortexError('INVALID_ARGUMENT', `${name} must be an object.`, { reason: 'type' });
}

/**
 * Writes a value as JSON text.
 *
 * @param make returns the value; what it throws counts as a value that cannot be written
 * @throws VortexError `INVALID_ARGUMENT` for a BigInt, a cycle, or a `toJSON` that throws
 */
export function serialise(make: () => unknown): string {
  try {
    return JSON.stringify(make());
  } catch (cause) {
    throw new VortexError('INVALID_ARGUMENT', 'The value cannot be written as JSON.', { reason: 'type', cause });
  }
}

/** Undefined for text that is no URL. Node 20 has no `URL.parse`. */
export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Undoes percent-encoding. Undefined if the text is not percent-encoded UTF-8. */
export function percentDecode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
