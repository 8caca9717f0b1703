/**
 * The authorization rules for invitations. The three frameworks share them. Only `authenticateUser` is written three times, since
 * each framework has its own request.
 */
import { type AuthorizeOperation, type Invitation, isAddressedTo } from '@vortex/core';
import type { Database } from './domain/database.js';
import { roleIn } from './domain/teams.js';
import type { User } from './domain/users.js';

export function rules(db: Database): AuthorizeOperation<User, unknown> {
  /** Returns whether the user is an admin of every given team. Returns false if no team is given. */
  async function administers(user: User, scopes: readonly { type: string; scopeId: string }[] = []): Promise<boolean> {
    for (const { type, scopeId } of scopes) {
      if (type !== 'team' || (await roleIn(db, scopeId, user)) !== 'admin') return false;
    }
    return scopes.length > 0;
  }
  const manages = async (user: User, invitation: Invitation) =>
    invitation.foreignCreatorId === user.id || (await administers(user, invitation.scopes));
  const administersScope = (user: User, { scopeType, scope }: { scopeType: string; scope: string }) =>
    administers(user, [{ type: scopeType, scopeId: scope }]);

  return {
    JWT: true,
    GET_INVITATIONS: (op) => op.self,
    GET_INVITATION: async (op, user) => {
      const invitation = await op.loadInvitation();
      return isAddressedTo(invitation, user) || (await manages(user, invitation));
    },
    ACCEPT_INVITATIONS: async (op, user) => (await op.loadInvitations()).every((each) => isAddressedTo(each, user)),
    CREATE_INVITATION: (op, user) => administers(user, op.scopes),
    REVOKE_INVITATION: async (op, user) => manages(user, await op.loadInvitation()),
    REINVITE: async (op, user) => manages(user, await op.loadInvitation()),
    GET_GROUP_INVITATIONS: (op, user) => administersScope(user, op),
    DELETE_GROUP_INVITATIONS: false,
    GET_AUTOJOIN_DOMAINS: (op, user) => administersScope(user, op),
    CONFIGURE_AUTOJOIN: (op, user) => administersScope(user, op),
    SYNC_INTERNAL_INVITATION: false,
  };
}
