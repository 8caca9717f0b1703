/**
 * The authorization rules for invitations. The three frameworks share them. Only `authenticateUser` is written three times, since
 * each framework has its own request.
 */
import type { RuleMap } from '@vortex/core';
import { allOf, anyOf, inEveryScope, isInvitee, isInviter } from '@vortex/core/rules';
import type { Database } from './domain/database.js';
import { type Role, roleIn } from './domain/teams.js';
import type { User } from './domain/users.js';

export function rules(db: Database): RuleMap<User> {
  const hasRole = (...roles: Role[]) =>
    inEveryScope(async ({ type, scopeId }, user: User) => {
      const role = type === 'team' ? await roleIn(db, scopeId, user) : undefined;
      return role !== undefined && roles.includes(role);
    });
  const isAdmin = hasRole('admin');
  /** An admin, or the inviter. An inviter who has left the team no longer manages its invitations. */
  const managesInvitation = anyOf(isAdmin, allOf(isInviter, hasRole('admin', 'member')));

  return {
    JWT: true,
    GET_INVITATIONS: (op) => op.self,
    GET_INVITATION: anyOf(isInvitee, managesInvitation),
    ACCEPT_INVITATIONS: isInvitee,
    CREATE_INVITATION: isAdmin,
    REVOKE_INVITATION: managesInvitation,
    REINVITE: managesInvitation,
    GET_GROUP_INVITATIONS: isAdmin,
    DELETE_GROUP_INVITATIONS: false,
    GET_AUTOJOIN_DOMAINS: isAdmin,
    CONFIGURE_AUTOJOIN: isAdmin,
    SYNC_INTERNAL_INVITATION: false,
  };
}
