/** Bearer tokens, verified by @fastify/jwt. The token says who the caller is, and the account has the address. */
import jwt from '@fastify/jwt';
import { vortexPlugin } from '@vortex/fastify';
import fastify from 'fastify';
import { findAccount, userOf } from './accounts.js';

export async function createApp(vortex) {
  const app = fastify();
  await app.register(jwt, { secret: 'made up' });
  const plugin = vortexPlugin({
    ...vortex,
    csrf: 'off', // no cookies
    authenticateUser: async (request) => {
      try {
        await request.jwtVerify();
      } catch {
        return null; // its error has the status 401, but 400 for a malformed header
      }
      return userOf(findAccount(request.user.sub));
    },
  });
  await app.register(plugin, { prefix: '/api/vortex' });
  return app;
}
