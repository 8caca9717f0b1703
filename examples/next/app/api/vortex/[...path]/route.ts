import { isInviter } from '@vortex/core/rules';
import { vortexHandler } from '@vortex/hono';
import { findUser } from '../../../users';

const handle = vortexHandler({
  basePath: '/api/vortex',
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (c) => findUser(c.req.header('x-user')),
  authorizeOperation: {
    JWT: true,
    GET_INVITATIONS: (op) => op.self,
    REVOKE_INVITATION: isInviter,
  },
});

export { handle as GET, handle as POST, handle as DELETE, handle as PUT, handle as PATCH };
