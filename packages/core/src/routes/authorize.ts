import { isPlainObject } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import type { Log } from '../lib/log.js';
import { isPromise, type MaybePromise } from '../lib/promises.js';
import { type Operation, type OperationName, type OperationOf, operations } from './operations.js';

/** A rule for one operation. Only `true` allows. */
export type Rule<Name extends OperationName, User, Context> =
  | boolean
  | ((op: OperationOf<Name>, user: User, context: Context) => MaybePromise<boolean>);

/** One function for every operation, or a map with a rule for each; an operation that has none is denied. */
export type AuthorizeOperation<User, Context> =
  | ((op: Operation, user: User, context: Context) => MaybePromise<boolean>)
  | { readonly [Name in OperationName]?: Rule<Name, User, Context> };

/** True where the rule for the operation says exactly that. */
export type Authorize<User, Context> = (op: Operation, user: User, context: Context, log: Log) => MaybePromise<boolean>;

/**
 * The gate that an `authorizeOperation` of either form stands for.
 *
 * @throws VortexError `CONFIG` naming a rule that cannot be one
 */
export function readRules<User, Context>(
  given: AuthorizeOperation<User, Context> | undefined,
): Authorize<User, Context> {
  const warned = new Set<OperationName>();
  const warnOnce = (name: OperationName, log: Log, problem: string) => {
    if (!warned.has(name)) log('warn', `Vortex: denied: ${problem}`);
    warned.add(name);
  };
  const decide = (name: OperationName, answer: unknown, log: Log): boolean => {
    // A rule that returns the record it found has not decided anything.
    if (typeof answer !== 'boolean')
      warnOnce(name, log, `the rule for ${name} answered ${typeof answer}; only true allows.`);
    return answer === true;
  };
  const judge = (name: OperationName, answer: MaybePromise<unknown>, log: Log): MaybePromise<boolean> =>
    isPromise(answer) ? answer.then((settled) => decide(name, settled, log)) : decide(name, answer, log);

  if (typeof given === 'function') {
    return (op, user, context, log) => judge(op.name, given(op, user, context), log);
  }
  if (!isPlainObject(given)) {
    throw new VortexError(
      'CONFIG',
      'authorizeOperation must be a function or a map of rules; without it nobody may do anything.',
    );
  }
  for (const [name, rule] of Object.entries(given)) {
    if (!Object.hasOwn(operations, name)) {
      throw new VortexError('CONFIG', `authorizeOperation has a rule for ${name}, which is no operation.`);
    }
    if (!['function', 'boolean', 'undefined'].includes(typeof rule)) {
      throw new VortexError('CONFIG', `authorizeOperation.${name} must be true, false or a function.`);
    }
  }
  const rules = new Map<string, unknown>(Object.entries(given));
  return (op, user, context, log) => {
    const rule = rules.get(op.name) as Rule<OperationName, User, Context> | undefined;
    if (rule === undefined) {
      warnOnce(op.name, log, `no rule for ${op.name}. Give authorizeOperation one, be it false.`);
      return false;
    }
    const answer = typeof rule === 'function' ? rule(op as OperationOf<OperationName>, user, context) : rule;
    return judge(op.name, answer, log);
  };
}
