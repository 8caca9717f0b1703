import { and, asc, eq, lt } from 'drizzle-orm';
import type { Database } from './database.js';
import { Refusal } from './refusal.js';
import { joins, memberships, roles, teams, users } from './schema.js';
import type { User } from './users.js';

export type Team = typeof teams.$inferSelect;
export type Role = (typeof roles)[number];
export type Member = User & { role: Role };

export function teamsOf(db: Database, user: User): Promise<(Team & { role: Role })[]> {
  return db
    .select({ id: teams.id, name: teams.name, role: memberships.role })
    .from(memberships)
    .innerJoin(teams, eq(teams.id, memberships.teamId))
    .where(eq(memberships.userId, user.id))
    .orderBy(asc(teams.name), asc(teams.id));
}

export async function roleIn(db: Database, teamId: string, user: Pick<User, 'id'>): Promise<Role | undefined> {
  const [membership] = await db
    .select({ role: memberships.role })
    .from(memberships)
    .where(and(eq(memberships.teamId, teamId), eq(memberships.userId, user.id)));
  return membership?.role;
}

/**
 * Finds a team with its members, for one of them.
 *
 * @throws Refusal `NOT_FOUND`, `NOT_A_MEMBER`
 */
export async function teamFor(db: Database, teamId: string, user: User): Promise<Team & { members: Member[] }> {
  const [team] = await db.select().from(teams).where(eq(teams.id, teamId));
  if (!team) throw new Refusal('NOT_FOUND', 'This team does not exist.');
  const members = await membersOf(db, teamId);
  if (members.some(({ id }) => id === user.id)) return { ...team, members };
  throw new Refusal('NOT_A_MEMBER', `Only members of ${team.name} can see this page.`);
}

export function membersOf(db: Database, teamId: string): Promise<Member[]> {
  return db
    .select({ id: users.id, email: users.email, name: users.name, role: memberships.role })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(eq(memberships.teamId, teamId))
    .orderBy(asc(memberships.role), asc(users.name), asc(users.id));
}

/**
 * Reads the role that an invitation gives from its metadata. Without a role, it is that of a member.
 *
 * @returns undefined if the metadata have a role that does not exist
 */
export function invitedRole(metadata: Readonly<Record<string, unknown>> | null | undefined): Role | undefined {
  const role = metadata?.role ?? 'member';
  return roles.find((each) => each === role);
}

/** Returns whether a user may give a role in a team: only an admin makes others an admin. */
export async function mayGive(db: Database, teamId: string, by: Pick<User, 'id'>, role: Role): Promise<boolean> {
  return role === 'member' || (await roleIn(db, teamId, by)) === 'admin';
}

/** The times of an invitation that was accepted, by the clock of Vortex. */
export interface Acceptance {
  /** Undefined for an invitation that counts only if the user has never joined the team. */
  invitedAt: string | undefined;
  acceptedAt: string;
}

/** Returns whether a user has joined a team by an invitation, or was removed from it. Neither joins by domain. */
export async function hasJoined(db: Database, teamId: string, user: User): Promise<boolean> {
  return (await db.$count(joins, and(eq(joins.teamId, teamId), eq(joins.userId, user.id)))) > 0;
}

/** Returns whether an invitation counts, as `addMember` does: the user has not joined the team or been removed since it was made. */
export async function countsFor(
  db: Database,
  teamId: string,
  user: User,
  { createdAt }: { createdAt?: string | undefined },
): Promise<boolean> {
  const [join] = await db
    .select({ ignoreUntil: joins.ignoreUntil })
    .from(joins)
    .where(and(eq(joins.teamId, teamId), eq(joins.userId, user.id)));
  return !join || join.ignoreUntil < dateOf(createdAt);
}

/**
 * Adds a member if the invitation still counts, and returns whether the member is new. An existing member keeps their role: an admin
 * who joins again stays an admin. Call it in a transaction.
 */
export async function addMember(
  db: Database,
  teamId: string,
  user: User,
  { invitedAt, acceptedAt }: Acceptance,
  role: Role = 'member',
): Promise<boolean> {
  const [team] = await db.select().from(teams).where(eq(teams.id, teamId));
  if (!team) return false;
  const invited = dateOf(invitedAt);
  const ignoreUntil = new Date(Math.max(invited.getTime(), dateOf(acceptedAt).getTime()));
  // One statement, which waits for a removal of the same user that is not committed yet.
  const joined = await db
    .insert(joins)
    .values({ teamId, userId: user.id, ignoreUntil })
    .onConflictDoUpdate({
      target: [joins.teamId, joins.userId],
      set: { ignoreUntil },
      setWhere: lt(joins.ignoreUntil, invited),
    })
    .returning();
  if (joined.length === 0) return false;
  const added = await db
    .insert(memberships)
    .values({ teamId, userId: user.id, role })
    .onConflictDoNothing()
    .returning();
  return added.length > 0;
}

/** Ends a membership. Invitations that were made before do not count any more. Call it in a transaction. */
export async function endMembership(db: Database, teamId: string, userId: string): Promise<void> {
  // Ten seconds less: the clock of Vortex, which dates invitations, may be slow.
  const ignoreUntil = new Date(Date.now() - 10_000);
  await db
    .insert(joins)
    .values({ teamId, userId, ignoreUntil })
    .onConflictDoUpdate({
      target: [joins.teamId, joins.userId],
      set: { ignoreUntil },
      setWhere: lt(joins.ignoreUntil, ignoreUntil),
    });
  await db.delete(memberships).where(and(eq(memberships.teamId, teamId), eq(memberships.userId, userId)));
}

/** Without a valid time, that of 1970. */
function dateOf(time: string | undefined): Date {
  return new Date(Date.parse(time ?? '') || 0);
}
