import { inEveryScope, mayAccept } from '@vortex/core/rules';
import { vortexPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { findUser, isTeamAdmin, type User } from './your-app.js';

const app = fastify({ logger: true });

await app.register(
  vortexPlugin({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: (request) => findUser(request.headers['x-user']?.toString()),
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: inEveryScope(({ type, scopeId }, user: User) => type === 'team' && isTeamAdmin(user, scopeId)),
      ACCEPT_INVITATIONS: mayAccept,
    },
  }),
  { prefix: '/api/vortex' },
);

await app.listen({ port: Number(process.env.PORT ?? 3000) });
