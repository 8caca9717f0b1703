import { clerkMiddleware, getAuth } from '@clerk/express';
import { isInviter } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { isAdminOf } from './teams.js';

/**
 * The custom claims of the session token. With them, no request to Clerk is needed. Add them in Clerk's dashboard under
 * "Sessions", "Customize session token":
 * `{ "email": "{{user.primary_email_address}}", "email_verified": "{{user.email_verified}}" }`.
 */
declare global {
  interface CustomJwtSessionClaims {
    email?: string;
    email_verified?: boolean;
  }
}

const { APP_URL } = process.env;
if (!APP_URL) throw new Error('Set APP_URL to the origin of your application, such as https://app.example.com.');

export const app: express.Express = express();

// Reads CLERK_PUBLISHABLE_KEY, CLERK_SECRET_KEY and CLERK_JWT_KEY from the environment. Set CLERK_JWT_KEY to the public key
// of the instance, as PEM, to verify tokens without a request to Clerk.
app.use(clerkMiddleware({ authorizedParties: [APP_URL] }));

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    authenticateUser: (req) => {
      const { userId, sessionClaims } = getAuth(req);
      if (!userId) return null;
      const { email, email_verified } = sessionClaims;
      return { id: userId, email: email_verified === true ? email : null };
    },
    authorizeOperation: {
      JWT: ({ context }, { id }) => isAdminOf(context, id),
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: isInviter,
      REINVITE: false,
    },
  }),
);
