/** Reads the values of flags that are more than a text. */
import { LAST_TIME } from './clock.js';
import { type Fault, Faults } from './faults.js';
import type { EmulatedRoute } from './routes.js';
import { UsageError } from './usage.js';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Returns milliseconds.
 *
 * @throws {UsageError} that names the flag
 */
export function readDuration(flag: string, text: string): number {
  const [, count, unit] = /^([1-9]\d{0,8})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (count && unit) return Number(count) * UNITS[unit as keyof typeof UNITS];
  throw new UsageError(`${flag} must be a number with s, m, h or d, such as 7d, not "${text}".`);
}

/**
 * Returns by how many milliseconds to move the clock, for `+31d`, `-2h` or a time in ISO 8601.
 *
 * @throws {UsageError} if the text is none of them, or farther than the clock can be moved
 */
export function readClock(text: string, now: number): number {
  const sign = text[0] === '-' ? -1 : 1;
  if (/^[+-]/.test(text)) {
    const distance = sign * readDuration('--clock', text.slice(1));
    if (Math.abs(now + distance) <= LAST_TIME) return distance;
    throw new UsageError(`--clock cannot be moved that far: use a distance of at most 90000000d, not "${text}".`);
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time - now;
  throw new UsageError(
    `--clock must be a distance such as +31d, or a time such as 2030-01-01T00:00:00Z, not "${text}".`,
  );
}

/**
 * Reads a route and the fields of its fault, such as `POST /api/v1/invitations status=503 times=2`.
 *
 * @throws {UsageError} if there is no such route or field
 */
export function readFault(text: string): { route: EmulatedRoute; fault: Fault } {
  const words = text.trim().split(/\s+/);
  const first = words.findIndex((word) => word.includes('=') || word === 'reset' || word === 'garbage');
  const fields = first < 0 ? [] : words.splice(first);
  const route = words.join(' ') as EmulatedRoute;
  if (fields.length === 0) {
    throw new UsageError(`--fault needs a field after the route, such as "${route} status=503", or reset or garbage.`);
  }
  const fault = Object.fromEntries(fields.map(readField)) as Fault;
  try {
    new Faults(() => {}).set(route, fault);
  } catch (error) {
    throw new UsageError(`--fault: ${(error as Error).message}`);
  }
  return { route, fault };
}

function readField(field: string): [name: string, value: number | true] {
  const [name = '', value = ''] = field.split('=', 2);
  if (field === 'reset' || field === 'garbage') return [field, true];
  if (name === 'delay') return [name, /^\d+$/.test(value) ? Number(value) : readDuration('--fault: delay', value)];
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`--fault: ${name} must be a whole number, not "${value}".`);
  return [name, Number(value)];
}
