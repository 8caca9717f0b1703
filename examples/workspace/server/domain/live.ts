/** What an open page is told. It says where something has changed; what it is now, the page asks for. */
export type LiveEvent =
  | { about: 'team'; teamId: string; joined?: { userId: string; name: string } }
  | { about: 'invitation'; invitationId: string };

interface Listener {
  tell(event: LiveEvent): void;
  end(): void;
}

/** Who is to be told. With several processes, let each tell the others: by LISTEN and NOTIFY, for instance. */
export class Live {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Returns what stops it. `end` is called where that comes from the other side. */
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

  /** Of one user, or of all. Whoever may come back does so by themselves. */
  end(userId?: string): void {
    const ending = userId === undefined ? [...this.#listeners.values()] : [this.#listeners.get(userId) ?? []];
    for (const listener of ending.flatMap((among) => [...among])) listener.end();
  }
}
