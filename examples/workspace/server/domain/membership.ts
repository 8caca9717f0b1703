import type { Database } from './database.js';
import type { Live } from './live.js';
import { addMember, membersOf } from './teams.js';
import { findUserByEmail } from './users.js';

/** What a webhook says about an invitation or a new member, as far as we read it. */
export interface Change {
  invitationId: string | undefined;
  teamIds: readonly string[];
  /** To whom the invitation was sent. */
  emails: readonly string[];
}

/** Somebody has accepted, so they are a member; a second time changes nothing. */
export async function memberAdded(db: Database, live: Live, teamId: string, email: string): Promise<void> {
  const user = await findUserByEmail(db, email);
  // Nobody accepts without having signed in, unless elsewhere and with the same Vortex account.
  if (!user || !(await addMember(db, teamId, user))) return;
  const members = await membersOf(db, teamId);
  const joined = { userId: user.id, name: user.name };
  live.tell(
    members.map(({ id }) => id),
    { about: 'team', teamId, joined },
  );
}

/** Tells the pages of the team, and that of the invitee, to look again. */
export async function invitationChanged(
  db: Database,
  live: Live,
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
