import { isInviter } from '@vortex/core/rules';
import { vortexApp } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { findAccount, userOf } from './accounts.js';

const options = {
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: async (c: Context) => {
    const account = await findAccount(c.req.header('x-user')); // stands in for your session
    return account ? userOf(account) : null;
  },
  authorizeOperation: { GET_INVITATION: isInviter, REVOKE_INVITATION: isInviter },
};

export const app = new Hono();

const pages = 'https://app.example.com';
app.use(
  cors({
    origin: pages,
    credentials: true,
    allowMethods: ['GET', 'POST', 'DELETE'],
    exposeHeaders: ['Retry-After'],
  }),
);
app.route('/api/vortex', vortexApp({ ...options, trustedOrigins: [pages] }));
