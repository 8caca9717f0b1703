import rateLimit from '@fastify/rate-limit';
import { isInviter, mayAccept } from '@vortex/core/rules';
import { vortexPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { findAccount, userOf } from './accounts.js';

export const app = fastify();

await app.register(
  async (scope) => {
    await scope.register(rateLimit, {
      // A low limit for requests that send e-mail, and for acceptances, whose rule loads up to 100 invitations each. A high
      // limit for the others. The key tells them apart.
      max: (_, key) => (key.startsWith('mail:') ? 3 : key.startsWith('accept:') ? 10 : 60),
      timeWindow: '1 minute',
      // Counts by user, otherwise by IP address. The header stands in for the user of your session: a caller could vary it. Behind
      // a proxy, set `trustProxy`: otherwise all callers share one address.
      keyGenerator: (request) => {
        const { method, routeOptions } = request;
        const last = method === 'POST' ? routeOptions.url?.split('/').at(-1) : undefined;
        const kind = last === 'invitations' || last === 'reinvite' ? 'mail' : last === 'accept' ? 'accept' : 'any';
        return `${kind}:${request.headers['x-user'] ?? request.ip}`;
      },
      // The same form as the errors of the routes. With several processes, set `redis` to share the counts.
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
          const account = await findAccount(request.headers['x-user']?.toString()); // stands in for your session
          return account ? userOf(account) : null;
        },
        authorizeOperation: {
          CREATE_INVITATION: (op) => op.scopes.length === 0, // only invitations to no team
          REINVITE: isInviter,
          ACCEPT_INVITATIONS: mayAccept,
        },
      }),
    );
  },
  { prefix: '/api/vortex' },
);
