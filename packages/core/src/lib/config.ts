/** Checks of options, used by every function that takes some. */
import * as z from 'zod/mini';
import { VortexError } from './errors.js';
import { issuesOf, WITH_INPUT } from './issues.js';
import { isLogger } from './log.js';
import { isFunction } from './values.js';

/** A function. Its parameters and result are for the compiler. */
export const callable = z.custom(isFunction, 'must be a function');

export const loggerOption = z.custom(isLogger, 'must have the methods warn and error');

/** @throws VortexError `CONFIG` naming the first option that is wrong */
export function requireShape(shape: z.ZodMiniType, options: unknown): void {
  const result = shape.safeParse(options, WITH_INPUT);
  if (result.success) return;
  const [issue] = issuesOf(result.error);
  throw new VortexError('CONFIG', `${issue?.path || 'The options'} ${issue?.message}.`);
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
