/** An event for open pages. It names what changed; the page then loads the new state. */
export type LiveEvent =
  | { about: 'team'; teamId: string; joined?: { userId: string; name: string } }
  | { about: 'invitation'; invitationId: string };

interface Listener {
  tell(event: LiveEvent): void;
  end(): void;
}

/** Sends events to the open pages of this process. With several processes, forward them, for instance by LISTEN and NOTIFY. */
export class Live {
  readonly #listeners = new Map<string, Set<Listener>>();

  /**
   * Subscribes an open page of a user. Returns a function that unsubscribes it.
   *
   * @param end called if the server ends the stream
   */
  listen(userId: string, tell: Listener['tell'], end: Listener['end'] = () => {}): () => void {
    const listener = { tell, end };
    const among = this.#listeners.get(userId) ?? new Set();
    this.#listeners.set(userId, among.add(listener));
    return () => {
      among.delete(listener);
      if (among.size === 0 && this.#listeners.get(userId) === among) this.#listeners.delete(userId);
    };
  }

  tell(userIds: Iterable<string>, event: LiveEvent): void {
    for (const userId of new Set(userIds)) {
      for (const listener of this.#listeners.get(userId) ?? []) listener.tell(event);
    }
  }

  /** Ends the streams of one user, or of all users. Pages reconnect on their own. */
  end(userId?: string): void {
    const ending = userId === undefined ? [...this.#listeners.values()] : [this.#listeners.get(userId) ?? []];
    for (const listener of ending.flatMap((among) => [...among])) listener.end();
  }
}
