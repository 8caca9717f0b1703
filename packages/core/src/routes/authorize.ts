import { unknownName } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import type { Log } from '../lib/log.js';
import { isPromise, type MaybePromise } from '../lib/promises.js';
import { isObject, isPlainObject } from '../lib/values.js';
import type { Operation, OperationName, OperationOf, OperationTypes } from './operation-types.js';
import { isAnyUnawaited } from './rule-result.js';

/** Marks the rules of `@vortex/core/rules`. For the compiler only. */
interface RuleMark<Op, User, Context> {
  /** Quoted by the compiler if a rule returns anything else. */
  readonly 'a rule must return a boolean or a Promise of a boolean': (op: Op, user: User, context: Context) => never;
}

/**
 * A rule of `@vortex/core/rules`, for every operation that has what the rule looks at. Await its result before it is combined
 * by `&&` or `||`, or combine the rules by `allOf` and `anyOf`: a promise is always truthy. Therefore no function that is a
 * rule may return the result as it is.
 */
export interface CombinedRule<Op, User, Context> extends RuleMark<Op, User, Context> {
  // Without a name of its own, the type is written out in the messages of the compiler.
  (
    op: Op,
    user: User,
    ...rest: ContextArgument<Context>
  ): PromiseLike<boolean> & { readonly 'await this before you combine it by && or ||': never };
}

/** The last argument of a combined rule. It is optional if the rule fits every context. */
type ContextArgument<Context> = unknown extends Context ? [context?: Context] : [context: Context];

/** A rule that an application writes. */
export type RuleFunction<Op, User, Context> = (op: Op, user: User, context: Context) => boolean | Promise<boolean>;

/** An asynchronous rule for one operation. Only `true` allows. */
export type Rule<Name extends OperationName, User, Context = unknown> = (
  op: OperationOf<Name>,
  user: User,
  context: Context,
) => Promise<boolean>;

/** A rule per operation. Only `true` allows; an operation without a rule is denied. */
export type RuleMap<User, Context = unknown> = {
  readonly [Name in keyof OperationTypes]?:
    | boolean
    | RuleFunction<OperationOf<Name>, User, Context>
    | RuleMark<OperationOf<Name>, User, Context>
    | undefined;
};

/** One function for all operations, or a rule per operation. */
export type AuthorizeOperation<User, Context = unknown> =
  | RuleFunction<Operation, User, Context>
  | RuleMap<User, Context>;

type Decide<User, Context> = (op: Operation, user: User, context: Context) => MaybePromise<boolean>;

/** Resolves to true if the rule for the operation returned `true`. */
export type Authorize<User, Context> = (op: Operation, user: User, context: Context, log: Log) => MaybePromise<boolean>;

/**
 * Turns an `authorizeOperation` of either form into one function.
 *
 * @param names the names of all operations
 * @throws VortexError `CONFIG` naming the rule that is wrong
 */
export function readRules<User, Context>(
  given: AuthorizeOperation<User, Context> | undefined,
  names: readonly string[],
): Authorize<User, Context> {
  const warned = new Set<OperationName>();
  const unawaited = new Set<OperationName>();
  const warnOnce = (name: OperationName, log: Log, problem: string) => {
    if (!warned.has(name)) log('warn', `Vortex: denied: ${problem}`);
    warned.add(name);
  };
  const decide = (name: OperationName, verdict: unknown, log: Log): boolean => {
    if (verdict === true) return true;
    // Only a boolean as it is: text may be an address.
    const returned = verdict === false ? verdict : typeof verdict;
    if (returned) warnOnce(name, log, `the rule for ${name} returned ${returned}. Only true allows; return a boolean.`);
    log('debug', `Vortex: denied: the rule for ${name} returned ${returned}.`);
    return false;
  };
  const settle = (op: Operation, verdict: unknown, log: Log): boolean => {
    if (!decide(op.name, verdict, log)) return false;
    if (!isAnyUnawaited(op)) return true;
    const problem = `the rule for ${op.name} returned true, and has called another rule without awaiting it. The result of a rule is a promise, which is always truthy. Call each rule where you await it: !(await isInviter(op, user)).`;
    log(unawaited.has(op.name) ? 'debug' : 'warn', `Vortex: denied: ${problem}`);
    unawaited.add(op.name);
    return false;
  };
  const judge = (op: Operation, verdict: MaybePromise<unknown>, log: Log): MaybePromise<boolean> =>
    isPromise(verdict) ? verdict.then((settled) => settle(op, settled, log)) : settle(op, verdict, log);

  if (typeof given === 'function') {
    requireParameters('authorizeOperation', given);
    return (op, user, context, log) => judge(op, given(op, user, context), log);
  }
  requireRules(given, names);
  const rules = new Map<string, unknown>(Object.entries(given));
  return (op, user, context, log) => {
    const rule = rules.get(op.name) as boolean | Decide<User, Context> | undefined;
    if (rule === undefined) {
      warnOnce(
        op.name,
        log,
        `authorizeOperation has no rule for ${op.name}. Add one (false denies without this message).`,
      );
      return false;
    }
    const verdict = typeof rule === 'function' ? rule(op, user, context) : rule;
    return judge(op, verdict, log);
  };
}

/**
 * Checks a map of rules.
 *
 * @param names the names of all operations
 * @throws VortexError `CONFIG` naming the rule that is wrong
 */
function requireRules(given: unknown, names: readonly string[]): asserts given is Readonly<Record<string, unknown>> {
  if (isPromise(given)) {
    throw new VortexError('CONFIG', 'authorizeOperation must be a function or an object, and not a promise; await it.');
  }
  if (isObject(given) && !isPlainObject(given)) {
    const { name } = (given as object).constructor;
    throw new VortexError(
      'CONFIG',
      `authorizeOperation must be a plain object, not an instance of ${name}. List its rules: { JWT: (op, user) => policy.jwt(op, user) }.`,
    );
  }
  if (!isPlainObject(given)) {
    throw new VortexError(
      'CONFIG',
      'authorizeOperation must be a function, or an object with a rule per operation. Without it, every operation is denied.',
    );
  }
  for (const [name, rule] of Object.entries(given)) {
    if (!names.includes(name)) throw unknownName(`authorizeOperation.${name}`, 'an operation', names);
    if (!['function', 'boolean', 'undefined'].includes(typeof rule)) {
      throw new VortexError('CONFIG', `authorizeOperation.${name} must be true, false or a function.`);
    }
    requireParameters(`authorizeOperation.${name}`, rule);
  }
}

/**
 * The vendor's hooks are called with the request, the reply, the user and the resource.
 *
 * @throws VortexError `CONFIG`
 */
function requireParameters(name: string, rule: unknown): void {
  if (typeof rule !== 'function' || rule.length <= 3) return;
  throw new VortexError(
    'CONFIG',
    `${name} has ${rule.length} parameters. A rule is called as (op, user, context); the context is the request.`,
  );
}

/** True if a function decides about the operation, and not a constant. */
export function isJudged(given: unknown, name: OperationName): boolean {
  return typeof given === 'function' || typeof (given as Readonly<Record<string, unknown>>)[name] === 'function';
}
