import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Database } from './database.js';
import { Refusal } from './refusal.js';
import { users } from './schema.js';

/** A user with a verified e-mail address. Invitations are read and accepted by this address, so it must be verified. */
export type User = Pick<typeof users.$inferSelect, 'id' | 'email' | 'name'>;

const columns = { id: users.id, email: users.email, name: users.name };

export async function findUser(db: Database, id: string): Promise<User | undefined> {
  const [user] = await db.select(columns).from(users).where(eq(users.id, id));
  return user;
}

export async function findUserByEmail(db: Database, email: string): Promise<User | undefined> {
  const [user] = await db
    .select(columns)
    .from(users)
    .where(eq(users.email, asciiLowerCase(email)));
  return user;
}

/** Finds or adds the user of an address. Call it only after the caller has proved that the address is theirs. */
export async function findOrAddUser(db: Database, verifiedEmail: string): Promise<User> {
  const email = asciiLowerCase(verifiedEmail);
  await db
    .insert(users)
    .values({ id: randomUUID(), email, name: nameFrom(email) })
    .onConflictDoNothing();
  const user = await findUserByEmail(db, email);
  if (!user) throw new Error('A user was deleted while being added.');
  return user;
}

/**
 * Checks an address and writes it in lower case.
 *
 * @throws Refusal `INVALID_REQUEST`
 */
export function readEmail(text: string): string {
  const email = text.trim();
  if (email.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email)) return asciiLowerCase(email);
  throw new Refusal('INVALID_REQUEST', 'Enter a valid email address.');
}

/** Returns whether two addresses differ at most in the case of their letters. */
export function isSameEmail(a: string, b: string): boolean {
  return asciiLowerCase(a) === asciiLowerCase(b);
}

/** Lower-cases ASCII letters only. `toLowerCase` would turn the Kelvin sign into a `k`, which is another address. */
function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/gu, (letter) => letter.toLowerCase());
}

/** Makes a name from an address: `zoe.hart@example.com` becomes Zoe Hart. */
function nameFrom(email: string): string {
  const words = email
    .slice(0, email.indexOf('@'))
    .split(/[._+-]+/u)
    .filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ') || email;
}
