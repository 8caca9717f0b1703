import { isInviter, mayAccept } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { findAccount, userOf } from './accounts.js';

export const app: express.Express = express();

const limit = (max: number) =>
  rateLimit({
    windowMs: 60_000,
    limit: max,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Counts by user, otherwise by IP address. The header stands in for the user of your session: a caller could vary it. Behind a
    // proxy, set `trust proxy`: otherwise all callers share one address.
    keyGenerator: (req) => req.get('x-user') ?? ipKeyGenerator(req.ip ?? ''),
    // The same form as the errors of the routes.
    message: { error: 'Too many requests; try again later.', code: 'RATE_LIMITED' },
  });

// A low limit for requests that send e-mail, and for acceptances, whose rule loads up to 100 invitations each. A high limit for
// all requests. With several processes, give each limit a `store` of its own, such as one Redis with three prefixes.
app.post(['/api/vortex/invitations', '/api/vortex/invitations/:id/reinvite'], limit(3));
app.post('/api/vortex/invitations/accept', limit(10));
app.use(
  '/api/vortex',
  limit(60),
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands in for your session
      return account ? userOf(account) : null;
    },
    authorizeOperation: {
      CREATE_INVITATION: (op) => op.scopes.length === 0, // only invitations to no team
      REINVITE: isInviter,
      ACCEPT_INVITATIONS: mayAccept,
    },
  }),
);
