import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Database } from './database.js';
import { Refusal } from './refusal.js';
import { users } from './schema.js';

/** Somebody whose e-mail address has been verified: invitations are read and accepted by it. */
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

/** Only for an address that has just been shown to be the caller's. */
export async function findOrAddUser(db: Database, verifiedEmail: string): Promise<User> {
  const email = asciiLowerCase(verifiedEmail);
  await db
    .insert(users)
    .values({ id: randomUUID(), email, name: nameFrom(email) })
    .onConflictDoNothing();
  const user = await findUserByEmail(db, email);
  if (!user) throw new Error('A user was removed while being added.');
  return user;
}

/** @throws Refusal `INVALID_REQUEST` */
export function readEmail(text: string): string {
  const email = text.trim();
  if (email.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email)) return asciiLowerCase(email);
  throw new Refusal('INVALID_REQUEST', 'That is not an e-mail address.');
}

/** Other letters fold into ASCII ones: the Kelvin sign is no `k` in an address. */
function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/gu, (letter) => letter.toLowerCase());
}

/** `zoe.hart@example.com` is Zoe Hart until she says otherwise. */
function nameFrom(email: string): string {
  const words = email
    .slice(0, email.indexOf('@'))
    .split(/[._+-]+/u)
    .filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ') || email;
}
