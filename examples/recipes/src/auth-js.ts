import { ExpressAuth, type ExpressAuthConfig, getSession } from '@auth/express';
import Credentials from '@auth/express/providers/credentials';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { checkPassword, findAccount, userOf } from './accounts.js';

const auth: ExpressAuthConfig = {
  secret: process.env.SESSION_SECRET ?? '',
  trustHost: true,
  providers: [
    Credentials({
      credentials: { email: {}, password: {} },
      authorize: async ({ email, password }) => (await checkPassword(email, password)) ?? null,
    }),
  ],
  callbacks: {
    // Else the session holds a name, an address and a picture, and no id.
    session: ({ session, token }) => ({ ...session, user: { ...session.user, id: token.sub ?? '' } }),
  },
};

export const app: express.Express = express();

// Not '/auth/*path': of Express 5's wildcards it cannot tell where it is mounted.
app.use('/auth', ExpressAuth(auth));

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (req) => {
      const session = await getSession(req, auth);
      // The account as it is now: the session says what it was at sign-in, and nothing of verification.
      const account = await findAccount(session?.user?.id);
      return account && userOf(account);
    },
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: async (op, user) => (await op.loadInvitation()).foreignCreatorId === user.id,
      REINVITE: false,
    },
  }),
);
