/** The one reader of options, used by every function that takes some. */
import { VortexError, type VortexErrorCode } from './errors.js';
import { type Logger, warn } from './log.js';
import { nearest } from './names.js';
import { isPromise } from './promises.js';
import { isFunction, isObject } from './values.js';

/** Describes a value that is wrong, such as `must be text`, with the path to it inside the value. Undefined if it fits. */
export type Check = (value: unknown) => { readonly path?: string | undefined; readonly message: string } | undefined;

/** A check for each option, or the checks of an object of options. */
export interface OptionChecks {
  readonly [option: string]: Check | OptionChecks;
}

/** How errors name a checked object and its members. */
interface Subject {
  /** Precedes the name of a member. */
  readonly prefix: string;
  /** A member, with its article. */
  readonly member: string;
  readonly all: string;
  readonly code: VortexErrorCode;
}

const OPTIONS: Subject = { prefix: '', member: 'an option', all: 'The options', code: 'CONFIG' };

/**
 * Checks options by name and type, for callers without a compiler. Limits of a value are checked where it is read.
 *
 * @param options what the application has passed
 * @param subject how the error names what is checked, unless that is the options of a function
 * @throws VortexError `CONFIG`, or the code of the subject, naming the first option that is wrong, and for an unknown one the
 *   nearest name
 */
export function requireOptions(checks: OptionChecks, options: unknown, subject = OPTIONS): void {
  const { all, code } = subject;
  if (options === undefined) throw new VortexError(code, `${all} are required, as an object.`);
  if (isPromise(options)) throw new VortexError(code, `${all} must be an object and not a promise; await it.`);
  // A name that is wrong is often why another one is missing.
  requireKnownNames(checks, options, subject);
  requireValues(checks, options, subject);
}

function requireKnownNames(checks: OptionChecks, options: unknown, subject: Subject): void {
  const { prefix, member, all, code } = subject;
  if (!isRecord(options)) return;
  const known = Object.keys(checks);
  for (const name in options) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      throw unknownName(`${prefix}${name}`, member, known, `${all} are ${known.join(', ')}.`, code);
    }
    if (!isFunction(check)) requireKnownNames(check, options[name], { ...subject, prefix: `${prefix}${name}.` });
  }
}

function requireValues(checks: OptionChecks, options: unknown, subject: Subject): void {
  const { prefix, all, code } = subject;
  if (!isRecord(options)) {
    throw new VortexError(code, `${prefix.slice(0, -1) || all} must be an object.`);
  }
  for (const [name, check] of Object.entries(checks)) {
    const value = options[name];
    if (isFunction(check)) {
      const problem = (check as Check)(value);
      if (!problem) continue;
      const path = problem.path === undefined ? '' : `.${problem.path}`;
      throw new VortexError(code, `${prefix}${name}${path} ${problem.message}.`);
    }
    if (value !== undefined) requireValues(check, value, { ...subject, prefix: `${prefix}${name}.` });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}

/**
 * An error for a name that is not one of those known, with the one that is probably meant.
 *
 * @param otherwise a sentence for a name that resembles none
 */
export function unknownName(
  name: string,
  what: string,
  known: readonly string[],
  otherwise = '',
  code: VortexErrorCode = 'CONFIG',
): VortexError {
  const guess = nearest(name.slice(name.lastIndexOf('.') + 1), known);
  const advice = guess === undefined ? otherwise : `Did you mean ${guess}?`;
  return new VortexError(code, `${name} is not ${what}.${advice && ` ${advice}`}`);
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
    if (typeof value !== 'number' || !(value < least)) continue;
    const line = `Vortex: ${name} is in milliseconds, and ${value} ms is very short. If you mean seconds, write ${value * 1000}.`;
    warn(logger, line);
  }
}

/**
 * Reads a duration in milliseconds or a count.
 *
 * @throws VortexError `CONFIG` naming the option
 */
export function positiveInteger(
  option: string,
  value: unknown,
  unit: 'milliseconds' | 'bytes' | 'calls' = 'milliseconds',
): number {
  // A timer's delay has 31 bits; a larger one would fire at once.
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31) return value as number;
  throw new VortexError('CONFIG', `${option} must be a whole number of ${unit} above 0 and below 2^31.`);
}
