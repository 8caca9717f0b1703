import { createServer, type Server } from 'node:http';
import { Vortex, VortexWebhooks } from '@teamvortexsoftware/vortex-node-22-sdk';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express, { type Express } from 'express';
import { type Handling, isSigned, JSON_TYPE, passThrough, RECEIVED, readAsJson, signedJwt, untouched } from './bare.js';
import type { Contender } from './cases.js';
import { API_KEY, nextUser, TIMEOUT, USER, WEBHOOK_SECRET } from './data.js';

export function start(contender: Contender, upstream: string, port: number): Promise<Server> {
  const app = express();
  app.disable('x-powered-by');
  mount[contender](app, upstream);
  const server = createServer(app);
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

const mount: Record<Contender, (app: Express, upstream: string) => void> = {
  bare: (app, upstream) => unavoidable(app, upstream, untouched),
  json: (app, upstream) => unavoidable(app, upstream, readAsJson),

  vortex(app, upstream) {
    app.use(
      '/api/vortex',
      vortexRouter({
        apiKey: API_KEY,
        baseUrl: upstream,
        timeout: TIMEOUT,
        authenticateUser: nextUser,
        authorizeOperation: { JWT: true, GET_INVITATION: true, GET_GROUP_INVITATIONS: true },
      }),
    );
    app.post('/webhooks/vortex', vortexWebhook({ secret: WEBHOOK_SECRET, on: { 'invitation.accepted': () => {} } }));
  },

  vendor(app) {
    const vortex = new Vortex(API_KEY);
    const webhooks = new VortexWebhooks({ secret: WEBHOOK_SECRET });
    const routes = express.Router();
    routes.post('/jwt', (_req, res) => {
      res.json({ jwt: vortex.generateJwt({ user: USER }) });
    });
    routes.get('/invitations/by-scope/:scopeType/:scope', async (req, res) => {
      const { scopeType, scope } = req.params;
      res.json({ invitations: await vortex.getInvitationsByScope(scopeType, scope) });
    });
    routes.get('/invitations/:invitationId', async (req, res) => {
      res.json(await vortex.getInvitation(req.params.invitationId));
    });
    app.use('/api/vortex', routes);
    app.post('/webhooks/vortex', express.raw({ type: '*/*' }), async (req, res) => {
      const event = webhooks.constructEvent(req.body, String(req.headers['x-vortex-signature']));
      await webhooks.handleEvent(event, { on: { 'invitation.accepted': () => {} } });
      res.json({ received: true });
    });
  },
};

function unavoidable(app: Express, upstream: string, handling: Handling): void {
  const get = passThrough(upstream, handling);
  const routes = express.Router();
  const pass: express.RequestHandler = async (req, res) => {
    res.set('content-type', JSON_TYPE).end(await get(req.url));
  };
  routes.post('/jwt', (_req, res) => {
    res.set('content-type', JSON_TYPE).end(signedJwt());
  });
  routes.get('/invitations/by-scope/:scopeType/:scope', pass);
  routes.get('/invitations/:invitationId', pass);
  app.use('/api/vortex', routes);
  app.post('/webhooks/vortex', express.raw({ type: '*/*' }), (req, res) => {
    if (!isSigned(req.body, String(req.headers['x-vortex-signature']))) return void res.status(401).end();
    handling.receive(req.body);
    res.set('content-type', JSON_TYPE).end(RECEIVED);
  });
}
