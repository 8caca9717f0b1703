/** What an open page is told. It says where something has changed; what it is now, the page asks for. */
export type LiveEvent =
  | { about: 'team'; teamId: string; joined?: { userId: string; name: string } }
  | { about: 'invitation'; invitationId: string };

/** Who is to be told. With several processes, let each tell the others: by LISTEN and NOTIFY, for instance. */
export class Live {
  readonly #listeners = new Map<string, Set<(event: LiveEvent) => void>>();

  /** Returns what ends it. */
  listen(userId: string, listener: (event: LiveEvent) => void): () => void {
    const among = this.#listeners.get(userId) ?? new Set();
    this.#listeners.set(userId, among.add(listener));
    return () => {
      among.delete(listener);
      if (among.size === 0 && this.#listeners.get(userId) === among) this.#listeners.delete(userId);
    };
  }

  tell(userIds: Iterable<string>, event: LiveEvent): void {
    for (const userId of new Set(userIds)) {
      for (const listener of this.#listeners.get(userId) ?? []) listener(event);
    }
  }
}
