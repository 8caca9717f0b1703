import { VortexClient } from '@vortex/core';
import { anyOf, isInvitee, isInviter, isShareLink, mayAccept } from '@vortex/core/rules';
import { sqlStore } from '@vortex/core/sql';
import { type VortexWebhookHandler, vortexApp, vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { getSignedCookie } from 'hono/cookie';
import { findAccount, findAccountByEmail, userOf } from './accounts.js';
import { findInvitation } from './invitations.js';
import { addMember, type Database, isAdminOf, roleIn } from './members-d1.js';

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
      JWT: ({ context }, { id }, c) => isAdminOf(c.env.DB, context, id),
      GET_INVITATIONS: (op) => op.self,
      GET_INVITATION: anyOf(isInvitee, isShareLink, isInviter),
      ACCEPT_INVITATIONS: mayAccept,
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

function webhook({ DB, VORTEX_API_KEY, VORTEX_WEBHOOK_SECRET }: AppEnv['Bindings']) {
  const client = new VortexClient(VORTEX_API_KEY);
  return vortexWebhook<AppEnv>({
    secret: VORTEX_WEBHOOK_SECRET,
    store: sqlStore(DB),
    on: {
      'group.member.added': async ({ timestamp, data: { invitationId, scopeType, scope, user } }) => {
        // Only the signature of an event is checked. Each field may be missing.
        if (scopeType !== 'team' || !scope || !invitationId || !user?.email) return;
        const account = await findAccountByEmail(user.email); // ignores case: the address is as the user has typed it
        const invitation = await findInvitation(client, invitationId); // undefined if it was deleted or revoked
        if (!account?.emailVerified || !invitation) return;
        if ((await roleIn(DB, scope, invitation.foreignCreatorId ?? '')) !== 'admin') return; // the component invites without asking your rules
        const isLink = invitation.target?.some(({ type }) => type === 'share'); // everyone who has a share link may use it
        if (!isLink && !(await isInvitee({ loadInvitation: async () => invitation }, userOf(account)))) return;
        await addMember(DB, scope, account.id, { invitedAt: invitation.createdAt, acceptedAt: timestamp });
      },
    },
  });
}

export default app;
