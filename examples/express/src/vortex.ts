import { type Invitation, isAddressedTo } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import { currentUser } from './session.js';
import { addMember, roleIn, type User } from './teams.js';

export const vortex = (apiKey: string | undefined, baseUrl?: string) =>
  vortexRouter({
    apiKey,
    baseUrl,
    authenticateUser: currentUser,
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      CREATE_INVITATION: (op, user) => administers(user, op.scopes),
      GET_GROUP_INVITATIONS: (op, user) => administers(user, [{ type: op.scopeType, scopeId: op.scope }]),
      GET_INVITATION: async (op, user) => manages(user, await op.loadInvitation()),
      REVOKE_INVITATION: async (op, user) => manages(user, await op.loadInvitation()),
      REINVITE: async (op, user) => manages(user, await op.loadInvitation()),
      ACCEPT_INVITATIONS: async (op, user) => (await op.loadInvitations()).every((each) => isAddressedTo(each, user)),
      DELETE_GROUP_INVITATIONS: false,
    },
    onSuccess: {
      ACCEPT_INVITATIONS: (_op, { invitations }, user) => {
        for (const { type, scopeId } of invitations.flatMap((each) => each.scopes ?? [])) {
          if (type === 'team') addMember(scopeId, user);
        }
      },
    },
  });

/** An admin of every team that is concerned, and of one at least. */
function administers(user: User, scopes: readonly { type: string; scopeId: string }[] = []): boolean {
  return scopes.length > 0 && scopes.every(({ type, scopeId }) => type === 'team' && roleIn(scopeId, user) === 'admin');
}

/** The inviter or a team admin. */
function manages(user: User, invitation: Invitation): boolean {
  return invitation.foreignCreatorId === user.id || administers(user, invitation.scopes);
}
