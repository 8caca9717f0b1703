import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { VortexClient } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { Agent, ProxyAgent, fetch as undiciFetch } from 'undici';
import { findAccount, userOf } from './accounts.js';

const { HTTPS_PROXY, COMPANY_CA_FILE, CLIENT_CERT_FILE, CLIENT_KEY_FILE } = process.env;

// `ca` replaces the authorities that Node trusts, so add yours to them. A proxy that decrypts TLS has one of its own.
const ca = COMPANY_CA_FILE ? [...rootCertificates, readFileSync(COMPANY_CA_FILE, 'utf8')] : [...rootCertificates];

// mTLS: a certificate by which your server names itself, if a gateway in front of the API asks for one.
const tls = {
  ca,
  ...(CLIENT_CERT_FILE && { cert: readFileSync(CLIENT_CERT_FILE, 'utf8') }),
  ...(CLIENT_KEY_FILE && { key: readFileSync(CLIENT_KEY_FILE, 'utf8') }),
};

// It keeps the connections, so create it once. The proxy sees only the host name of the API: TLS goes through its tunnel.
const dispatcher = HTTPS_PROXY ? new ProxyAgent({ uri: HTTPS_PROXY, requestTls: tls }) : new Agent({ connect: tls });

const client = new VortexClient(process.env.VORTEX_API_KEY, {
  fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
});

export const app: express.Express = express();

app.use(
  '/api/vortex',
  vortexRouter({
    client,
    authenticateUser: async (req) => {
      const account = await findAccount(req.get('x-user')); // stands in for your session
      return account ? userOf(account) : null;
    },
    authorizeOperation: { JWT: true, GET_INVITATIONS: (op) => op.self },
  }),
);

/** Call it when the server has stopped: the client does not close a dispatcher that it did not create. */
export const closeConnections = () => dispatcher.close();
