/**
 * Runs on every runtime that serves a Web `Request`. None of them needs an adapter:
 *
 * - `bun run dist/web.js`
 * - `deno serve --port 3000 --allow-net --allow-env dist/web.js`
 * - a Cloudflare Worker with the flag `nodejs_compat`, and the API key and the webhook secret as secret bindings
 */
import { anyOf, inEveryScope, isInvitee } from '@vortex/core/rules';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { Hono } from 'hono';
import { env } from 'hono/adapter';
import { addMember, findUser, findUserByEmail, isTeamAdmin, membersOf, type User } from './your-app.js';

type Variables = { VORTEX_API_KEY: string; VORTEX_WEBHOOK_SECRET: string };

const isAdmin = inEveryScope(({ type, scopeId }, user: User) => type === 'team' && isTeamAdmin(user, scopeId));
const app = new Hono();

app.route(
  '/api/vortex',
  vortexApp({
    // A function, because a Worker can read its bindings only while it handles a request.
    apiKey: (c) => env<Variables>(c).VORTEX_API_KEY,
    authenticateUser: (c) => findUser(c.req.header('cookie')),
    authorizeOperation: {
      JWT: ({ context: { scopeType, scope = '' } = {} }, user) => scopeType === 'team' && isTeamAdmin(user, scope),
      CREATE_INVITATION: isAdmin,
      REVOKE_INVITATION: isAdmin,
      GET_INVITATION: anyOf(isInvitee, isAdmin),
      ACCEPT_INVITATIONS: isInvitee,
    },
  }),
);

app.post(
  '/webhooks/vortex',
  vortexWebhook({
    secret: (c) => env<Variables>(c).VORTEX_WEBHOOK_SECRET,
    on: {
      'group.member.added': async ({ data: { foreignCreatorId, scopeType, scope, target, user } }) => {
        const email = user?.email?.toLowerCase(); // as the user has typed it
        const member = findUserByEmail(email);
        if (!member || !target?.some(({ value }) => value === member.id || value.toLowerCase() === email)) return;
        if (scopeType !== 'team' || !scope) return;
        if (!isTeamAdmin({ id: foreignCreatorId ?? '' }, scope)) return; // the component invites without asking your rules
        // An event may come twice, and late. Before you let admins remove members, read the guide on webhooks.
        await addMember(scope, member.email);
      },
    },
  }),
);

// The members, for your team page.
app.get('/members', (c) => c.json(membersOf('harbor')));

export default app;
