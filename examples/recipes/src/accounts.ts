/** Stands in for your database. */
import type { VortexUser } from '@vortex/core';

export interface Account {
  id: string;
  name: string;
  email: string;
  /** Whether the user has opened the verification link that you sent to the address. */
  emailVerified: boolean;
  /** Plain text for this example. Store a hash. */
  password: string;
}

const accounts: Account[] = [
  { id: 'u-1', name: 'Ada', email: 'ada@example.com', emailVerified: true, password: 'lovelace' },
  { id: 'u-2', name: 'Bo', email: 'bo@example.com', emailVerified: true, password: 'burnham' },
  // This user has not verified the address.
  { id: 'u-3', name: 'Cy', email: 'cy@example.com', emailVerified: false, password: 'twombly' },
];

/** Asks for the id first: for an undefined one, that of a signed-out caller, some ORMs return the first row. */
export async function findAccount(id: string | undefined): Promise<Account | undefined> {
  return id === undefined ? undefined : accounts.find((account) => account.id === id);
}

/** Ignores the case of letters, because people type their address in any case. */
export async function findAccountByEmail(email: string): Promise<Account | undefined> {
  return accounts.find((account) => account.email === email.toLowerCase());
}

export async function checkPassword(email: unknown, password: unknown): Promise<Account | undefined> {
  return accounts.find((account) => account.email === email && account.password === password);
}

/** Returns the user for the routes, without an address that is not verified. The name is shown in invitations that the user sends. */
export function userOf({ id, name, email, emailVerified }: Account) {
  return { id, name, email: emailVerified ? email : null } satisfies VortexUser;
}
