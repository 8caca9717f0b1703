import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { VortexClient } from '@vortex/core';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { Agent, ProxyAgent, fetch as undiciFetch } from 'undici';
import { findAccount, userOf } from './accounts.js';

const { HTTPS_PROXY, COMPANY_CA_FILE, CLIENT_CERT_FILE, CLIENT_KEY_FILE } = process.env;

const tls = {
  // `ca` replaces all authorities that Node trusts, those of NODE_EXTRA_CA_CERTS included, so add yours to Node's own. A proxy that
  // decrypts TLS has an authority of its own: put that into COMPANY_CA_FILE.
  ...(COMPANY_CA_FILE && { ca: [...rootCertificates, readFileSync(COMPANY_CA_FILE, 'utf8')] }),
  // mTLS: a certificate by which your server names itself, if a gateway in front of the API asks for one.
  ...(CLIENT_CERT_FILE && { cert: readFileSync(CLIENT_CERT_FILE, 'utf8') }),
  ...(CLIENT_KEY_FILE && { key: readFileSync(CLIENT_KEY_FILE, 'utf8') }),
};

// It keeps the connections, so create it once. A proxy that does not decrypt TLS sees only the host name of the API.
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
    authorizeOperation: { GET_INVITATIONS: (op) => op.self },
  }),
);

/** Call it when the server has stopped: the client does not close a dispatcher that it did not create. */
export const closeConnections = () => dispatcher.close();
