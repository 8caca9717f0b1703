/** Reads the path and the query of a request. */
import { VortexError } from '../lib/errors.js';
import { invalidRequest } from '../lib/issues.js';
import { percentDecode } from '../lib/values.js';

type Words = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Prepares to read the parameters of a path. The framework's own parameters would not do: Fastify and Hono mix in those of
 * the host's mount path, which may have the same names, and Hono leaves malformed escapes undecoded.
 *
 * @param path parameters are written `:name`
 * @param reserved for each parameter, the words that are never its value, whatever their case
 */
export function paramsReader(path: string, reserved: Words): (target: string) => Record<string, string> {
  const pattern = path
    .split('/')
    .slice(1)
    .map((part) => (part.startsWith(':') ? { name: part.slice(1) } : { literal: part }));

  const hasParameters = path.includes(':');

  return (target) => {
    if (!hasParameters && target.endsWith(path)) return {};
    // The host may have told its router to ignore a trailing slash.
    const segments = (target.endsWith('/') ? target.slice(0, -1) : target).split('/').slice(-pattern.length);
    const params: Record<string, string> = {};
    for (const [index, { name, literal }] of pattern.entries()) {
      const segment = decode(segments[index] ?? '');
      const isFound = literal === undefined ? segment !== '' : segment.toLowerCase() === literal;
      if (!isFound) throw new VortexError('NOT_FOUND');
      if (name === undefined) continue;
      if (isReserved(reserved, name, segment)) throw new VortexError('NOT_FOUND');
      params[name] = segment;
    }
    return params;
  };
}

export function isReserved(reserved: Words, parameter: string, value: string): boolean {
  return reserved.get(parameter)?.has(value.toLowerCase()) ?? false;
}

const MAX_QUERY_LENGTH = 2048;

/** @throws VortexError `INVALID_REQUEST` for a query that is too long, malformed, or repeats a key */
export function readQuery(query: string): Record<string, string> {
  if (query === '') return {};
  if (query.length > MAX_QUERY_LENGTH) {
    throw new VortexError('INVALID_REQUEST', `The query is over ${MAX_QUERY_LENGTH} characters.`);
  }
  decode(query);
  // The constructor drops a leading question mark, which may be part of the first key.
  const entries = [...new URLSearchParams(`?${query}`)];
  const fields = Object.fromEntries(entries);
  if (Object.keys(fields).length === entries.length) return fields;
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index) ?? '';
  throw invalidRequest([{ path: twice, message: 'must not be repeated' }]);
}

function decode(text: string): string {
  const decoded = percentDecode(text);
  if (decoded !== undefined) return decoded;
  throw malformed();
}

export function malformed(): VortexError {
  return new VortexError('INVALID_REQUEST', 'The path and the query must be percent-encoded UTF-8.');
}
