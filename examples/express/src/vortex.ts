import { allOf, anyOf, inEveryScope, isInviter, mayAccept } from '@vortex/core/rules';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { currentUser } from './session.js';
import { addMember, findUserByEmail, roleIn, type User } from './teams.js';

/** An admin of every team that the operation or its invitation is for. */
const isAdmin = inEveryScope(({ type, scopeId }, user: User) => type === 'team' && roleIn(scopeId, user) === 'admin');
const isMember = inEveryScope(
  ({ type, scopeId }, user: User) => type === 'team' && roleIn(scopeId, user) !== undefined,
);
/** An admin, or the inviter. An inviter who has left the team no longer manages its invitations. */
const managesInvitation = anyOf(isAdmin, allOf(isInviter, isMember));

export const vortex = (apiKey: string | undefined, baseUrl?: string) =>
  vortexRouter({
    apiKey,
    baseUrl,
    authenticateUser: currentUser,
    authorizeOperation: {
      JWT: true,
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
