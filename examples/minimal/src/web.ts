/**
 * Runs on every runtime that serves a Web `Request`. None of them needs an adapter:
 *
 * - `bun run dist/web.js`
 * - `deno serve --allow-net --allow-env dist/web.js`
 * - a Cloudflare Worker with the flag `nodejs_compat` and the API key as a secret binding
 */
import { inEveryScope, mayAccept } from '@vortex/core/rules';
import { vortexApp } from '@vortex/hono';
import { Hono } from 'hono';
import { env } from 'hono/adapter';
import { findUser, isTeamAdmin, type User } from './your-app.js';

const app = new Hono();

app.route(
  '/api/vortex',
  vortexApp({
    // A function, because a Worker can read its bindings only while it handles a request.
    apiKey: (c) => env<{ VORTEX_API_KEY: string }>(c).VORTEX_API_KEY,
    authenticateUser: (c) => findUser(c.req.header('x-user')),
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: inEveryScope(({ type, scopeId }, user: User) => type === 'team' && isTeamAdmin(user, scopeId)),
      ACCEPT_INVITATIONS: mayAccept,
    },
  }),
);

export default app;
