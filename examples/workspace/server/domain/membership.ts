import { type Invitation, type VortexClient, VortexError } from '@vortex/core';
import { isInvitee } from '@vortex/core/rules';
import { eq } from 'drizzle-orm';
import type { Database } from './database.js';
import { domainInvitation } from './joining.js';
import type { Teller } from './live.js';
import { Refusal } from './refusal.js';
import { memberships } from './schema.js';
import { addMember, countsFor, endMembership, mayGive, membersOf, type Role, roleIn } from './teams.js';
import { findUserByEmail, type User } from './users.js';

/** The change of an invitation, as read from a webhook. */
export interface Change {
  invitationId: string | undefined;
  teamIds: readonly string[];
  /** The addresses that the invitation was sent to. */
  emails: readonly string[];
}

/** The accepted invitation of a new member, as read from a webhook. */
export interface Joining {
  invitationId: string;
  teamId: string;
  email: string;
  /** The role that the invitation gives. */
  role: Role;
  /** The id of the inviter, if Vortex knows it. */
  inviterId: string | null | undefined;
  /** The time of the event, by the clock of Vortex. */
  acceptedAt: string;
}

/**
 * Adds the membership of a user who has accepted. Idempotent: a repeated webhook changes nothing, even after the member was
 * removed. The addressee and the role are checked again: a component of Vortex can create and accept an invitation without asking
 * the application, and the inviter may be no admin any more.
 */
export async function memberAdded(db: Database, live: Teller, client: VortexClient, joining: Joining): Promise<void> {
  const { invitationId, teamId, email, role, inviterId, acceptedAt } = joining;
  const user = await findUserByEmail(db, email);
  // The user can be unknown if another application of the same Vortex account accepted the invitation.
  const invitation = user && (await findInvitation(client, invitationId));
  if (!invitation || !(await mayJoin(db, client, invitation, teamId, user))) return;
  const isGiven = inviterId ? await mayGive(db, teamId, { id: inviterId }, role) : false;
  // An invitation by domain adds only users who have never joined the team, whenever it was made: see `hasJoined`.
  const invitedAt = invitation.invitationType === 'autojoin' ? undefined : invitation.createdAt;
  const acceptance = { invitedAt, acceptedAt };
  if (!(await addMember(db, teamId, user, acceptance, isGiven ? role : 'member'))) return;
  const members = await membersOf(db, teamId);
  const joined = { userId: user.id, name: user.name };
  live.tell(
    members.map(({ id }) => id),
    { about: 'team', teamId, joined },
  );
}

/** A deleted invitation adds no member. Any other failure is thrown, so that the event is delivered again. */
async function findInvitation(client: VortexClient, id: string): Promise<Invitation | undefined> {
  try {
    return await client.getInvitation(id);
  } catch (error) {
    if (VortexError.is(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** Returns whether an admin of the team has sent an invitation to a user, or whether people of their e-mail domain may join. */
async function mayJoin(
  db: Database,
  client: VortexClient,
  invitation: Invitation,
  teamId: string,
  user: User,
): Promise<boolean> {
  if (invitation.invitationType === 'autojoin') {
    return (await domainInvitation(client, teamId, user))?.id === invitation.id;
  }
  // An invitation that was revoked after its acceptance does not count. One that has expired since is deactivated too, and counts.
  if (invitation.deactivated && !invitation.expired) return false;
  return (
    (await isByAdmin(db, invitation, teamId)) && (await isInvitee({ loadInvitation: async () => invitation }, user))
  );
}

/** Asks the rule of CREATE_INVITATION again: only admins invite. The inviter may be no admin any more. */
async function isByAdmin(db: Database, { foreignCreatorId }: Invitation, teamId: string): Promise<boolean> {
  return (await roleIn(db, teamId, { id: foreignCreatorId ?? '' })) === 'admin';
}

/**
 * Returns whether an invitee who accepts an invitation is a member of its team afterwards: the webhook will add them, or they are one
 * already. Asked before the acceptance, which uses the invitation up.
 */
export async function canJoin(db: Database, invitation: Invitation, teamId: string, user: User): Promise<boolean> {
  if (await roleIn(db, teamId, user)) return true;
  return (await isByAdmin(db, invitation, teamId)) && (await countsFor(db, teamId, user, invitation));
}

/**
 * Removes a member, for an admin of the team. The last admin stays, since a team without one could not be managed.
 *
 * @throws Refusal `NOT_AN_ADMIN`, `LAST_ADMIN`, `NOT_FOUND`
 */
export async function removeMember(
  db: Database,
  live: Teller,
  teamId: string,
  userId: string,
  by: User,
): Promise<void> {
  const before = await db.transaction(async (tx) => {
    // Locked, so that two admins who remove each other at once do not both succeed.
    const rows = await tx.select().from(memberships).where(eq(memberships.teamId, teamId)).for('update');
    const isAdmin = (id: string) => rows.some((row) => row.userId === id && row.role === 'admin');
    if (!isAdmin(by.id)) throw new Refusal('NOT_AN_ADMIN', 'Only admins of this team can remove members.');
    if (!rows.some((row) => row.userId === userId)) throw new Refusal('NOT_FOUND', 'This person is not on the team.');
    const isLast = rows.filter(({ role }) => role === 'admin').length === 1;
    if (isLast && isAdmin(userId)) throw new Refusal('LAST_ADMIN', 'A team needs at least one admin.');
    await endMembership(tx, teamId, userId);
    return rows;
  });
  live.tell(
    before.map((row) => row.userId),
    { about: 'team', teamId, left: userId },
  );
}

/** Tells the open pages of the team and of the invitee to load again. */
export async function invitationChanged(
  db: Database,
  live: Teller,
  { invitationId, teamIds, emails }: Change,
): Promise<void> {
  for (const teamId of teamIds) {
    const members = await membersOf(db, teamId);
    live.tell(
      members.map(({ id }) => id),
      { about: 'team', teamId },
    );
  }
  if (invitationId === undefined) return;
  for (const email of emails) {
    const invitee = await findUserByEmail(db, email);
    if (invitee) live.tell([invitee.id], { about: 'invitation', invitationId });
  }
}
