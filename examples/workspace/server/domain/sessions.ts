import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt, lte } from 'drizzle-orm';
import type { Database } from './database.js';
import type { Mailer } from './mail.js';
import { Refusal } from './refusal.js';
import { sessions, signInLinks, users } from './schema.js';
import { findOrAddUser, readEmail, type User } from './users.js';

const MINUTE = 60 * 1000;
const LINK_LIFETIME = 15 * MINUTE;
const SESSION_LIFETIME = 30 * 24 * 60 * MINUTE;

export interface NewSession {
  /** The value of the cookie. It is not stored. */
  token: string;
  expiresAt: Date;
  user: User;
  /** The user of the session that it replaced. */
  replacedUserId: string | undefined;
}

/**
 * Sends a sign-in link to an address. The answer does not tell whether a user with this address exists.
 *
 * @throws Refusal `INVALID_REQUEST`
 */
export async function sendSignInLink(db: Database, send: Mailer, address: string, linkFor: (token: string) => string) {
  const email = readEmail(address);
  const now = new Date();
  const token = newToken();
  await db.delete(signInLinks).where(lte(signInLinks.expiresAt, now));
  await db
    .insert(signInLinks)
    .values({ tokenHash: hash(token), email, expiresAt: new Date(now.getTime() + LINK_LIFETIME) });
  await send({
    to: email,
    subject: 'Sign in to Roster',
    text: 'Use this link to sign in. It works once and expires in 15 minutes. If you did not request it, ignore this email.',
    link: linkFor(token),
  });
}

/**
 * Signs in the user who follows a link. Only the owner of the address received the link, so the address is verified.
 *
 * @param replaced the token of the session that the browser had, which ends. If the sign-in fails, it does not, and the link still works
 * @throws Refusal `LINK_EXPIRED`
 */
export function signInByLink(db: Database, token: string, replaced?: string): Promise<NewSession> {
  return db.transaction(async (tx) => {
    const [link] = await tx
      .delete(signInLinks)
      .where(and(eq(signInLinks.tokenHash, hash(token)), gt(signInLinks.expiresAt, new Date())))
      .returning();
    if (!link) throw new Refusal('LINK_EXPIRED', 'This link has expired or was already used.');
    return startSession(tx, await findOrAddUser(tx, link.email), replaced);
  });
}

/**
 * Starts a session, and ends the one that it replaces. Call it in a transaction: otherwise a failure may leave both or none.
 *
 * @param replaced the token of the session that the browser had
 */
export async function startSession(db: Database, user: User, replaced?: string): Promise<NewSession> {
  const now = new Date();
  const token = newToken();
  const expiresAt = new Date(now.getTime() + SESSION_LIFETIME);
  const replacedUserId = await endSession(db, replaced);
  await db.delete(sessions).where(lte(sessions.expiresAt, now));
  await db.insert(sessions).values({ tokenHash: hash(token), userId: user.id, expiresAt });
  return { token, expiresAt, user, replacedUserId };
}

/** Finds the user of a session. Returns null if there is no valid session. */
export async function userOfSession(db: Database, token: string | undefined): Promise<User | null> {
  if (!token) return null;
  const [user] = await db
    .select({ id: users.id, email: users.email, name: users.name })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.tokenHash, hash(token)), gt(sessions.expiresAt, new Date())));
  return user ?? null;
}

/** Ends a session. Returns the id of its user, or undefined if there is no such session. */
export async function endSession(db: Database, token: string | undefined): Promise<string | undefined> {
  if (!token) return undefined;
  const [ended] = await db
    .delete(sessions)
    .where(eq(sessions.tokenHash, hash(token)))
    .returning({ userId: sessions.userId });
  return ended?.userId;
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Hashes a token. It has 256 random bits, so a plain hash without a salt is enough. */
function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
