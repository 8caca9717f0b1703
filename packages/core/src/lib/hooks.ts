/** Calls the functions that the application gives: within a time limit, and with their errors told apart from ours. */
import { VortexError } from './errors.js';
import type { Log } from './log.js';
import { isPromise, type MaybePromise, type PerRequest, withTimeout } from './promises.js';
import { isFunction } from './values.js';

/**
 * Calls a hook of the application. Wraps what the hook throws; rethrows the errors that `isKnown` accepts.
 *
 * @param timeout in milliseconds
 * @param code of the error that wraps another
 * @throws VortexError with the code, or `HOOK_TIMEOUT` once the time is up
 */
export function callHook<Result>(
  name: string,
  call: () => MaybePromise<Result>,
  timeout: number,
  isKnown?: (cause: unknown) => boolean,
  code: 'INTERNAL' | 'CONFIG' = 'INTERNAL',
): MaybePromise<Result> {
  const fail = (cause: unknown) => {
    if (isKnown?.(cause)) throw cause;
    throw new VortexError(code, `${name} threw an error; see the cause.`, { cause });
  };
  try {
    const late = () => new VortexError('HOOK_TIMEOUT', `${name} did not settle within ${timeout} ms.`);
    const result = call();
    return withTimeout(timeout, isPromise(result) ? Promise.resolve(result).catch(fail) : result, late);
  } catch (cause) {
    return fail(cause);
  }
}

/**
 * Returns the value of an option, or what its function returns for a context.
 *
 * @param timeout in milliseconds
 * @throws VortexError `CONFIG` if the function throws, or `HOOK_TIMEOUT` once the time is up
 */
export async function resolveOption<Value, Context>(
  name: string,
  option: PerRequest<Value, Context>,
  context: Context,
  timeout: number,
): Promise<Value> {
  if (!isFunction(option)) return option as Value;
  const call = () => (option as (context: Context) => MaybePromise<Value>)(context);
  return callHook(name, call, timeout, undefined, 'CONFIG');
}

/** Calls a hook whose result is not used. Logs what it throws. */
export async function notify(name: string, call: () => unknown, timeout: number, log: Log): Promise<void> {
  try {
    await callHook(name, call, timeout);
  } catch (error) {
    log('error', `Vortex: ${(error as VortexError).message}`, error);
  }
}
