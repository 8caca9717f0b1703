import { vortexRouter } from '@vortex/express';
import express from 'express';
import { findUser, isTeamAdmin } from './your-app.js';

const app = express();

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY, // undefined throws here, naming the option
    authenticateUser: (req) => findUser(req.get('x-user')), // who is calling? null = nobody
    // May they do this, to this? Absent = denied.
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: async (op, user) => isTeamAdmin(user, (await op.loadInvitation()).scopes),
    },
  }),
);

app.listen(process.env.PORT ?? 3000);
