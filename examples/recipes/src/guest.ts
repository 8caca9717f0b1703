/** A page that shows an invitation before its reader has signed up or signed in. */
import { isInvitee } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import express, { type Request } from 'express';
import { findAccount, userOf } from './accounts.js';
import { isAdminOf } from './teams.js';

export const app: express.Express = express();

// Without an address, isInvitee is false for a guest. isShareLink does not look at the user, and inEveryScope asks your check.
const GUEST = { id: 'guest', email: null, isGuest: true };

/** True for GET /invitations/<id> below the mount, and for nothing else. */
function readsOneInvitation({ method, path }: Request): boolean {
  return method === 'GET' && /^\/invitations\/[^/]+$/.test(path);
}

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // your session, in place of the header
      if (account) return { ...userOf(account), isGuest: false };
      return readsOneInvitation(req) ? GUEST : null;
    },
    authorizeOperation: {
      JWT: ({ context }, { id }) => isAdminOf(context, id),
      GET_INVITATIONS: (op) => op.self,
      GET_INVITATION: async (op, user) => {
        if (!user.isGuest) return isInvitee(op, user);
        const { status, deactivated } = await op.loadInvitation();
        return !deactivated && status !== 'accepted' && status !== 'accepted_elsewhere';
      },
    },
  }),
);
