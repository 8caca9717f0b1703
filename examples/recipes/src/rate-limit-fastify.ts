import rateLimit from '@fastify/rate-limit';
import { vortexPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { findAccount, userOf } from './accounts.js';

export const app = fastify();

await app.register(
  async (scope) => {
    await scope.register(rateLimit, {
      // What sends mail, a few; everything else, many. A limit each, since the key holds which it is.
      max: (_, key) => (key.startsWith('mail:') ? 3 : 60),
      timeWindow: '1 minute',
      // By user where there is one, else by address. Behind a proxy set `trustProxy`, or all have the proxy's.
      keyGenerator: (request) => {
        const sendsMail =
          request.method === 'POST' && /\/(?:invitations|reinvite)$/u.test(request.routeOptions.url ?? '');
        return `${sendsMail ? 'mail' : 'any'}:${request.headers['x-user'] ?? request.ip}`;
      },
      // What every failure of the routes looks like. `redis` makes it one count for several processes.
      errorResponseBuilder: () => ({
        statusCode: 429,
        error: 'Too many requests; try again later.',
        code: 'RATE_LIMITED',
      }),
    });
    await scope.register(
      vortexPlugin({
        apiKey: process.env.VORTEX_API_KEY,
        authenticateUser: async (request) => {
          const account = await findAccount(request.headers['x-user']?.toString()); // stands for your session
          return account && userOf(account);
        },
        authorizeOperation: {
          JWT: true,
          CREATE_INVITATION: (op) => op.scopes.length === 0,
          REINVITE: false,
        },
      }),
    );
  },
  { prefix: '/api/vortex' },
);
