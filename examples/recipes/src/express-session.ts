import { vortexRouter } from '@vortex/express';
import express from 'express';
import session from 'express-session';
import { checkPassword, findAccount, userOf } from './accounts.js';

declare module 'express-session' {
  interface SessionData {
    accountId: string;
  }
}

export const app: express.Express = express();

app.use(
  session({
    secret: process.env.SESSION_SECRET ?? '',
    resave: false,
    saveUninitialized: false,
    // 'auto' is true over https. Behind a proxy that ends TLS, set Express's `trust proxy` too.
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
    // The default store is in memory: for one process, and for development.
  }),
);

app.post('/sign-in', express.json(), async (req, res, next) => {
  const account = await checkPassword(req.body?.email, req.body?.password);
  if (!account) return void res.status(401).end();
  // A new id, so that one that somebody planted before is worth nothing.
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
      return account && userOf(account); // its address only if it is verified
    },
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: async (op, user) => (await op.loadInvitation()).foreignCreatorId === user.id,
      REINVITE: false,
    },
  }),
);
