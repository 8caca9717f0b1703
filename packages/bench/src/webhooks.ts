/** Receives webhooks on Fastify, deduplicated by one of the stores. Handlers have no effect, so that only the store differs. */
import type { Server } from 'node:http';
import { inTransaction } from '@vortex/conformance/postgres';
import { memoryStore, type WebhookStore } from '@vortex/core';
import { redisStore } from '@vortex/core/redis';
import { sqlStore, transactionalStore } from '@vortex/core/sql';
import { vortexWebhookPlugin } from '@vortex/fastify';
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import pg from 'pg';
import { WEBHOOK_SECRET } from './data.js';

/** The tables that the stores in PostgreSQL need. */
export const TABLES = `
  CREATE TABLE vortex_webhooks (id text PRIMARY KEY, owner text NOT NULL, expires bigint NOT NULL);
  CREATE INDEX vortex_webhooks_expires ON vortex_webhooks (expires);
  CREATE TABLE webhooks (id text PRIMARY KEY, handled_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)`;

const make = {
  memory: () => memoryStore(),
  Redis: (path: string) => redisStore(new Redis(path)),
  'SQL, lease': (url: string) => sqlStore(new pg.Pool({ connectionString: url, max: 10 })),
  'SQL, transaction': (url: string) => inTransactions(new pg.Pool({ connectionString: url, max: 10 })),
};

export type StoreName = keyof typeof make;
export const storeNames = Object.keys(make) as StoreName[];

/** @param where the socket of Redis or the URL of PostgreSQL */
export async function start(name: StoreName, where: string, port: number): Promise<Server> {
  const app = Fastify();
  // The handlers take no transaction, so its type does not matter.
  const store = make[name](where) as WebhookStore;
  const webhooks = { secret: WEBHOOK_SECRET, store, on: { 'invitation.accepted': () => {} } };
  app.register(vortexWebhookPlugin(webhooks), { prefix: '/webhooks/vortex' });
  await app.listen({ port, host: '127.0.0.1' });
  return app.server;
}

function inTransactions(pool: pg.Pool) {
  return transactionalStore<pg.PoolClient>({
    transaction: (work) => inTransaction(pool, work),
    mark: async (client, id) => {
      const { rowCount } = await client.query('INSERT INTO webhooks (id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
      return rowCount === 1;
    },
  });
}
