import { type Invitation, type VortexClient, VortexError } from '@vortex/core';
import { allOf, anyOf, inEveryScope, isInvitee, isInviter, mayAccept } from '@vortex/core/rules';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { currentUser } from './session.js';
import { addMember, findUser, findUserByEmail, roleIn, type User } from './teams.js';

/** An admin of every team that the operation or its invitation is for. */
const isAdmin = inEveryScope(({ type, scopeId }, user: User) => type === 'team' && roleIn(scopeId, user) === 'admin');
const isMember = inEveryScope(
  ({ type, scopeId }, user: User) => type === 'team' && roleIn(scopeId, user) !== undefined,
);
/** An admin, or the inviter. An inviter who has left the team no longer manages its invitations. */
const managesInvitation = anyOf(isAdmin, allOf(isInviter, isMember));

export const vortex = (client: VortexClient) =>
  vortexRouter({
    client,
    authenticateUser: currentUser,
    authorizeOperation: {
      // For the component of Vortex, which invites with this token.
      JWT: ({ context: { scopeType, scope = '' } = {} }, user) =>
        scopeType === 'team' && roleIn(scope, user) === 'admin',
      GET_INVITATIONS: (op) => op.self,
      CREATE_INVITATION: isAdmin,
      GET_GROUP_INVITATIONS: isAdmin,
      GET_INVITATION: managesInvitation,
      REVOKE_INVITATION: managesInvitation,
      REINVITE: managesInvitation,
      ACCEPT_INVITATIONS: mayAccept,
      DELETE_GROUP_INVITATIONS: false,
    },
  });

/** Adds members by webhook. The browser cannot be relied on: the user may close the page after accepting. */
export const webhooks = (client: VortexClient, secret: string | undefined) =>
  vortexWebhook({
    secret,
    on: {
      'group.member.added': async ({ timestamp, data: { invitationId, scopeType, scope, user } }) => {
        // Only the signature of an event is checked. Each field may be missing.
        if (scopeType !== 'team' || !scope || !invitationId) return;
        const member = findUserByEmail(user?.email);
        const invitation = await findInvitation(client, invitationId);
        if (!member || !invitation || !(await mayJoin(scope, invitation, member))) return;
        addMember(scope, member, { invitedAt: invitation.createdAt, acceptedAt: timestamp });
      },
    },
  });

/** A deleted invitation adds no member. Any other failure is thrown, so that the event is delivered again. */
async function findInvitation(client: VortexClient, id: string): Promise<Invitation | undefined> {
  try {
    return await client.getInvitation(id);
  } catch (error) {
    if (VortexError.is(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

async function mayJoin(teamId: string, invitation: Invitation, user: User): Promise<boolean> {
  // An invitation that was revoked after its acceptance does not count. One that has expired since is deactivated too, and counts.
  if (invitation.deactivated && !invitation.expired) return false;
  // The component of Vortex invites without asking the rules. So ask here whether the inviter may.
  const inviter = findUser(invitation.foreignCreatorId);
  if (!inviter || roleIn(teamId, inviter) !== 'admin') return false;
  // Everyone who has a share link may use it. Every other invitation is for its addressee.
  if (invitation.target?.some(({ type }) => type === 'share')) return true;
  return await isInvitee({ loadInvitation: async () => invitation }, user);
}
