import type { Database } from './database.js';
import type { Teller } from './live.js';
import { addMember, membersOf } from './teams.js';
import { findUserByEmail } from './users.js';

/** The change of an invitation, as read from a webhook. */
export interface Change {
  invitationId: string | undefined;
  teamIds: readonly string[];
  /** The addresses that the invitation was sent to. */
  emails: readonly string[];
}

/** Adds the membership of a user who has accepted. Idempotent: a repeated webhook changes nothing. */
export async function memberAdded(db: Database, live: Teller, teamId: string, email: string): Promise<void> {
  const user = await findUserByEmail(db, email);
  // The user can be unknown if another application of the same Vortex account accepted the invitation.
  if (!user || !(await addMember(db, teamId, user))) return;
  const members = await membersOf(db, teamId);
  const joined = { userId: user.id, name: user.name };
  live.tell(
    members.map(({ id }) => id),
    { about: 'team', teamId, joined },
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
