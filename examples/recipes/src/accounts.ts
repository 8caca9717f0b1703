/** Stands for your database. */
import type { VortexUser } from '@vortex/core';

export interface Account {
  id: string;
  email: string;
  /** Whether its owner has followed the link that you sent there. */
  emailVerified: boolean;
  /** Yours are hashes. */
  password: string;
}

export const accounts: Account[] = [
  { id: 'u-1', email: 'ada@example.com', emailVerified: true, password: 'lovelace' },
  { id: 'u-2', email: 'bo@example.com', emailVerified: true, password: 'burnham' },
  // Signed up with an address that nobody has verified.
  { id: 'u-3', email: 'cy@example.com', emailVerified: false, password: 'twombly' },
];

export async function findAccount(id: string | undefined): Promise<Account | undefined> {
  return accounts.find((account) => account.id === id);
}

export async function checkPassword(email: unknown, password: unknown): Promise<Account | undefined> {
  return accounts.find((account) => account.email === email && account.password === password);
}

/** Whom the routes know: an address that is not verified is none. */
export function userOf({ id, email, emailVerified }: Account) {
  return { id, email: emailVerified ? email : null } satisfies VortexUser;
}
