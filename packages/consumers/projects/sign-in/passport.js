/** Passport with a session: it keeps the account on `req.user`. */
import { vortexRouter } from '@vortex/express';
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { findAccount, userOf } from './accounts.js';

export function createApp(vortex) {
  passport.use(new Strategy((id, password, done) => done(null, password === 'right' && (findAccount(id) ?? false))));
  passport.serializeUser((account, done) => done(null, account.id));
  passport.deserializeUser((id, done) => done(null, findAccount(id) ?? false));

  const app = express();
  app.use(session({ secret: 'made up', resave: false, saveUninitialized: false }), passport.session());
  app.post('/sign-in', express.json(), passport.authenticate('local'), (_req, res) => void res.status(204).end());
  app.use('/api/vortex', vortexRouter({ ...vortex, authenticateUser: (req) => userOf(req.user) }));
  return app;
}
