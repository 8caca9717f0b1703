/** Adds a member when Vortex reports that an invitation was accepted. The handler is the same on every framework. */
import { type Invitation, VortexClient, VortexError, type WebhookHandlerMap } from '@vortex/core';
import { isInvitee } from '@vortex/core/rules';
import { type Account, findAccountByEmail, userOf } from './accounts.js';
import { addMember, roleIn } from './teams.js';

const client = new VortexClient(process.env.VORTEX_API_KEY);

/** For the webhook of each framework, such as `vortexWebhook({ secret, on })`. */
export const on: WebhookHandlerMap = {
  'group.member.added': async ({ timestamp, data: { invitationId, scopeType, scope, user } }) => {
    // Only the signature of an event is checked. Each field may be missing.
    if (scopeType !== 'team' || !scope || !invitationId || !user?.email) return;
    const account = await findAccountByEmail(user.email); // ignores case: the address is as the user has typed it
    const invitation = await findInvitation(invitationId);
    if (!account?.emailVerified || !invitation || !(await mayJoin(scope, invitation, account))) return;
    // Does nothing if the invitation is older than the user's last acceptance or removal.
    await addMember(scope, account.id, { invitedAt: invitation.createdAt, acceptedAt: timestamp });
  },
};

async function mayJoin(team: string, invitation: Invitation, account: Account): Promise<boolean> {
  // An invitation that was revoked after its acceptance does not count. One that has expired since is deactivated too, and counts.
  if (invitation.deactivated && !invitation.expired) return false;
  // The component of Vortex invites without asking your rules. So ask here whether the inviter may.
  if ((await roleIn(team, invitation.foreignCreatorId ?? '')) !== 'admin') return false;
  // Everyone who has a share link may use it. Every other invitation is for its addressee.
  if (invitation.target?.some(({ type }) => type === 'share')) return true;
  return await isInvitee({ loadInvitation: async () => invitation }, userOf(account));
}

/** A deleted invitation adds no member. Any other failure is thrown, so that the event is delivered again. */
async function findInvitation(id: string): Promise<Invitation | undefined> {
  try {
    return await client.getInvitation(id);
  } catch (error) {
    if (VortexError.is(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
