/** JSON data of a request body, whether we or the host have parsed it. */
import { VortexError } from '../lib/errors.js';
import { invalidRequest } from '../lib/issues.js';
import { isFunction, isObject } from '../lib/values.js';

// With more, reading a body of 64 kB would hold the event loop for over 5 ms.
const MAX_VALUES = 10_000;
const MAX_KEYS = 1000;
const MAX_DEPTH = 32;

/**
 * Copies JSON data as `JSON.stringify` would write it: `toJSON` is called, getters, proxies and class instances are read as
 * data, functions and symbols are left out. An own key `__proto__` stays an own key.
 *
 * @throws VortexError `INVALID_REQUEST` for data of too many values, keys or levels, and for values that JSON cannot keep
 */
export function copyJson(value: unknown): unknown {
  let count = 0;
  const path: string[] = [];
  const refuse = (problem: string) => invalidRequest([{ path: path.join('.'), message: problem }]);

  const copy = (given: unknown): unknown => {
    count += 1;
    if (count > MAX_VALUES) throw invalidBody(`must not hold more than ${MAX_VALUES} values`);
    const data = writesItself(given) ? given.toJSON(path.at(-1) ?? '') : given;
    if (isFunction(data) || typeof data === 'symbol') return undefined;
    if (typeof data === 'string' && !data.isWellFormed()) throw refuse(MALFORMED);
    // `1e999` is parsed as Infinity, which JSON would write as null.
    if (typeof data === 'bigint' || (typeof data === 'number' && !Number.isFinite(data))) {
      throw refuse('must be a number that JSON can keep');
    }
    if (!isObject(data)) return data;
    // Checked on the way down, since the stack is limited.
    if (path.length >= MAX_DEPTH) throw invalidBody(`must not be nested more than ${MAX_DEPTH} levels deep`);
    return Array.isArray(data) ? copyList(data) : copyObject(data);
  };
  const copyList = (list: readonly unknown[]): unknown[] => {
    const copied: unknown[] = [];
    for (let index = 0; index < list.length; index += 1) copied.push(copyMember(String(index), list[index]) ?? null);
    return copied;
  };
  const copyObject = (data: Record<string, unknown>): object => {
    const keys = Object.keys(data);
    if (keys.length > MAX_KEYS) throw refuse(`must have at most ${MAX_KEYS} entries`);
    const copied: Record<string, unknown> = {};
    for (const key of keys) {
      const value = copyMember(key, data[key]);
      if (value === undefined) continue;
      // Assigned, it would become the prototype.
      if (key === '__proto__') Object.defineProperty(copied, key, { value, enumerable: true });
      else copied[key] = value;
    }
    return copied;
  };
  const copyMember = (key: string, member: unknown): unknown => {
    path.push(key);
    if (!key.isWellFormed()) throw refuse(MALFORMED);
    const copied = copy(member);
    path.pop();
    return copied;
  };
  return copy(value);
}

const MALFORMED = 'must be well-formed Unicode';

function writesItself(value: unknown): value is { toJSON(key: string): unknown } {
  return (isObject(value) || typeof value === 'bigint') && isFunction((value as { toJSON?: unknown }).toJSON);
}

export function invalidBody(problem: string): VortexError {
  return new VortexError('INVALID_REQUEST', `The request body ${problem}.`);
}
