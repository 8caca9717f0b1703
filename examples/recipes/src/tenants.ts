import { vortexRouter } from '@vortex/express';
import express, { type Request } from 'express';
import { findAccount, userOf } from './accounts.js';

interface Tenant {
  apiKey: string | undefined;
  accountIds: string[];
}

/** By host name. Yours come from a database, read beforehand: `apiKey` is not awaited. */
const tenants = new Map<string, Tenant>([
  ['acme.localhost', { apiKey: process.env.ACME_VORTEX_API_KEY, accountIds: ['u-1'] }],
  ['globex.localhost', { apiKey: process.env.GLOBEX_VORTEX_API_KEY, accountIds: ['u-1', 'u-2'] }],
]);

const tenantOf = (req: Request) => tenants.get(req.hostname);

export const app: express.Express = express();

app.use(
  '/api/vortex',
  vortexRouter({
    // Asked once a request has a user. Clients are kept by key, the last hundred.
    apiKey: (req) => tenantOf(req)?.apiKey,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands for your session
      return account && tenantOf(req)?.accountIds.includes(account.id) ? userOf(account) : null;
    },
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: async (op, user) => (await op.loadInvitation()).foreignCreatorId === user.id,
      REINVITE: false,
    },
  }),
);
