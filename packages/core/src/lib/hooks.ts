/** How the application's functions are called: in time, and with what they throw kept apart from what is ours. */
import { VortexError } from './errors.js';
import type { Log } from './log.js';
import { isPromise, type MaybePromise, within } from './promises.js';

/** Calls a hook of the application. What it throws is its own fault, except for `known` errors, which pass. */
export function callHook<Result>(
  name: string,
  call: () => MaybePromise<Result>,
  timeout: number,
  known?: ReadonlySet<unknown>,
): MaybePromise<Result> {
  const fail = (cause: unknown) => {
    throw known?.has(cause) ? cause : new VortexError('INTERNAL', `${name} threw.`, { cause });
  };
  try {
    const late = () => new VortexError('HOOK_TIMEOUT', `${name} took more than ${timeout} ms.`);
    const answer = call();
    return within(timeout, isPromise(answer) ? Promise.resolve(answer).catch(fail) : answer, late);
  } catch (cause) {
    return fail(cause);
  }
}

/** Calls a hook whose answer nobody needs; what goes wrong is logged. */
export async function tell(name: string, call: () => unknown, timeout: number, log: Log): Promise<void> {
  try {
    await callHook(name, call, timeout);
  } catch (failed) {
    log('error', `Vortex: ${(failed as VortexError).message}`, failed);
  }
}
