/** The last time that the clock can show, in milliseconds since 1970. Later than this, an expiry would be no date. */
export const LAST_TIME = 8e15;

/** A clock that can be moved: the time of the option `now`, and an offset. */
export class Clock {
  readonly #base: () => number;
  readonly #changed: () => void;
  #offset = 0;

  constructor(base: () => number, changed: () => void) {
    this.#base = base;
    this.#changed = changed;
  }

  /** Milliseconds by which the clock was moved. */
  get offset(): number {
    return this.#offset;
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#base() + this.#offset;

  advance(milliseconds: number): void {
    const moved = this.now() + milliseconds;
    if (!(Math.abs(moved) <= LAST_TIME)) throw new RangeError('The clock cannot be moved that far.');
    this.#offset += milliseconds;
    this.#changed();
  }

  /** Goes back to the time of the option `now`. */
  reset(): void {
    this.#offset = 0;
    this.#changed();
  }
}
