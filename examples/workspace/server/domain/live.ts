import type { Channel } from './channel.js';

/** An event for open pages. It names what changed; the page then loads the new state. */
export type LiveEvent =
  | { about: 'team'; teamId: string; joined?: { userId: string; name: string }; left?: string }
  | { about: 'invitation'; invitationId: string };

/** Takes events for open pages. */
export interface Teller {
  tell(userIds: Iterable<string>, event: LiveEvent): void;
}

interface Listener {
  tell(event: LiveEvent): void;
  end(): void;
}

/** What one server tells the others: an event for some users, or the end of the streams of one user. */
type Message = { userIds: readonly string[]; event: LiveEvent } | { end: string };

/** Users in one message, so that it is shorter than PostgreSQL allows. */
const USERS_PER_MESSAGE = 100;

/** Sends events to the open pages: those of this process and, through a channel, those of other servers. */
export class Live implements Teller {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #channel: Channel | undefined;

  /** @param channel between the servers on one database */
  constructor(channel?: Channel) {
    this.#channel = channel;
    // A page that reconnects loads everything again.
    channel?.listen(
      (text) => this.#receive(JSON.parse(text)),
      () => this.endAll(),
    );
  }

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
    const all = [...new Set(userIds)];
    for (let start = 0; start < all.length; start += USERS_PER_MESSAGE) {
      this.#send({ userIds: all.slice(start, start + USERS_PER_MESSAGE), event });
    }
  }

  /** Ends the streams of one user. Pages reconnect on their own. */
  end(userId: string): void {
    this.#send({ end: userId });
  }

  /** Ends the streams of this process. Pages reconnect on their own. */
  endAll(): void {
    for (const among of [...this.#listeners.values()]) for (const listener of [...among]) listener.end();
  }

  #send(message: Message): void {
    if (!this.#channel) {
      this.#receive(message);
      return;
    }
    this.#channel.send(JSON.stringify(message)).catch((error: unknown) => {
      console.warn('Could not send a live event to the other servers:', error);
      this.#receive(message);
    });
  }

  #receive(message: Message): void {
    const isEnd = 'end' in message;
    for (const userId of isEnd ? [message.end] : message.userIds) {
      for (const listener of [...(this.#listeners.get(userId) ?? [])]) {
        if (isEnd) listener.end();
        else listener.tell(message.event);
      }
    }
  }
}
