/** Checks that the options of several functions share. Without zod, which takes longer to load than all of this package. */
import type { Check } from './config.js';
import { isLogger } from './log.js';
import { isFunction } from './values.js';

/** For an option that is checked where it is read. */
export const anything: Check = () => undefined;

export const must =
  (fits: (value: unknown) => boolean, message: string): Check =>
  (value) =>
    fits(value) ? undefined : { message };

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);

export const optionalText = optional(must((value) => typeof value === 'string', 'must be text'));

export const optionalFlag = optional(must((value) => typeof value === 'boolean', 'must be true or false'));

export const optionalNumber = optional(must((value) => typeof value === 'number', 'must be a number'));

export const optionalOneOf = (...values: readonly unknown[]): Check =>
  optional(must((value) => values.includes(value), `must be one of ${values.join(', ')}`));

/** A function. Its parameters and result are for the compiler. */
export const callable = must(isFunction, 'must be a function');
export const optionalCallable = optional(callable);

export const optionalLogger = optional(must(isLogger, 'must have the methods warn and error'));
