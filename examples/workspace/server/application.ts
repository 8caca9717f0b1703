import type { RequestListener } from 'node:http';
import type { ExpiresIn, VortexClient } from '@vortex/core';
import type { Database } from './domain/database.js';
import type { Outbox, Sender } from './domain/demo.js';
import { joinByDomain } from './domain/joining.js';
import type { Live } from './domain/live.js';
import { Refusal } from './domain/refusal.js';
import { endSession, type NewSession } from './domain/sessions.js';

/** The dependencies of the three HTTP layers. */
export interface Application {
  db: Database;
  live: Live;
  client: VortexClient;
  webhookSecret: string;
  /** The URL of the pages, without a trailing slash. */
  url: string;
  /** The lifetime of a token for the browser. */
  tokenLifetime: ExpiresIn;
  outbox: Outbox;
  /** The Vortex emulator. Undefined if the application uses the Vortex cloud. */
  emulator: Sender | undefined;
}

/** One of the three HTTP layers. */
export interface Layer {
  listener: RequestListener;
  /** Waits for webhook handlers that run on after their reply. Await it before the database is closed. */
  close(): Promise<void>;
}

/** Ends a session and the event streams of its user. Open pages then ask who is signed in, and show the sign-in page. */
export async function signOut({ db, live }: Application, token: string | undefined): Promise<void> {
  const userId = await endSession(db, token);
  if (userId !== undefined) live.end(userId);
}

/**
 * Makes the link in the sign-in mail.
 *
 * @param next the path to open after signing in. One that begins with `//` or `/\` names another site, and browsers drop tabs
 *   and line breaks before they look. The page checks it again, since anyone can write a link
 * @throws Refusal `INVALID_REQUEST`
 */
export function signInLink({ url }: Application, next: string): (token: string) => string {
  if (!/^\/(?![/\\])\P{Cc}*$/u.test(next)) {
    throw new Refusal('INVALID_REQUEST', 'The page to open after signing in must be one of this site.');
  }
  return (token) => `${url}/sign-in?${new URLSearchParams({ token, ...(next !== '/' && { next }) })}`;
}

/**
 * Does what follows from a new session. Cannot fail, since the session is already stored.
 *
 * - Ends the event streams of the user whom the session replaced, so that other pages of the browser load again as the new user.
 * - Adds the user to teams by e-mail domain. A failure of Vortex does not stop the sign-in.
 */
export function completeSignIn({ db, live, client }: Application, { user, replacedUserId }: NewSession): void {
  if (replacedUserId !== undefined) live.end(replacedUserId);
  joinByDomain(db, client, user).catch((error: unknown) => {
    console.warn(`Could not check automatic joining for user ${user.id}:`, error);
  });
}
