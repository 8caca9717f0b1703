import { isInviter } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import cors from 'cors';
import express from 'express';
import { findAccount, userOf } from './accounts.js';

const options = {
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: async (req: express.Request) => {
    const account = await findAccount(req.get('x-user')); // stands in for your session
    return account ? userOf(account) : null;
  },
  authorizeOperation: { GET_INVITATION: isInviter, REVOKE_INVITATION: isInviter },
};

export const app: express.Express = express();

const pages = 'https://app.example.com';
app.use(
  cors({
    origin: pages,
    credentials: true,
    methods: ['GET', 'POST', 'DELETE'],
    exposedHeaders: ['Retry-After'],
  }),
);
app.use('/api/vortex', vortexRouter({ ...options, trustedOrigins: [pages] }));
