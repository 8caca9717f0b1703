/** Tells listeners in this process, such as the page and the terminal, of each change. */
import type { RecordedCall } from './calls.js';
import type { Attempt, Change, Delivery } from './state.js';

/** A change of the state, a recorded request, an attempt to deliver a webhook, or a change of the faults, of the clock or of the webhook URL. */
export type Happening =
  | Change
  | { kind: 'call'; record: RecordedCall }
  | { kind: 'attempt'; delivery: Delivery; attempt: Attempt }
  | { kind: 'faults' | 'clock' | 'webhookUrl' };

export class Live {
  readonly #listeners = new Set<(happening: Happening) => void>();

  /** Calls the listener for each change until the returned function is called. */
  listen(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly tell = (happening: Happening): void => {
    for (const listener of this.#listeners) listener(happening);
  };
}
