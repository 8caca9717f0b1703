/** The results of the rules of `@vortex/core/rules`, each of which knows whether it was awaited. */
import { isObject } from '../lib/values.js';

type Results = WeakMap<object, Pick<RuleResult, 'isAwaited'>[]>;

/** Shared by all copies of this package in the process, since the rules may come from another copy than the router. */
const RESULTS = Symbol.for('@vortex/core results of rules');
const shared = globalThis as { [RESULTS]?: Results };
shared[RESULTS] ??= new WeakMap();
const results = shared[RESULTS];

/**
 * Keeps the result of a rule for `isAnyUnawaited`. The compiler refuses a result that is not awaited in a condition, but not
 * behind `!`, and not one that is ignored. A failure that is never awaited does not end the process.
 */
export function ruleResult(op: unknown, judging: Promise<boolean>): Promise<boolean> {
  const result = new RuleResult((resolve, reject) => {
    judging.then(resolve, reject);
  });
  if (isObject(op)) results.set(op, [...(results.get(op) ?? []), result]);
  return result;
}

/** True if a rule was called with the operation, and its result was not awaited. */
export function isAnyUnawaited(op: object): boolean {
  return results.get(op)?.some(({ isAwaited }) => !isAwaited) ?? false;
}

/** A subclass, since `await` does not call the `then` of a plain promise. */
class RuleResult extends Promise<boolean> {
  isAwaited = false;

  constructor(executor: ConstructorParameters<typeof Promise<boolean>>[0]) {
    super(executor);
    super.then(undefined, () => {});
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: the `then` of a promise, which has to notice its calls.
  override then<Fulfilled = boolean, Rejected = never>(
    onFulfilled?: ((allowed: boolean) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    this.isAwaited = true;
    return super.then(onFulfilled, onRejected);
  }
}
