import type { ExpiresIn, VortexClient } from '@vortex/core';
import type { Database } from './domain/database.js';
import type { Outbox, Sender } from './domain/demo.js';
import { joinByDomain } from './domain/joining.js';
import type { Live } from './domain/live.js';
import { endSession, type NewSession, userOfSession } from './domain/sessions.js';

/** What the three HTTP layers are given. */
export interface Application {
  db: Database;
  live: Live;
  client: VortexClient;
  webhookSecret: string;
  /** Of the pages, without a slash at the end. */
  url: string;
  /** How long a token for the browser is valid. */
  tokenLifetime: ExpiresIn;
  outbox: Outbox;
  /** The local stand-in for Vortex, where there is one. */
  emulator: Sender | undefined;
}

/** Ends a session, and what its other open pages are told: they ask again, and find that nobody is signed in. */
export async function signOut({ db, live }: Application, token: string | undefined): Promise<void> {
  const user = await userOfSession(db, token);
  await endSession(db, token);
  if (user) live.end(user.id);
}

/** The link in the mail. `next` is where the page goes on after signing in, which it checks itself. */
export function signInLink({ url }: Application, next: string): (token: string) => string {
  return (token) => `${url}/sign-in?${new URLSearchParams({ token, ...(next !== '/' && { next }) })}`;
}

/** Whoever has just signed in may join by domain. That Vortex cannot be asked is no reason not to let them in. */
export function welcome({ db, client }: Application, session: NewSession): void {
  joinByDomain(db, client, session.user).catch((error: unknown) => {
    console.warn(`Joining by domain was left out for ${session.user.id}:`, error);
  });
}
