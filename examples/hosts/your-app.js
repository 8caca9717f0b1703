/** Stands in for your application: its users, its rules, and what it does once an invitation is accepted. */
import { isInviter, mayAccept } from '@vortex/core/rules';

/** @typedef {{ id: string, email: string, isAdmin: boolean }} User with a verified e-mail address */

/** @type {User[]} */
const users = [
  { id: 'u-1', email: 'ada@example.com', isAdmin: true },
  { id: 'u-2', email: 'bo@example.com', isAdmin: false },
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
 * One rule per operation. An operation without a rule is denied.
 *
 * @satisfies {import('@vortex/core').RuleMap<User>}
 */
export const authorizeOperation = {
  JWT: (_op, user) => user.isAdmin, // for the component of Vortex, which invites with this token
  CREATE_INVITATION: (_op, user) => user.isAdmin,
  REVOKE_INVITATION: isInviter,
  ACCEPT_INVITATIONS: mayAccept,
};

/**
 * Handlers of webhooks.
 *
 * @satisfies {import('@vortex/core').WebhookHandlerMap<unknown>}
 */
export const on = {
  'invitation.accepted': (event) => console.log('accepted', event.data.invitationId),
};
