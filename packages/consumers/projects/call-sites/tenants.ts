/** Tenants with a key each, which is read from the database. */
import { VortexClient } from '@vortex/core';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express, { type Request } from 'express';
import { Pool } from 'pg';

interface Tenant {
  id: string;
  vortex_api_key: string | null;
  vortex_base_url: string | null;
  vortex_webhook_secret: string;
}

interface User {
  id: string;
  tenantId: string;
}

const pool = new Pool();

async function tenantOf(req: Request): Promise<Tenant | undefined> {
  const { rows } = await pool.query<Tenant>('SELECT * FROM tenants WHERE host = $1', [req.hostname]);
  return rows[0];
}

async function userOf(req: Request): Promise<User | undefined> {
  const { rows } = await pool.query<User>('SELECT id, tenant_id AS "tenantId" FROM users WHERE token = $1', [
    req.get('authorization'),
  ]);
  return rows[0];
}

const clients = new Map<string, VortexClient>();

async function clientOf(req: Request): Promise<VortexClient> {
  const tenant = await tenantOf(req);
  if (!tenant?.vortex_api_key) throw new Error(`${req.hostname} has no key`);
  const client = clients.get(tenant.id) ?? new VortexClient(tenant.vortex_api_key, { timeout: 5_000 });
  clients.set(tenant.id, client);
  return client;
}

export const app: express.Express = express();

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: async (req) => (await tenantOf(req))?.vortex_api_key ?? undefined,
    baseUrl: async (req) => (await tenantOf(req))?.vortex_base_url ?? undefined,
    authenticateUser: userOf,
    authorizeOperation: { GET_GROUP_INVITATIONS: (op, user) => op.scope === user.tenantId },
  }),
);
app.use(
  '/api/vortex-with-own-clients',
  vortexRouter({
    client: clientOf,
    authenticateUser: userOf,
    authorizeOperation: { GET_GROUP_INVITATIONS: (op, user) => op.scope === user.tenantId },
  }),
);
app.post(
  '/webhooks/vortex',
  vortexWebhook({
    secret: async (req) => (await tenantOf(req))?.vortex_webhook_secret,
    onEvent: (event, req) => console.log(req.hostname, event.type),
  }),
);
