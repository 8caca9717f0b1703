import { type Invitation, VortexClient, VortexError } from '@vortex/core';
import { isInvitee } from '@vortex/core/rules';
import { vortexWebhookHandler } from '@vortex/hono';
import { addMember, findUserByEmail, roleOf, team } from '../../people';

/** Adds members. The page cannot: the user may close it right after accepting. */
export const POST = vortexWebhookHandler({
  secret: () => process.env.VORTEX_WEBHOOK_SECRET,
  on: {
    'group.member.added': async ({ data: { invitationId, scopeType, scope, user } }) => {
      // Only the signature of an event is checked. Each field may be missing.
      const member = findUserByEmail(user?.email);
      if (!member || !invitationId || scopeType !== team.type || scope !== team.id) return;
      const invitation = await findInvitation(invitationId);
      if (!invitation || (invitation.deactivated && !invitation.expired)) return; // deleted, or revoked after its acceptance
      // The component of Vortex invites without asking the rules. So ask here whether the inviter may.
      if (roleOf(invitation.foreignCreatorId ?? '') !== 'admin') return;
      // Everyone who has a share link may use it. Every other invitation is for its addressee.
      const isLink = invitation.target?.some(({ type }) => type === 'share');
      if (isLink || (await isInvitee({ loadInvitation: async () => invitation }, member))) addMember(member);
    },
  },
});

/** Undefined if the invitation was deleted. Any other failure is thrown, so that the event is delivered again. */
async function findInvitation(id: string): Promise<Invitation | undefined> {
  try {
    return await new VortexClient(process.env.VORTEX_API_KEY).getInvitation(id);
  } catch (error) {
    if (VortexError.is(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
