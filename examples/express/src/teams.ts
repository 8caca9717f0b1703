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

/** The time until which invitations of a user to a team do not count any more. With SQL, a table beside that of the members. */
const joins = new Map<string, number>();

/**
 * Adds a member if the invitation is newer than the last acceptance and the last removal, so that a late webhook does not restore
 * a member who was removed. A user who is in the team already keeps their role, so an admin stays an admin.
 */
export function addMember(
  teamId: string,
  user: User,
  { invitedAt, acceptedAt }: { invitedAt: string | undefined; acceptedAt: string },
): void {
  const key = `${teamId} ${user.id}`;
  const invited = Date.parse(invitedAt ?? '') || 0;
  if (!teams.some((team) => team.id === teamId) || invited <= (joins.get(key) ?? -1)) return;
  joins.set(key, Math.max(invited, Date.parse(acceptedAt) || 0));
  if (!roleIn(teamId, user)) memberships = [...memberships, { teamId, userId: user.id, role: 'member' }];
}

/** Removes a member. Admins stay, since a team without one could not be managed. */
export function removeMember(teamId: string, userId: string): void {
  const isRemoved = (each: Membership) => each.teamId === teamId && each.userId === userId && each.role === 'member';
  if (!memberships.some(isRemoved)) return;
  const key = `${teamId} ${userId}`;
  // Ten seconds less: the clock of Vortex, which dates invitations, may be slow.
  joins.set(key, Math.max(joins.get(key) ?? 0, Date.now() - 10_000));
  memberships = memberships.filter((each) => !isRemoved(each));
}
