import files from '@fastify/static';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Application, completeSignIn, type Layer, signInLink, signOut } from './application.js';
import { demoMails, demoPeople, signInAs } from './domain/demo.js';
import { removeMember } from './domain/membership.js';
import { previewInvitation } from './domain/preview.js';
import { Refusal } from './domain/refusal.js';
import { type NewSession, sendSignInLink, signInByLink } from './domain/sessions.js';
import { teamFor, teamsOf } from './domain/teams.js';
import {
  cacheControl,
  checkOrigin,
  eventHeaders,
  eventStream,
  failure,
  isPage,
  requireUser,
  securityHeaders,
  sessionCookie,
  sessionToken,
  textField,
  userOf,
  webDirectory,
} from './http.js';
import { rules } from './rules.js';
import { webhook } from './webhook.js';

export async function fastifyLayer(app: Application): Promise<Layer> {
  const server = fastify({ bodyLimit: 64 * 1024, logger: { level: 'warn' } });
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(securityHeaders);
  });
  server.setErrorHandler((error, _request, reply) => {
    const { status, body } = failure(error);
    reply.code(status).send(body);
  });

  await server.register(
    vortexPlugin({
      client: app.client,
      authenticateUser: (request: FastifyRequest) => userOf(app, request.headers.cookie),
      authorizeOperation: rules(app),
      jwt: { expiresIn: app.tokenLifetime },
    }),
    { prefix: '/api/vortex' },
  );
  await server.register(vortexWebhookPlugin(webhook(app)), { prefix: '/webhooks/vortex' });
  await server.register(api(app), { prefix: '/api' });

  await server.register(files, {
    root: webDirectory,
    wildcard: false,
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply, path) => reply.header('Cache-Control', cacheControl(path)),
  });
  server.setNotFoundHandler((request, reply) => {
    if (request.method === 'GET' && isPage(request.url)) return reply.sendFile('index.html');
    throw new Refusal('NOT_FOUND', 'Not found.');
  });

  await server.ready();
  return { listener: (request, response) => server.routing(request, response), close: () => server.close() };
}

function api(app: Application) {
  const { db } = app;
  return async (server: FastifyInstance) => {
    server.addHook('onRequest', async (request, reply) => {
      reply.header('Cache-Control', 'no-store');
      checkOrigin(request.method, (name) => request.headers[name]?.toString());
    });
    // Only JSON is parsed, since a form of another site can send other content types.
    server.removeContentTypeParser('text/plain');

    server.post('/session', async ({ body }, reply) => {
      const next = textField({ next: '/', ...Object(body) }, 'next');
      await sendSignInLink(db, app.outbox.send, textField(body, 'email'), signInLink(app, next));
      return reply.code(202).send({ sent: true });
    });
    server.post('/session/link', async (request, reply) =>
      begin(reply, await signInByLink(db, textField(request.body, 'token'), sessionToken(request.headers.cookie))),
    );
    server.post('/session/demo', async (request, reply) =>
      begin(reply, await signInAs(db, textField(request.body, 'userId'), sessionToken(request.headers.cookie))),
    );
    server.delete('/session', async ({ headers }, reply) => {
      await signOut(app, sessionToken(headers.cookie));
      return reply.header('Set-Cookie', sessionCookie(app)).send({ user: null });
    });

    server.get('/me', async ({ headers }) => {
      const user = await userOf(app, headers.cookie);
      return { user, teams: user ? await teamsOf(db, user) : [] };
    });
    server.get<{ Params: { teamId: string } }>('/teams/:teamId', async (request) =>
      teamFor(db, request.params.teamId, await signedIn(request)),
    );
    server.delete<{ Params: { teamId: string; userId: string } }>('/teams/:teamId/members/:userId', async (request) => {
      const { teamId, userId } = request.params;
      await removeMember(db, app.live, teamId, userId, await signedIn(request));
      return { removed: true };
    });
    server.get<{ Params: { invitationId: string } }>('/invitations/:invitationId', async ({ params }) =>
      previewInvitation(app.client, params.invitationId),
    );
    server.get('/events', async (request, reply) => {
      const events = eventStream(app, await signedIn(request));
      return reply.headers(eventHeaders).send(events);
    });
    server.get('/demo/people', async () => ({ people: await demoPeople(db) }));
    server.get('/demo/outbox', async () => demoMails(app));
  };

  function signedIn({ headers }: FastifyRequest) {
    return requireUser(app, headers.cookie);
  }

  function begin(reply: FastifyReply, session: NewSession) {
    completeSignIn(app, session);
    return reply.header('Set-Cookie', sessionCookie(app, session)).send({ user: session.user });
  }
}
