/** Stands in for your application: its users, its rules, and what it does once an invitation is accepted. */
import { inEveryScope, isInviter, mayAccept } from '@vortex/core/rules';

/** @typedef {{ id: string, email: string, adminOf: string[] }} User with a verified e-mail address, and the ids of teams */

/** @type {User[]} */
const users = [
  { id: 'u-1', email: 'ada@example.com', adminOf: ['harbor'] },
  { id: 'u-2', email: 'bo@example.com', adminOf: [] },
];

/**
 * Stands in for your session lookup. The programs trust the header `x-user`. Your application must not.
 *
 * @param {unknown} id
 */
export function findUser(id) {
  return users.find((user) => user.id === id) ?? null;
}

/**
 * @param {Pick<User, 'adminOf'>} user
 * @param {string} [type]
 * @param {string} [id]
 */
const isAdmin = ({ adminOf }, type, id = '') => type === 'team' && adminOf.includes(id);

/**
 * One rule per operation. An operation without a rule is denied.
 *
 * @satisfies {import('@vortex/core').RuleMap<User>}
 */
export const authorizeOperation = {
  // For the component of Vortex, which invites with this token.
  JWT: ({ context }, user) => isAdmin(user, context?.scopeType, context?.scope),
  CREATE_INVITATION: inEveryScope(({ type, scopeId }, /** @type {User} */ user) => isAdmin(user, type, scopeId)),
  REVOKE_INVITATION: isInviter,
  ACCEPT_INVITATIONS: mayAccept,
};

/**
 * Handlers of webhooks.
 *
 * @satisfies {import('@vortex/core').WebhookHandlerMap}
 */
export const on = {
  'invitation.accepted': (event) => console.log('accepted', event.data.invitationId),
};
