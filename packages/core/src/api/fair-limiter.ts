import { VortexError } from '../lib/errors.js';
import type { CallSignal } from '../lib/promises.js';

/** Runs at most `width` tasks at a time. Further tasks wait, and the users whose tasks wait take turns. */
export class FairLimiter {
  readonly #width: number;
  /** The tasks that wait, by user. The user whose turn is next comes first. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #running = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /**
   * Runs a task of a user, now or in its turn.
   *
   * @param signal ends the wait. A task that has begun has to end by itself
   * @throws VortexError `ABORTED` if the signal is aborted before the task begins
   */
  async run<Result>(user: string, task: () => Promise<Result>, signal: CallSignal): Promise<Result> {
    if (this.#running < this.#width) this.#running += 1;
    else await this.#turn(user, signal);
    try {
      if (signal.aborted) throw new VortexError('ABORTED');
      return await task();
    } finally {
      this.#pass();
    }
  }

  /** Waits for the place of a task that has ended. */
  #turn(user: string, signal: CallSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const tasks = this.#waiting.get(user) ?? new Set();
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        signal.removeEventListener('abort', leave);
        tasks.delete(begin);
        if (tasks.size === 0) this.#waiting.delete(user);
        reject(new VortexError('ABORTED'));
      };
      tasks.add(begin);
      this.#waiting.set(user, tasks);
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
    });
  }

  /** Hands the place of a task that has ended to the next one. Freed first, a newcomer could take it meanwhile. */
  #pass(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running -= 1;
      return;
    }
    const [user, tasks] = next;
    const [begin] = tasks;
    this.#waiting.delete(user);
    if (begin) tasks.delete(begin);
    if (tasks.size > 0) this.#waiting.set(user, tasks);
    begin?.();
  }
}
