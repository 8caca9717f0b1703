/** Bearer tokens, verified by `@fastify/jwt`. */
import jwt from '@fastify/jwt';
import { allOf, isInviter } from '@vortex/core/rules';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import { type FastifyInstance, fastify } from 'fastify';

interface Account {
  id: string;
  email: string;
  teams: string[];
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    user: Account;
  }
}

export async function build(): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(jwt, { secret: 'a secret of the application' });
  await app.register(
    vortexPlugin({
      apiKey: process.env.VORTEX_API_KEY,
      csrf: 'off',
      authenticateUser: async (request) => {
        await request.jwtVerify();
        return request.user;
      },
      authorizeOperation: {
        JWT: true,
        CREATE_INVITATION: (op, user) => op.scopes.every(({ scopeId }) => user.teams.includes(scopeId)),
        REVOKE_INVITATION: allOf(isInviter, (_op, user: Account) => user.teams.length > 0),
      },
      onError: ({ error, op }, request) => request.log.error({ code: error.code, operation: op?.name }),
    }),
    { prefix: '/api/vortex' },
  );
  await app.register(
    vortexWebhookPlugin({
      secret: [process.env.VORTEX_WEBHOOK_SECRET, process.env.VORTEX_OLD_WEBHOOK_SECRET],
      on: { 'invitation.accepted': async (event, request) => request.log.info(event.data.user?.email) },
    }),
    { prefix: '/webhooks/vortex' },
  );
  return app;
}
