/** Access tokens of an identity provider, such as Auth0 or Keycloak, in place of a session cookie. */
import { isInviter } from '@vortex/core/rules';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { findAccount, userOf } from './accounts.js';
import { isAdminOf } from './teams.js';

const { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL } = process.env;
if (!AUTH_ISSUER || !AUTH_AUDIENCE || !AUTH_JWKS_URL) {
  throw new Error('Set AUTH_ISSUER, AUTH_AUDIENCE and AUTH_JWKS_URL to those of your identity provider.');
}

const keys = createRemoteJWKSet(new URL(AUTH_JWKS_URL));
const expected = {
  issuer: AUTH_ISSUER,
  audience: AUTH_AUDIENCE,
  algorithms: ['RS256', 'ES256'],
  requiredClaims: ['exp'],
};

/** Failures to load the keys. They say nothing about the token, so they are a 500 and not a 401. */
const OF_PROVIDER = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID', 'ERR_JWKS_TIMEOUT']);

const warned = new Set<string>();

/** Warns once of each reason: a wrong issuer, audience or algorithm in the settings refuses every caller. */
function warnOnce({ code, message }: errors.JOSEError): void {
  // Quoted, since a message may have text of the token.
  if (!warned.has(code)) console.warn(`An access token was refused with ${code}: ${JSON.stringify(message)}`);
  warned.add(code);
}

/** Returns the id of the caller. Undefined without a token, or with one that is forged, expired or made for another application. */
async function subjectOf(authorization = ''): Promise<string | undefined> {
  const [, token] = /^Bearer (\S+)$/iu.exec(authorization) ?? [];
  if (token === undefined) return undefined;
  try {
    const { payload } = await jwtVerify(token, keys, expected);
    return payload.sub;
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || OF_PROVIDER.has(error.code)) throw error;
    warnOnce(error);
    return undefined;
  }
}

export const app: express.Express = express();

app.use(
  '/api/vortex',
  vortexRouter({
    apiKey: process.env.VORTEX_API_KEY,
    csrf: 'off', // browsers do not send this header by themselves; only with cookies can another site write
    authenticateUser: async (req) => {
      const account = await findAccount(await subjectOf(req.get('authorization')));
      return account ? userOf(account) : null; // has an address only if it is verified
    },
    authorizeOperation: {
      JWT: ({ context }, { id }) => isAdminOf(context, id),
      GET_INVITATIONS: (op) => op.self,
      REVOKE_INVITATION: isInviter,
      REINVITE: false,
    },
  }),
);
