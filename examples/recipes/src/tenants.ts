import { isInviter } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import express, { type Request } from 'express';
import { findAccount, userOf } from './accounts.js';
import { isAdminOf } from './teams.js';

interface Tenant {
  apiKey: string | undefined;
  accountIds: string[];
}

const tenants = new Map<string, Tenant>([
  ['acme.localhost', { apiKey: process.env.ACME_VORTEX_API_KEY, accountIds: ['u-1'] }],
  ['globex.localhost', { apiKey: process.env.GLOBEX_VORTEX_API_KEY, accountIds: ['u-1', 'u-2'] }],
]);

/** Stands in for your database. The tenants are known by their host names. */
async function findTenant(req: Request): Promise<Tenant | undefined> {
  return tenants.get(req.hostname);
}

export const app: express.Express = express();

app.use(
  '/api/vortex',
  vortexRouter({
    // Called for each request, after `authenticateUser`. All keys share the connections.
    apiKey: async (req) => (await findTenant(req))?.apiKey,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands in for your session
      const tenant = await findTenant(req);
      return account && tenant?.accountIds.includes(account.id) ? userOf(account) : null;
    },
    authorizeOperation: {
      JWT: ({ context }, { id }) => isAdminOf(context, id),
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: isInviter,
      REINVITE: false,
    },
  }),
);
