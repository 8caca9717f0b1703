/** A session of Express, and users with numeric ids. */
import { vortexRouter } from '@vortex/express';
import express from 'express';
import session from 'express-session';

declare module 'express-session' {
  interface SessionData {
    userId: number;
  }
}

interface User {
  id: number;
  email: string | null;
  name: string;
  isAdmin: boolean;
}

const users = new Map<number, User>();

export const app: express.Express = express();

app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }));
app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: (req) => (req.session.userId === undefined ? null : users.get(req.session.userId)),
    authorizeOperation: {
      JWT: true,
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: async (op, user) =>
        user.isAdmin || (await op.loadInvitation()).foreignCreatorId === String(user.id),
    },
    onSuccess: ({ operation, user }, req) => {
      console.log(operation, user.id.toFixed(0), req.sessionID);
    },
  }),
);
