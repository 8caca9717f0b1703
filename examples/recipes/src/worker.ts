import { isInviter } from '@vortex/core/rules';
import { sqlStore } from '@vortex/core/sql';
import { type VortexWebhookHandler, vortexApp, vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { getSignedCookie } from 'hono/cookie';
import { findAccount, userOf } from './accounts.js';

/** The part of a D1 database that this Worker calls. `wrangler types` writes the type of the whole. */
interface Database {
  prepare(text: string): {
    bind(...parameters: (string | number)[]): { run(): Promise<unknown> };
    all(): Promise<{ results: object[] }>;
  };
}

interface AppEnv {
  Bindings: { VORTEX_API_KEY: string; VORTEX_WEBHOOK_SECRET: string; SESSION_SECRET: string; DB: Database };
}

const app = new Hono<AppEnv>();

app.route(
  '/api/vortex',
  vortexApp({
    // This annotation gives `c` its type in every hook.
    apiKey: (c: Context<AppEnv>) => c.env.VORTEX_API_KEY,
    authenticateUser: async (c) => {
      const account = await findAccount((await getSignedCookie(c, c.env.SESSION_SECRET, 'session')) || undefined);
      return account ? userOf(account) : null;
    },
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: isInviter,
      REINVITE: false,
    },
  }),
);

// Isolates share no memory, so the store is in D1. The bindings are known from the first request on.
let receive: VortexWebhookHandler<AppEnv> | undefined;
app.post('/webhooks/vortex', (c, next) => {
  receive ??= webhook(c.env);
  return receive(c, next);
});

function webhook({ DB, VORTEX_WEBHOOK_SECRET }: AppEnv['Bindings']) {
  return vortexWebhook<AppEnv>({
    secret: VORTEX_WEBHOOK_SECRET,
    store: sqlStore(DB),
    on: {
      'group.member.added': async ({ data: { scopeType, scope, user } }) => {
        if (!scopeType || !scope || !user?.email) return;
        await DB.prepare('INSERT INTO members VALUES (?, ?, ?)').bind(scopeType, scope, user.email).run();
      },
    },
  });
}

export default app;
