/** Holds the data of the application in memory, until the process ends. Use your database instead. */

export interface User {
  readonly id: string;
  readonly name: string;
  /** The verified e-mail address. Its owner can accept the invitations sent to it. */
  readonly email: string;
}

export interface Team {
  readonly id: string;
  readonly name: string;
}

export type Role = 'admin' | 'member';

interface Membership {
  readonly teamId: string;
  readonly userId: string;
  readonly role: Role;
}

export const users: readonly User[] = [
  { id: 'ada', name: 'Ada Lindqvist', email: 'ada@harbor.example' },
  { id: 'tomas', name: 'Tomás Rivera', email: 'tomas@harbor.example' },
  { id: 'mei', name: 'Mei Tanaka', email: 'mei@orchard.example' },
  { id: 'idris', name: 'Idris Bello', email: 'idris@orchard.example' },
  { id: 'nora', name: "Nora O'Brien", email: "o'brien@example.com" },
  { id: 'zoe', name: 'Zoë Hart', email: 'zoe@example.com' },
];

export const teams: readonly Team[] = [
  { id: 'harbor', name: 'Harbor' },
  { id: 'orchard', name: 'Orchard' },
];

const memberships: Membership[] = [
  { teamId: 'harbor', userId: 'ada', role: 'admin' },
  { teamId: 'harbor', userId: 'tomas', role: 'member' },
  { teamId: 'orchard', userId: 'mei', role: 'admin' },
  { teamId: 'orchard', userId: 'idris', role: 'member' },
];

export function findUser(id: unknown): User | undefined {
  return users.find((user) => user.id === id);
}

export function findUserByEmail(email: string | undefined): User | undefined {
  return users.find((user) => user.email === email?.toLowerCase());
}

export function roleIn(teamId: string, user: User): Role | undefined {
  return memberships.find((each) => each.teamId === teamId && each.userId === user.id)?.role;
}

export function membersOf(teamId: string): (User & { role: Role })[] {
  return memberships.flatMap((each) => {
    const user = each.teamId === teamId ? findUser(each.userId) : undefined;
    return user ? [{ ...user, role: each.role }] : [];
  });
}

/** Adds a member. A user who is in the team already keeps their role, so an admin stays an admin. */
export function addMember(teamId: string, user: User): void {
  if (!teams.some((team) => team.id === teamId) || roleIn(teamId, user)) return;
  memberships.push({ teamId, userId: user.id, role: 'member' });
}
