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
  /** For the cookie. It is not kept here. */
  token: string;
  expiresAt: Date;
  user: User;
}

/**
 * Sends a link to an address. The answer is the same whether somebody is known by it or not.
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
    text: 'Follow this link within 15 minutes. It works once. If you have not asked for it, do nothing.',
    link: linkFor(token),
  });
}

/**
 * Whoever has the link reads that mail, which verifies the address.
 *
 * @throws Refusal `LINK_EXPIRED`
 */
export function signInByLink(db: Database, token: string): Promise<NewSession> {
  return db.transaction(async (tx) => {
    const [link] = await tx
      .delete(signInLinks)
      .where(and(eq(signInLinks.tokenHash, hash(token)), gt(signInLinks.expiresAt, new Date())))
      .returning();
    if (!link) throw new Refusal('LINK_EXPIRED', 'This link has been used, or is more than 15 minutes old.');
    return startSession(tx, await findOrAddUser(tx, link.email));
  });
}

export async function startSession(db: Database, user: User): Promise<NewSession> {
  const now = new Date();
  const token = newToken();
  const expiresAt = new Date(now.getTime() + SESSION_LIFETIME);
  await db.delete(sessions).where(lte(sessions.expiresAt, now));
  await db.insert(sessions).values({ tokenHash: hash(token), userId: user.id, expiresAt });
  return { token, expiresAt, user };
}

/** Who is signed in, if anybody. */
export async function userOfSession(db: Database, token: string | undefined): Promise<User | null> {
  if (!token) return null;
  const [user] = await db
    .select({ id: users.id, email: users.email, name: users.name })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.tokenHash, hash(token)), gt(sessions.expiresAt, new Date())));
  return user ?? null;
}

export async function endSession(db: Database, token: string | undefined): Promise<void> {
  if (token) await db.delete(sessions).where(eq(sessions.tokenHash, hash(token)));
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The token has 256 random bits, so a plain hash is enough: there is nothing to guess. */
function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
