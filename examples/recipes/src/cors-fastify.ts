import cors from '@fastify/cors';
import { isInviter } from '@vortex/core/rules';
import { vortexPlugin } from '@vortex/fastify';
import fastify, { type FastifyRequest } from 'fastify';
import { findAccount, userOf } from './accounts.js';

const options = {
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: async (request: FastifyRequest) => {
    const account = await findAccount(request.headers['x-user']?.toString()); // stands in for your session
    return account ? userOf(account) : null;
  },
  authorizeOperation: { GET_INVITATION: isInviter, REVOKE_INVITATION: isInviter },
};

export const app = fastify();

const pages = 'https://app.example.com';
await app.register(cors, {
  origin: pages,
  credentials: true,
  methods: ['GET', 'POST', 'DELETE'],
  exposedHeaders: ['Retry-After'],
});
await app.register(vortexPlugin({ ...options, trustedOrigins: [pages] }), { prefix: '/api/vortex' });
