/**
 * The authorization rules for invitations. The three frameworks share them. Only `authenticateUser` is written three times, since
 * each framework has its own request.
 */
import {
  type AcceptInvitationsOperation,
  type ConfigureAutojoinOperation,
  type CreateInvitationOperation,
  type RuleMap,
  VortexError,
} from '@vortex/core';
import { allOf, anyOf, inEveryScope, isInvitee, isInviter } from '@vortex/core/rules';
import type { Application } from './application.js';
import { domainOf } from './domain/joining.js';
import { canJoin } from './domain/membership.js';
import { invitedRole, mayGive, membersOf, type Role, roleIn, teamFor } from './domain/teams.js';
import { isSameEmail, type User } from './domain/users.js';

export function rules({ db, client }: Pick<Application, 'db' | 'client'>): RuleMap<User> {
  const hasRole = (...roles: Role[]) =>
    inEveryScope(async ({ type, scopeId }, user: User) => {
      const role = type === 'team' ? await roleIn(db, scopeId, user) : undefined;
      return role !== undefined && roles.includes(role);
    });
  const isAdmin = hasRole('admin');
  /** An admin, or the inviter. An inviter who has left the team no longer manages its invitations. */
  const managesInvitation = anyOf(isAdmin, allOf(isInviter, hasRole('admin', 'member')));

  /**
   * Denies to invite a member, or an address that has an open invitation. The page says so too, but its lists may be old. Two
   * requests at the same moment can still invite one address twice.
   */
  const isNew = async ({ target: { type, value }, scopes }: CreateInvitationOperation) => {
    if (type !== 'email') return true;
    for (const { type: scopeType, scopeId } of scopes) {
      const members = await membersOf(db, scopeId);
      if (members.some(({ email }) => isSameEmail(email, value))) {
        throw new VortexError('FORBIDDEN', `${value} is already a member.`);
      }
      for await (const invitation of client.invitationsByScope(scopeType, scopeId)) {
        if (invitation.target?.some((target) => target.type === 'email' && isSameEmail(target.value, value))) {
          throw new VortexError('FORBIDDEN', `${value} is already invited.`);
        }
      }
    }
    return true;
  };

  /** Denies a name that is not the team's: invitees read it in the message and on the page of the invitation. */
  const requireName = async (teamId: string, name: string | undefined, user: User) => {
    const team = await teamFor(db, teamId, user);
    if (name !== team.name) throw new VortexError('FORBIDDEN', `The team is called ${team.name}. Load the page again.`);
  };

  /** Denies text of the page's own that invitees would read. The pages of Roster send none. */
  const namesTeam = async ({ scopes, unfurlConfig, templateVariables }: CreateInvitationOperation, user: User) => {
    for (const { scopeId, name } of scopes) await requireName(scopeId, name, user);
    return unfurlConfig === undefined && templateVariables === undefined;
  };
  const namesScope = async ({ scope, scopeName }: ConfigureAutojoinOperation, user: User) => {
    if (scopeName !== undefined) await requireName(scope, scopeName, user);
    return true;
  };

  /** Denies to give a role that the inviter may not give. The webhook of the accepted invitation then gives it. */
  const mayGiveRole = async ({ metadata, scopes }: CreateInvitationOperation, user: User) => {
    const role = invitedRole(metadata);
    if (!role) throw new VortexError('FORBIDDEN', 'The role of an invitation must be “member” or “admin”.');
    for (const { scopeId } of scopes) if (!(await mayGive(db, scopeId, user, role))) return false;
    return true;
  };

  /**
   * Denies to add a domain other than that of the admin's own address, which is verified: everyone at the domain may join. The domains
   * that the team already has may stay. An address proves nothing at a public mail provider, of which Vortex refuses only some. So
   * replace this check in production: compare with the domains that you know as the company's, by a contract or a DNS record.
   */
  const ownsDomains = async ({ scopeType, scope, domains }: ConfigureAutojoinOperation, user: User) => {
    const { autojoinDomains } = await client.getAutojoinDomains(scopeType, scope);
    const allowed = [domainOf(user), ...autojoinDomains.map(({ domain }) => domain)];
    if (domains.every((domain) => allowed.includes(domain.toLowerCase()))) return true;
    throw new VortexError('FORBIDDEN', `You can add only the domain of your own address, ${domainOf(user)}.`);
  };

  /** Denies to accept an invitation that would be used up without adding the member. An admin who invites again must revoke it first. */
  const addsMember = async (op: AcceptInvitationsOperation, user: User) => {
    for (const invitation of await op.loadInvitations()) {
      const { scopes = [] } = invitation;
      let adds = scopes.length > 0;
      for (const { type, scopeId } of scopes) {
        adds &&= type === 'team' && (await canJoin(db, invitation, scopeId, user));
      }
      if (adds) continue;
      throw new VortexError(
        'FORBIDDEN',
        'This invitation no longer counts. Ask an admin of the team to revoke it, and for a new invitation.',
      );
    }
    return true;
  };

  return {
    // For components of Vortex, which invite with this token.
    JWT: async ({ context: { scopeType, scope = '' } = {} }, user) =>
      scopeType === 'team' && (await roleIn(db, scope, user)) === 'admin',
    GET_INVITATIONS: (op) => op.self,
    GET_INVITATION: anyOf(isInvitee, managesInvitation),
    ACCEPT_INVITATIONS: allOf(isInvitee, addsMember),
    CREATE_INVITATION: allOf(isAdmin, namesTeam, mayGiveRole, isNew),
    // An invitee declines an invitation by revoking it.
    REVOKE_INVITATION: anyOf(isInvitee, managesInvitation),
    REINVITE: managesInvitation,
    GET_GROUP_INVITATIONS: isAdmin,
    DELETE_GROUP_INVITATIONS: false,
    GET_AUTOJOIN_DOMAINS: isAdmin,
    CONFIGURE_AUTOJOIN: allOf(isAdmin, namesScope, ownsDomains),
    SYNC_INTERNAL_INVITATION: false,
  };
}
