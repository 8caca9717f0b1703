import { isInviter } from '@vortex/core/rules';
import { vortexApp } from '@vortex/hono';
import { Hono } from 'hono';
import { findUser } from '../../../users';

const app = new Hono().route(
  '/api/vortex',
  vortexApp({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: (c) => findUser(c.req.header('x-user')),
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: isInviter,
    },
  }),
);

const handle = (request: Request) => app.fetch(request);

export { handle as GET, handle as POST, handle as DELETE, handle as PUT, handle as PATCH };
