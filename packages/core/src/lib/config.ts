/** The one reader of options, used by every function that takes some. */
import type * as z from 'zod/mini';
import { VortexError } from './errors.js';
import { issuesOf, WITH_INPUT } from './issues.js';
import { nearest } from './names.js';

/**
 * Checks options by name and type, for callers without a compiler. Limits of a value are checked where it is read.
 *
 * @param schema a strict object of zod. Its type is kept out of the signature, so that no public type reads zod's files
 * @param options undefined counts as no options
 * @throws VortexError `CONFIG` naming the first option that is wrong, and for an unknown one the nearest name
 */
export function requireOptions(schema: { def: { shape: object } }, options: unknown): void {
  const result = (schema as z.ZodMiniObject).safeParse(options, WITH_INPUT);
  if (result.success) return;
  const [first] = result.error.issues;
  if (first?.code === 'unrecognized_keys') {
    const path = first.path.map(String);
    const known = path.length === 0 ? Object.keys(schema.def.shape) : [];
    throw unknownName([...path, first.keys[0]].join('.'), 'an option', known);
  }
  const [issue] = issuesOf(result.error);
  throw new VortexError('CONFIG', `${issue?.path || 'The options'} ${issue?.message}.`);
}

/** A `CONFIG` error for a name that is not one of those known, with the nearest of them. */
export function unknownName(name: string, what: string, known: readonly string[]): VortexError {
  const guess = nearest(name.slice(name.lastIndexOf('.') + 1), known);
  return new VortexError('CONFIG', `${name} is not ${what}.${guess === undefined ? '' : ` Did you mean ${guess}?`}`);
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
