/** Calls the functions that the application gives: within a time limit, and with their errors told apart from ours. */
import { VortexError } from './errors.js';
import type { Log } from './log.js';
import { isPromise, type MaybePromise, withTimeout } from './promises.js';

/**
 * Calls a hook of the application. Wraps what the hook throws as `INTERNAL`; rethrows the errors that `isKnown` accepts.
 *
 * @param timeout in milliseconds
 * @throws VortexError `INTERNAL`, or `HOOK_TIMEOUT` once the time is up
 */
export function callHook<Result>(
  name: string,
  call: () => MaybePromise<Result>,
  timeout: number,
  isKnown?: (cause: unknown) => boolean,
): MaybePromise<Result> {
  const fail = (cause: unknown) => {
    if (isKnown?.(cause)) throw cause;
    throw new VortexError('INTERNAL', `${name} threw an error; see the cause.`, { cause });
  };
  try {
    const late = () => new VortexError('HOOK_TIMEOUT', `${name} did not settle within ${timeout} ms.`);
    const result = call();
    return withTimeout(timeout, isPromise(result) ? Promise.resolve(result).catch(fail) : result, late);
  } catch (cause) {
    return fail(cause);
  }
}

/** Calls a hook whose result is not used. Logs what it throws. */
export async function notify(name: string, call: () => unknown, timeout: number, log: Log): Promise<void> {
  try {
    await callHook(name, call, timeout);
  } catch (error) {
    log('error', `Vortex: ${(error as VortexError).message}`, error);
  }
}
