/** What happens to the invitations of a member who is removed. */
import { type Invitation, invitationState, VortexClient } from '@vortex/core';
import { isInvitee } from '@vortex/core/rules';
import { type Account, userOf } from './accounts.js';
import { removeMember } from './teams.js';

const client = new VortexClient(process.env.VORTEX_API_KEY);

/**
 * Removes a member, and revokes the open invitations to them, which could be accepted but would add no member. An invitation to
 * several teams is revoked for all of them.
 */
export async function leaveTeam(team: string, account: Account): Promise<void> {
  await removeMember(team, account.id);
  const open: Invitation[] = [];
  for await (const invitation of client.invitationsByScope('team', team)) {
    const isTheirs = await isInvitee({ loadInvitation: async () => invitation }, userOf(account));
    if (isTheirs && invitationState(invitation) === 'open') open.push(invitation);
  }
  // After the list, whose pages would move otherwise.
  for (const { id } of open) await client.revokeInvitation(id);
}
