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
    // By user where there is one, else by address. Behind a proxy set `trust proxy`, or all have the proxy's.
    keyGenerator: (req) => req.get('x-user') ?? ipKeyGenerator(req.ip ?? ''),
    // What every failure of the routes looks like.
    message: { error: 'Too many requests; try again later.', code: 'RATE_LIMITED' },
  });

// What sends mail, a few; everything together, many. For several processes give each a `store` they share.
app.post(['/api/vortex/invitations', '/api/vortex/invitations/:id/reinvite'], limit(3));
app.use(
  '/api/vortex',
  limit(60),
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands for your session
      return account && userOf(account);
    },
    authorizeOperation: {
      JWT: true,
      CREATE_INVITATION: (op) => op.scopes.length === 0,
      REINVITE: false,
    },
  }),
);
