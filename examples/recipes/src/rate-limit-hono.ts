import { getConnInfo } from '@hono/node-server/conninfo';
import { vortexApp } from '@vortex/hono';
import { Hono } from 'hono';
import { rateLimiter } from 'hono-rate-limiter';
import { findAccount, userOf } from './accounts.js';

export const app = new Hono();

const limit = (max: number) =>
  rateLimiter({
    windowMs: 60_000,
    limit: max,
    standardHeaders: 'draft-6',
    // By user where there is one, else by address. Behind a proxy take the address that it tells.
    keyGenerator: (c) => c.req.header('x-user') ?? getConnInfo(c).remote.address ?? '',
    // What every failure of the routes looks like.
    message: { error: 'Too many requests; try again later.', code: 'RATE_LIMITED' },
  });

// What sends mail, a few; everything together, many. For several processes give each a `store` they share.
app.post('/api/vortex/invitations', limit(3));
app.post('/api/vortex/invitations/:id/reinvite', limit(3));
app.use('/api/vortex/*', limit(60));
app.route(
  '/api/vortex',
  vortexApp({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (c) => {
      const account = await findAccount(c.req.header('x-user')); // stands for your session
      return account && userOf(account);
    },
    authorizeOperation: {
      JWT: true,
      CREATE_INVITATION: (op) => op.scopes.length === 0,
      REINVITE: false,
    },
  }),
);
