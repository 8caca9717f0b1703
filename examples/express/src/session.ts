import cookieSession from 'cookie-session';
import express, { type Request, type RequestHandler, Router } from 'express';
import { findUser, type User } from './teams.js';

export function sessions(secret: string): RequestHandler {
  return cookieSession({ name: 'commons', keys: [secret], httpOnly: true, sameSite: 'lax' });
}

export function currentUser(req: Request): User | null {
  return findUser(req.session?.userId) ?? null;
}

export function sessionRoutes(): Router {
  const router = Router();

  // Accept JSON only. A form on another site cannot send JSON, so it cannot sign a user in.
  router.post('/', express.json(), (req, res) => {
    const user = findUser(req.body?.userId);
    if (!user) {
      res.status(400).json({ error: 'This user does not exist.', code: 'UNKNOWN_USER' });
      return;
    }
    req.session = { userId: user.id };
    res.json({ user });
  });

  router.delete('/', (req, res) => {
    req.session = null;
    res.json({ user: null });
  });

  return router;
}
