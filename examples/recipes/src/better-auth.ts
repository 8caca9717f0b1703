import { isInviter } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import express from 'express';
import { isAdminOf } from './teams.js';

/** The verification links. A real application sends them by e-mail. */
export const links: string[] = [];

const { SESSION_SECRET } = process.env;
if (!SESSION_SECRET) throw new Error('Set SESSION_SECRET to a long random text.');

const auth = betterAuth({
  baseURL: process.env.APP_URL,
  secret: SESSION_SECRET,
  // Use your database here. This one keeps its data in memory.
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  emailAndPassword: { enabled: true },
  emailVerification: {
    sendOnSignUp: true,
    sendVerificationEmail: async ({ url }) => {
      links.push(url);
    },
  },
});

export const app: express.Express = express();

// Mount it before any body parser, because it reads the body itself.
app.all('/api/auth/*path', toNodeHandler(auth));

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (req) => {
      const session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
      if (!session) return null;
      const { id, name, image, email, emailVerified } = session.user;
      return { id, name, avatarUrl: image, email: emailVerified ? email : null };
    },
    authorizeOperation: {
      JWT: ({ context }, { id }) => isAdminOf(context, id),
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: isInviter,
      REINVITE: false,
    },
  }),
);
