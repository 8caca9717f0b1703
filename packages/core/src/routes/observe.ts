/** Measures a request, for the application's log and metrics. */

import type { CallObserver } from '../api/transport.js';
import type { VortexErrorCode } from '../lib/errors.js';
import type { MaybePromise } from '../lib/promises.js';
import type { OperationName } from './operation-types.js';

/** The outcome of one request. It names no user, address or invitation, so it may be logged and kept. */
export interface ResponseEvent {
  operation: OperationName;
  /** HTTP status of the reply. */
  status: number;
  code: 'OK' | VortexErrorCode;
  /** Milliseconds from the arrival of the request at the router to its reply. */
  duration: number;
  /** Milliseconds spent in hooks, without their calls to the Vortex API. */
  hookDuration: number;
  /** Milliseconds during which a call to the Vortex API was in flight. */
  upstreamDuration: number;
  /** Number of attempts to call the Vortex API, also of those that found no connection. */
  attempts: number;
}

/** Hooks run one after the other. Calls may overlap, and may run within a hook. */
export class Stopwatch implements CallObserver {
  readonly #start = performance.now();
  #last = this.#start;
  #hookDuration = 0;
  #upstreamDuration = 0;
  #isInHook = false;
  #calls = 0;
  #attempts = 0;

  onBegin(): void {
    this.#pass();
    this.#calls += 1;
  }

  onAttempt(): void {
    this.#attempts += 1;
  }

  onEnd(): void {
    this.#pass();
    this.#calls -= 1;
  }

  async hook<Result>(run: () => MaybePromise<Result>): Promise<Result> {
    this.#pass();
    this.#isInHook = true;
    try {
      return await run();
    } finally {
      this.#pass();
      this.#isInHook = false;
    }
  }

  event(operation: OperationName, status: number, code: ResponseEvent['code']): ResponseEvent {
    this.#pass();
    return {
      operation,
      status,
      code,
      duration: this.#last - this.#start,
      hookDuration: this.#hookDuration,
      upstreamDuration: this.#upstreamDuration,
      attempts: this.#attempts,
    };
  }

  /** Attributes elapsed time to the API call first, then to the hook; never to both. */
  #pass(): void {
    const now = performance.now();
    if (this.#calls > 0) this.#upstreamDuration += now - this.#last;
    else if (this.#isInHook) this.#hookDuration += now - this.#last;
    this.#last = now;
  }
}
