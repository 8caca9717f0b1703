import { ExpressAuth, type ExpressAuthConfig, getSession } from '@auth/express';
import Credentials from '@auth/express/providers/credentials';
import { isInviter } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { checkPassword, findAccount, userOf } from './accounts.js';
import { isAdminOf } from './teams.js';

const { SESSION_SECRET } = process.env;
if (!SESSION_SECRET) throw new Error('Set SESSION_SECRET to a long random text.');

const auth: ExpressAuthConfig = {
  secret: SESSION_SECRET,
  trustHost: true,
  providers: [
    Credentials({
      credentials: { email: {}, password: {} },
      authorize: async ({ email, password }) => (await checkPassword(email, password)) ?? null,
    }),
  ],
  callbacks: {
    // Adds the id. By default, the session has only a name, an e-mail address and a picture.
    session: ({ session, token }) => ({ ...session, user: { ...session.user, id: token.sub ?? '' } }),
  },
};

export const app: express.Express = express();

// Do not mount it at '/auth/*path': with a wildcard of Express 5, Auth.js does not find its base path.
app.use('/auth', ExpressAuth(auth));

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (req) => {
      const session = await getSession(req, auth);
      // Look up the current account. The session is as old as the sign-in, and does not say whether the address is verified.
      const account = await findAccount(session?.user?.id);
      return account ? userOf(account) : null;
    },
    authorizeOperation: {
      JWT: ({ context }, { id }) => isAdminOf(context, id),
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: isInviter,
      REINVITE: false,
    },
  }),
);
