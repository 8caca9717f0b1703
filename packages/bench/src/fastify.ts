import type { Server } from 'node:http';
import { Vortex, VortexWebhooks } from '@teamvortexsoftware/vortex-node-22-sdk';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Handling, isSigned, JSON_TYPE, passThrough, RECEIVED, readAsJson, signedJwt, untouched } from './bare.js';
import type { Contender } from './cases.js';
import { API_KEY, nextUser, TIMEOUT, USER, WEBHOOK_SECRET } from './data.js';

export async function start(contender: Contender, upstream: string, port: number): Promise<Server> {
  const app = Fastify();
  mount[contender](app, upstream);
  await app.listen({ port, host: '127.0.0.1' });
  return app.server;
}

/** Leaves bodies unread. The vendor's React provider sends an empty JSON body, which Fastify's parser refuses. */
function leaveUnread(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

function readRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

type Scoped = { Params: { scopeType: string; scope: string } };
type Single = { Params: { invitationId: string } };

const mount: Record<Contender, (app: FastifyInstance, upstream: string) => void> = {
  bare: (app, upstream) => unavoidable(app, upstream, untouched),
  json: (app, upstream) => unavoidable(app, upstream, readAsJson),

  vortex(app, upstream) {
    const options = {
      apiKey: API_KEY,
      baseUrl: upstream,
      timeout: TIMEOUT,
      authenticateUser: nextUser,
      authorizeOperation: { JWT: true, GET_INVITATION: true, GET_GROUP_INVITATIONS: true },
    };
    app.register(vortexPlugin(options), { prefix: '/api/vortex' });
    const webhooks = { secret: WEBHOOK_SECRET, on: { 'invitation.accepted': () => {} } };
    app.register(vortexWebhookPlugin(webhooks), { prefix: '/webhooks/vortex' });
  },

  vendor(app) {
    const vortex = new Vortex(API_KEY);
    const webhooks = new VortexWebhooks({ secret: WEBHOOK_SECRET });
    app.register(
      async (routes) => {
        leaveUnread(routes);
        routes.post('/jwt', async () => ({ jwt: vortex.generateJwt({ user: USER }) }));
        routes.get<Scoped>('/invitations/by-scope/:scopeType/:scope', async ({ params }) => ({
          invitations: await vortex.getInvitationsByScope(params.scopeType, params.scope),
        }));
        routes.get<Single>('/invitations/:invitationId', ({ params }) => vortex.getInvitation(params.invitationId));
      },
      { prefix: '/api/vortex' },
    );
    app.register(
      async (routes) => {
        readRaw(routes);
        routes.post('/', async (request) => {
          const signature = String(request.headers['x-vortex-signature']);
          const event = webhooks.constructEvent(request.body as Buffer, signature);
          await webhooks.handleEvent(event, { on: { 'invitation.accepted': () => {} } });
          return { received: true };
        });
      },
      { prefix: '/webhooks/vortex' },
    );
  },
};

function unavoidable(app: FastifyInstance, upstream: string, handling: Handling): void {
  const get = passThrough(upstream, handling);
  app.register(
    async (routes) => {
      leaveUnread(routes);
      routes.post('/jwt', async (_request, reply) => reply.header('content-type', JSON_TYPE).send(signedJwt()));
      const pass = async (request: FastifyRequest, reply: { header(name: string, value: string): unknown }) => {
        reply.header('content-type', JSON_TYPE);
        return get(request.url.slice('/api/vortex'.length));
      };
      routes.get('/invitations/by-scope/:scopeType/:scope', pass);
      routes.get('/invitations/:invitationId', pass);
    },
    { prefix: '/api/vortex' },
  );
  app.register(
    async (routes) => {
      readRaw(routes);
      routes.post('/', async (request, reply) => {
        const body = request.body as Buffer;
        if (!isSigned(body, String(request.headers['x-vortex-signature']))) return reply.code(401).send();
        handling.receive(body);
        return reply.header('content-type', JSON_TYPE).send(RECEIVED);
      });
    },
    { prefix: '/webhooks/vortex' },
  );
}
