/** How options are checked, whoever takes them. */
import type * as z from 'zod/mini';
import { VortexError } from './errors.js';
import { issuesOf, WITH_INPUT } from './issues.js';

/** @throws VortexError `CONFIG` naming the option that is wrong */
export function requireShape(shape: z.ZodMiniType, options: unknown): void {
  const result = shape.safeParse(options, WITH_INPUT);
  if (result.success) return;
  const [issue] = issuesOf(result.error);
  throw new VortexError('CONFIG', `${issue?.path || 'The options'} ${issue?.message}.`);
}

/** @throws VortexError `CONFIG` naming the option */
export function positiveInteger(option: string, value: unknown): number {
  // Timers take no more than 31 bits: a larger delay would end at once.
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31) return value as number;
  throw new VortexError('CONFIG', `${option} must be a whole number above 0 and below 2^31.`);
}

/** Lists, Maps and promises are objects too, and have no rules. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
