import { isInviter } from '@vortex/core/rules';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { getSignedCookie } from 'hono/cookie';
import { findAccount, userOf } from './accounts.js';

interface AppEnv {
  Bindings: { VORTEX_API_KEY: string; VORTEX_WEBHOOK_SECRET: string; SESSION_SECRET: string };
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

app.post(
  '/webhooks/vortex',
  vortexWebhook({
    secret: (c: Context<AppEnv>) => c.env.VORTEX_WEBHOOK_SECRET,
    // Isolates share no memory, so an event may reach a handler twice. Make the handler idempotent.
    on: {
      'group.member.added': ({ data: { scopeType, scope, user } }) =>
        console.log(`${user?.email} joined the ${scopeType} ${scope}`),
    },
  }),
);

export default app;
