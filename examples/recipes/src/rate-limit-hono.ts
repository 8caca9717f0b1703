import { getConnInfo } from '@hono/node-server/conninfo';
import { isInviter, mayAccept } from '@vortex/core/rules';
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
    // Counts by user, otherwise by IP address. The header stands in for the user of your session: a caller could vary it. Behind a
    // proxy, read the address from the header that the proxy sets.
    keyGenerator: (c) => c.req.header('x-user') ?? getConnInfo(c).remote.address ?? '',
    // The same form as the errors of the routes.
    message: { error: 'Too many requests; try again later.', code: 'RATE_LIMITED' },
  });

// A low limit for requests that send e-mail, and for acceptances, whose rule loads up to 100 invitations each. A high limit for
// all requests. With several processes, give each limit a `store` of its own, such as one Redis with three prefixes.
app.post('/api/vortex/invitations', limit(3));
app.post('/api/vortex/invitations/:id/reinvite', limit(3));
app.post('/api/vortex/invitations/accept', limit(10));
app.use('/api/vortex/*', limit(60));
app.route(
  '/api/vortex',
  vortexApp({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (c) => {
      const account = await findAccount(c.req.header('x-user')); // stands in for your session
      return account ? userOf(account) : null;
    },
    authorizeOperation: {
      CREATE_INVITATION: (op) => op.scopes.length === 0, // only invitations to no team
      REINVITE: isInviter,
      ACCEPT_INVITATIONS: mayAccept,
    },
  }),
);
