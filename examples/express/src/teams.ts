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

let memberships: readonly Membership[] = [
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

/** The invitations that have added a member. With SQL, insert into this table and into that of the members in one transaction. */
const joins = new Set<string>();

/**
 * Adds a member once for each invitation, so that a late webhook does not restore a member who was removed. A user who is in the
 * team already keeps their role, so an admin stays an admin.
 */
export function addMember(teamId: string, user: User, invitationId: string): void {
  const join = `${invitationId} ${teamId} ${user.id}`;
  if (!teams.some((team) => team.id === teamId) || joins.has(join)) return;
  joins.add(join);
  if (!roleIn(teamId, user)) memberships = [...memberships, { teamId, userId: user.id, role: 'member' }];
}

/** Removes a member. Admins stay, since a team without one could not be managed. */
export function removeMember(teamId: string, userId: string): void {
  const isRemoved = (each: Membership) => each.teamId === teamId && each.userId === userId && each.role === 'member';
  memberships = memberships.filter((each) => !isRemoved(each));
}
