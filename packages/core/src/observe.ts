/** What a request took, for the application's log and metrics. */
import type { VortexErrorCode } from './errors.js';
import type { OperationName } from './operations.js';
import type { MaybePromise } from './promises.js';
import type { CallObserver } from './transport.js';

/** One request, answered. Nothing in it says by whom, or about what: it may be counted, logged and kept. */
export interface ResponseEvent {
  operation: OperationName;
  /** HTTP status of the answer. */
  status: number;
  code: 'OK' | VortexErrorCode;
  /** Milliseconds from the router's first look at the request to its answer. */
  duration: number;
  /** Milliseconds of these that passed in hooks, without what they waited for the Vortex API. */
  hooks: number;
  /** Milliseconds of these in which a call to the Vortex API was under way. */
  upstream: number;
  /** Requests sent to the Vortex API, with the repeated ones. */
  attempts: number;
}

/** Calls may overlap, and hooks may call: no millisecond counts twice. */
export class Stopwatch implements CallObserver {
  readonly #start = performance.now();
  #attempts = 0;
  #hooks = 0;
  #upstream = 0;
  #underWay = 0;
  #since = 0;

  onBegin(): void {
    if (this.#underWay === 0) this.#since = performance.now();
    this.#underWay += 1;
  }

  onAttempt(): void {
    this.#attempts += 1;
  }

  onEnd(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#upstream += performance.now() - this.#since;
  }

  async hook<Result>(run: () => MaybePromise<Result>): Promise<Result> {
    const before = this.#own();
    try {
      return await run();
    } finally {
      this.#hooks += this.#own() - before;
    }
  }

  event(operation: OperationName, status: number, code: ResponseEvent['code']): ResponseEvent {
    return {
      operation,
      status,
      code,
      duration: performance.now() - this.#start,
      hooks: this.#hooks,
      upstream: this.#upstreamUntil(performance.now()),
      attempts: this.#attempts,
    };
  }

  /** Milliseconds so far in which no call was under way. */
  #own(): number {
    const now = performance.now();
    return now - this.#start - this.#upstreamUntil(now);
  }

  #upstreamUntil(now: number): number {
    return this.#upstream + (this.#underWay === 0 ? 0 : now - this.#since);
  }
}
