import { inEveryScope, mayAccept } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { findUser, isTeamAdmin, type User } from './your-app.js';

const app = express();

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY, // if undefined, this throws an error that names the option
    authenticateUser: (req) => findUser(req.get('x-user')), // returns the caller, or null if signed out
    // One rule per operation. Only `true` allows, and an operation without a rule is denied.
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: inEveryScope(({ type, scopeId }, user: User) => type === 'team' && isTeamAdmin(user, scopeId)),
      ACCEPT_INVITATIONS: mayAccept,
    },
  }),
);

app.listen(process.env.PORT ?? 3000);
