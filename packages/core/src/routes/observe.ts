/** What a request took, for the application's log and metrics. */

import type { CallObserver } from '../api/transport.js';
import type { VortexErrorCode } from '../lib/errors.js';
import type { MaybePromise } from '../lib/promises.js';
import type { OperationName } from './operations.js';

/** One request, answered. Nothing in it says by whom, or about what: it may be counted, logged and kept. */
export interface ResponseEvent {
  operation: OperationName;
  /** HTTP status of the answer. */
  status: number;
  code: 'OK' | VortexErrorCode;
  /** Milliseconds from the router's first look at the request to its answer. */
  duration: number;
  /** Milliseconds of these that passed in hooks, without what they waited for the Vortex API. */
  hookDuration: number;
  /** Milliseconds of these in which a call to the Vortex API was under way. */
  upstreamDuration: number;
  /** Attempts at calls of the Vortex API, the repeated ones included. */
  attempts: number;
}

/** Hooks follow one another, and calls may overlap, also within a hook. */
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

  /** What has passed since the last change was a call's, or else a hook's, or else ours: no millisecond counts twice. */
  #pass(): void {
    const now = performance.now();
    if (this.#calls > 0) this.#upstreamDuration += now - this.#last;
    else if (this.#isInHook) this.#hookDuration += now - this.#last;
    this.#last = now;
  }
}
