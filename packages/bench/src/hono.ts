import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { Vortex, VortexWebhooks } from '@teamvortexsoftware/vortex-node-22-sdk';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { type Handling, isSigned, JSON_TYPE, passThrough, RECEIVED, readAsJson, signedJwt, untouched } from './bare.js';
import type { Contender } from './cases.js';
import { API_KEY, nextUser, TIMEOUT, USER, WEBHOOK_SECRET } from './data.js';

export function start(contender: Contender, upstream: string, port: number): Promise<Server> {
  const app = new Hono();
  mount[contender](app, upstream);
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server));
  });
}

const headers = { 'content-type': JSON_TYPE };

const mount: Record<Contender, (app: Hono, upstream: string) => void> = {
  bare: (app, upstream) => unavoidable(app, upstream, untouched),
  json: (app, upstream) => unavoidable(app, upstream, readAsJson),

  vortex(app, upstream) {
    app.route(
      '/api/vortex',
      vortexApp({
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
    const routes = new Hono();
    routes.post('/jwt', (c) => c.json({ jwt: vortex.generateJwt({ user: USER }) }));
    routes.get('/invitations/by-scope/:scopeType/:scope', async (c) => {
      const { scopeType, scope } = c.req.param();
      return c.json({ invitations: await vortex.getInvitationsByScope(scopeType, scope) });
    });
    routes.get('/invitations/:invitationId', async (c) =>
      c.json(await vortex.getInvitation(c.req.param('invitationId'))),
    );
    app.route('/api/vortex', routes);
    app.post('/webhooks/vortex', async (c) => {
      const event = webhooks.constructEvent(await c.req.text(), String(c.req.header('x-vortex-signature')));
      await webhooks.handleEvent(event, { on: { 'invitation.accepted': () => {} } });
      return c.json({ received: true });
    });
  },
};

function unavoidable(app: Hono, upstream: string, handling: Handling): void {
  const get = passThrough(upstream, handling);
  const routes = new Hono();
  const pass = async (c: Context) =>
    c.body((await get(c.req.path.slice('/api/vortex'.length))) as Uint8Array<ArrayBuffer>, 200, headers);
  routes.post('/jwt', (c) => c.body(signedJwt(), 200, headers));
  routes.get('/invitations/by-scope/:scopeType/:scope', pass);
  routes.get('/invitations/:invitationId', pass);
  app.route('/api/vortex', routes);
  app.post('/webhooks/vortex', async (c) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    if (!isSigned(body, String(c.req.header('x-vortex-signature')))) return c.body(null, 401);
    handling.receive(body);
    return c.body(RECEIVED, 200, headers);
  });
}
