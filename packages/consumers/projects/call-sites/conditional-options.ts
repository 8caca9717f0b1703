/** Options that depend on the environment, with `exactOptionalPropertyTypes`. */
import { VortexClient } from '@vortex/core';
import { vortexRouter, vortexWebhook } from '@vortex/express';

const { NODE_ENV, VORTEX_API_BASE_URL, VORTEX_TIMEOUT, APP_ORIGIN } = process.env;
const isDev = NODE_ENV === 'development';

export const router = vortexRouter({
  apiKey: process.env.VORTEX_API_KEY,
  // Undefined if the variable is not set.
  baseUrl: VORTEX_API_BASE_URL,
  timeout: VORTEX_TIMEOUT ? Number(VORTEX_TIMEOUT) : undefined,
  ...(isDev && { allowInsecureHttp: true }),
  ...(APP_ORIGIN && { trustedOrigins: [APP_ORIGIN] }),
  authenticateUser: (req) => (req.get('x-user') ? { id: 'ada' } : undefined),
  authorizeOperation: {
    JWT: true,
    ...(isDev && { DELETE_GROUP_INVITATIONS: true }),
    REINVITE: isDev ? true : undefined,
    GET_GROUP_INVITATIONS: isDev ? (op) => op.scope === 'demo' : undefined,
  },
  jwt: { format: 'jwt', ...(isDev && { expiresIn: '30d' }) },
  csrf: isDev ? 'off' : 'strict',
  onResponse: isDev ? ({ operation, status }) => console.log(operation, status) : undefined,
  ...(isDev ? { actAs: { CREATE_INVITATION: 'anyone' } } : {}),
});

export const webhook = vortexWebhook({
  secret: process.env.VORTEX_WEBHOOK_SECRET,
  maxAge: isDev ? undefined : 3_600_000,
  ...(isDev && { onEvent: (event) => console.log(event.type) }),
  on: isDev ? undefined : { 'invitation.created': (event) => console.log(event.id) },
});

export const client = new VortexClient(process.env.VORTEX_API_KEY, {
  baseUrl: VORTEX_API_BASE_URL,
  ...(isDev && { onCall: ({ method, code }) => console.log(method, code) }),
});
