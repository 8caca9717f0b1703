import { isInviter } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import session from 'express-session';
import { checkPassword, findAccount, userOf } from './accounts.js';
import { isAdminOf } from './teams.js';

declare module 'express-session' {
  interface SessionData {
    accountId: string;
  }
}

const { SESSION_SECRET } = process.env;
if (!SESSION_SECRET) throw new Error('Set SESSION_SECRET to a long random text.');

export const app: express.Express = express();

app.use(
  session({
    secret: SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    // 'auto' sets Secure over https. Behind a proxy that terminates TLS, also set `trust proxy` of Express.
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
    // The default store is in memory, for development with one process only. Set `store` for production.
  }),
);

app.post('/sign-in', express.json(), async (req, res, next) => {
  const account = await checkPassword(req.body?.email, req.body?.password);
  if (!account) return void res.status(401).end();
  // Use a new session id, to prevent session fixation.
  req.session.regenerate((error) => {
    if (error) return next(error);
    req.session.accountId = account.id;
    res.status(204).end();
  });
});

app.post('/sign-out', (req, res, next) => {
  req.session.destroy((error) => (error ? next(error) : res.status(204).end()));
});

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (req) => {
      const account = await findAccount(req.session.accountId);
      return account ? userOf(account) : null; // has an address only if it is verified
    },
    authorizeOperation: {
      JWT: ({ context }, { id }) => isAdminOf(context, id),
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: isInviter,
      REINVITE: false,
    },
  }),
);
