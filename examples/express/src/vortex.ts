import { type Invitation, isAddressedTo } from '@vortex/core';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { currentUser } from './session.js';
import { addMember, findUserByEmail, roleIn, type User } from './teams.js';

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
  });

/** Adds members by webhook. The browser cannot be relied on: the user may close the page after accepting. */
export const webhooks = (secret: string | undefined) =>
  vortexWebhook({
    secret,
    on: {
      'group.member.added': ({ data: { scopeType, scope, user } }) => {
        const member = findUserByEmail(user?.email);
        if (member && scopeType === 'team' && scope) addMember(scope, member);
      },
    },
  });

/** Tells whether the user is an admin of every scope. False if there is no scope. */
function administers(user: User, scopes: readonly { type: string; scopeId: string }[] = []): boolean {
  return scopes.length > 0 && scopes.every(({ type, scopeId }) => type === 'team' && roleIn(scopeId, user) === 'admin');
}

/** Tells whether the user is the inviter or a team admin. */
function manages(user: User, invitation: Invitation): boolean {
  return invitation.foreignCreatorId === user.id || administers(user, invitation.scopes);
}
