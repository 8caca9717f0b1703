/** Mounts the webhook over a store that several processes share. With PostgreSQL, an effect is a row. */
import { webhookOptions } from '@vortex/conformance/application';
import { inTransaction } from '@vortex/conformance/postgres';
import { runProgram } from '@vortex/conformance/program';
import { redisStore } from '@vortex/core/redis';
import { sqlStore, transactionalStore } from '@vortex/core/sql';
import { vortexWebhook } from '@vortex/express';
import express, { type RequestHandler } from 'express';
import { Redis } from 'ioredis';
import pg from 'pg';
import { listen } from './server.ts';

const insert = (db: pg.Pool | pg.PoolClient, id: string) => db.query('INSERT INTO effects VALUES ($1)', [id]);

await runProgram(async ({ webhook }) => {
  if (!webhook?.shared) throw new Error('settings.webhook.shared is missing');
  const { shared } = webhook;
  const options = webhookOptions(webhook);
  const handler = (): RequestHandler => {
    if (shared === 'memory') return vortexWebhook(options);
    if ('redis' in shared) return vortexWebhook({ ...options, store: redisStore(new Redis(shared.redis)) });
    const pool = new pg.Pool({ connectionString: 'lease' in shared ? shared.lease : shared.transaction });
    if ('lease' in shared) {
      return vortexWebhook({
        ...options,
        store: sqlStore(pool),
        onEvent: async (event, context) => {
          await insert(pool, event.id);
          await options.onEvent?.(event, context, undefined);
        },
      });
    }
    const { store: _, on, onAnalyticsEvent, ...others } = options;
    return vortexWebhook({
      ...others,
      store: transactionalStore({
        transaction: (work) => inTransaction(pool, work),
        mark: async (client, id) =>
          (await client.query('INSERT INTO marks VALUES ($1) ON CONFLICT DO NOTHING', [id])).rowCount === 1,
      }),
      on: { 'invitation.accepted': (event, context) => on?.['invitation.accepted']?.(event, context, undefined) },
      onEvent: async (event, context, client) => {
        await insert(client, event.id);
        await options.onEvent?.(event, context, undefined);
      },
    });
  };
  const app = express();
  app.post('/webhooks/vortex', handler());
  return listen(app);
});
