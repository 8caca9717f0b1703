/** The users and the team. Your database replaces this file. */
export interface User {
  id: string;
  name: string;
  /** Verified: invitations are read and accepted by this address. */
  email: string;
}

export const users: User[] = [
  { id: 'ada', name: 'Ada Lindqvist', email: 'ada@harbor.example' },
  { id: 'zoe', name: 'Zoë Hart', email: 'zoe@example.com' },
  { id: 'mei', name: 'Mei Tanaka', email: 'mei@example.com' },
];

export const team = { type: 'team', id: 'harbor', name: 'Harbor' };

type Role = 'admin' | 'member';

// Next.js bundles this file once for the pages and once for the routes. They share one list.
const shared = globalThis as typeof globalThis & { roles?: Map<string, Role> };
shared.roles ??= new Map<string, Role>([['ada', 'admin']]);
const roles = shared.roles;

export const findUser = (id: string | undefined): User | null => users.find((user) => user.id === id) ?? null;

export const findUserByEmail = (email: string | undefined): User | undefined =>
  users.find((user) => user.email === email?.toLowerCase());

export const roleOf = (userId: string): Role | undefined => roles.get(userId);

export const members = (): User[] => users.filter(({ id }) => roles.has(id));

/** Keeps the role of an existing member: the same webhook can arrive twice. */
export function addMember({ id }: User): void {
  if (!roles.has(id)) roles.set(id, 'member');
}
