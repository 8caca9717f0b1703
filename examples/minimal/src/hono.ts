import { serve } from '@hono/node-server';
import { inEveryScope, mayAccept } from '@vortex/core/rules';
import { vortexApp } from '@vortex/hono';
import { Hono } from 'hono';
import { findUser, isTeamAdmin, type User } from './your-app.js';

const app = new Hono();

app.route(
  '/api/vortex',
  vortexApp({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: (c) => findUser(c.req.header('x-user')),
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: inEveryScope(({ type, scopeId }, user: User) => type === 'team' && isTeamAdmin(user, scopeId)),
      ACCEPT_INVITATIONS: mayAccept,
    },
  }),
);

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
