import { allOf, anyOf, inEveryScope, isInvitee, isInviter, isShareLink, mayAccept } from '@vortex/core/rules';
import { vortexHandler } from '@vortex/hono';
import { getCookie } from 'hono/cookie';
import { findUser, roleOf, team, type User } from '../../../people';
import { COOKIE } from '../../../session';

const isHere = (type: string, id: string) => type === team.type && id === team.id;
const isAdmin = inEveryScope(({ type, scopeId }, user: User) => isHere(type, scopeId) && roleOf(user.id) === 'admin');
const isMember = inEveryScope(
  ({ type, scopeId }, user: User) => isHere(type, scopeId) && roleOf(user.id) !== undefined,
);

const handle = vortexHandler({
  basePath: '/api/vortex',
  apiKey: () => process.env.VORTEX_API_KEY, // a function: `next build` loads this file without the secret
  authenticateUser: (c) => findUser(getCookie(c, COOKIE)), // your session
  authorizeOperation: {
    JWT: ({ context: { scopeType = '', scope = '' } = {} }, { id }) =>
      isHere(scopeType, scope) && roleOf(id) === 'admin',
    GET_INVITATIONS: (op) => op.self,
    GET_INVITATION: anyOf(isInvitee, isShareLink, isAdmin),
    ACCEPT_INVITATIONS: mayAccept,
    CREATE_INVITATION: isAdmin,
    GET_GROUP_INVITATIONS: isAdmin,
    REVOKE_INVITATION: anyOf(isAdmin, allOf(isInviter, isMember)),
  },
});

export { handle as DELETE, handle as GET, handle as POST };
