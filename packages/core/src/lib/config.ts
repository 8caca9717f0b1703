/** The one reader of options, used by every function that takes some. */
import type * as z from 'zod/mini';
import { VortexError } from './errors.js';
import { issuesOf, WITH_INPUT } from './issues.js';
import type { Logger } from './log.js';
import { nearest } from './names.js';
import { isPromise } from './promises.js';

/**
 * Checks options by name and type, for callers without a compiler. Limits of a value are checked where it is read.
 *
 * @param schema a strict object of zod. Its type is kept out of the signature, so that no public type reads zod's files
 * @param options what the application has passed
 * @throws VortexError `CONFIG` naming the first option that is wrong, and for an unknown one the nearest name
 */
export function requireOptions(schema: { def: { shape: object } }, options: unknown): void {
  if (options === undefined) throw new VortexError('CONFIG', 'The options are required, as an object.');
  if (isPromise(options)) throw new VortexError('CONFIG', 'The options must be an object and not a promise; await it.');
  const result = (schema as z.ZodMiniObject).safeParse(options, WITH_INPUT);
  if (result.success) return;
  // A name that is wrong is often why another one is missing.
  const first = result.error.issues.find((issue) => issue.code === 'unrecognized_keys');
  if (first) {
    const path = first.path.map(String);
    const known = namesAt(schema as z.ZodMiniObject, path);
    throw unknownName([...path, first.keys[0]].join('.'), 'an option', known, `The options are ${known.join(', ')}.`);
  }
  const [issue] = issuesOf(result.error);
  throw new VortexError('CONFIG', `${issue?.path || 'The options'} ${issue?.message}.`);
}

/** The names of the members of an object, or of an object in it. */
function namesAt(schema: z.ZodMiniObject, path: readonly string[]): string[] {
  let shape = schema.def.shape as unknown as Shape;
  for (const part of path) shape = shape[part]?.def.innerType?.def.shape ?? {};
  return Object.keys(shape);
}

interface Shape {
  readonly [name: string]: { def: { innerType?: { def: { shape?: Shape } } } } | undefined;
}

/**
 * A `CONFIG` error for a name that is not one of those known, with the one that is probably meant.
 *
 * @param otherwise a sentence for a name that resembles none
 */
export function unknownName(name: string, what: string, known: readonly string[], otherwise = ''): VortexError {
  const guess = nearest(name.slice(name.lastIndexOf('.') + 1), known);
  const advice = guess === undefined ? otherwise : `Did you mean ${guess}?`;
  return new VortexError('CONFIG', `${name} is not ${what}.${advice && ` ${advice}`}`);
}

/**
 * Refuses further arguments of a function that takes its options only. That is also how a framework calls the function if
 * it was mounted without being called.
 *
 * @param mounting how to mount it
 * @throws VortexError `CONFIG`
 */
export function requireOptionsOnly(name: string, further: readonly unknown[], mounting: string): void {
  if (further.length === 0) return;
  throw new VortexError('CONFIG', `${name} takes one argument, its options. Call it where you mount it: ${mounting}.`);
}

/** Warns of a duration that looks as if it were in seconds. */
export function warnOfSeconds(
  durations: Readonly<Record<string, number | undefined>>,
  least: number,
  logger: Logger | undefined,
): void {
  for (const [name, value] of Object.entries(durations)) {
    if (typeof value !== 'number' || value >= least) continue;
    const line = `Vortex: ${name} is in milliseconds, and ${value} ms is very short. If you mean seconds, write ${value * 1000}.`;
    (logger ?? console).warn(line);
  }
}

/**
 * Reads a duration in milliseconds or a count.
 *
 * @throws VortexError `CONFIG` naming the option
 */
export function positiveInteger(option: string, value: unknown): number {
  // A timer's delay has 31 bits; a larger one would fire at once.
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31) return value as number;
  throw new VortexError('CONFIG', `${option} must be a whole number above 0 and below 2^31.`);
}
