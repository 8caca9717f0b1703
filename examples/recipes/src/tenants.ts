import { vortexRouter } from '@vortex/express';
import express, { type Request } from 'express';
import { findAccount, userOf } from './accounts.js';

interface Tenant {
  apiKey: string | undefined;
  accountIds: string[];
}

/** The tenants by host name. Load yours from a database at startup. */
const tenants = new Map<string, Tenant>([
  ['acme.localhost', { apiKey: process.env.ACME_VORTEX_API_KEY, accountIds: ['u-1'] }],
  ['globex.localhost', { apiKey: process.env.GLOBEX_VORTEX_API_KEY, accountIds: ['u-1', 'u-2'] }],
]);

const tenantOf = (req: Request) => tenants.get(req.hostname);

export const app: express.Express = express();

app.use(
  '/api/vortex',
  vortexRouter({
    // Called after `authenticateUser`. The router keeps the clients of the last 100 keys.
    apiKey: (req) => tenantOf(req)?.apiKey,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands in for your session
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
