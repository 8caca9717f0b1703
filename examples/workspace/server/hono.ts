import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
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

export async function honoLayer(app: Application): Promise<Layer> {
  const server = new Hono();
  server.use(async (c, next) => {
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
    await next();
  });

  server.route(
    '/api/vortex',
    vortexApp({
      client: app.client,
      authenticateUser: (c: Context) => userOf(app, c.req.header('cookie')),
      authorizeOperation: rules(app),
      jwt: { expiresIn: app.tokenLifetime },
    }),
  );
  const receiveWebhook = vortexWebhook(webhook(app));
  server.post('/webhooks/vortex', receiveWebhook);
  server.route('/api', api(app));

  const onFound = (path: string, c: Context) => c.header('Cache-Control', cacheControl(path));
  server.get('*', serveStatic({ root: webDirectory, onFound, precompressed: true }));
  const index = serveStatic({ root: webDirectory, path: 'index.html', onFound });
  server.get('*', (c, next) => (isPage(c.req.path) ? index(c, next) : next()));
  server.notFound(() => {
    throw new Refusal('NOT_FOUND', 'Not found.');
  });
  server.onError((error, c) => {
    const { status, body } = failure(error);
    return c.json(body, status as 500);
  });
  return { listener: getRequestListener(server.fetch), close: receiveWebhook.idle };
}

function api(app: Application): Hono {
  const { db } = app;
  const routes = new Hono();
  routes.use(bodyLimit({ maxSize: 64 * 1024 }), async (c, next) => {
    c.header('Cache-Control', 'no-store');
    checkOrigin(c.req.method, (name) => c.req.header(name));
    await next();
  });

  routes.post('/session', async (c) => {
    const body = await jsonOf(c);
    const next = textField({ next: '/', ...Object(body) }, 'next');
    await sendSignInLink(db, app.outbox.send, textField(body, 'email'), signInLink(app, next));
    return c.json({ sent: true }, 202);
  });
  routes.post('/session/link', async (c) =>
    begin(c, await signInByLink(db, textField(await jsonOf(c), 'token'), sessionToken(c.req.header('cookie')))),
  );
  routes.post('/session/demo', async (c) =>
    begin(c, await signInAs(db, textField(await jsonOf(c), 'userId'), sessionToken(c.req.header('cookie')))),
  );
  routes.delete('/session', async (c) => {
    await signOut(app, sessionToken(c.req.header('cookie')));
    c.header('Set-Cookie', sessionCookie(app));
    return c.json({ user: null });
  });

  routes.get('/me', async (c) => {
    const user = await userOf(app, c.req.header('cookie'));
    return c.json({ user, teams: user ? await teamsOf(db, user) : [] });
  });
  routes.get('/teams/:teamId', async (c) => c.json(await teamFor(db, c.req.param('teamId'), await signedIn(c))));
  routes.delete('/teams/:teamId/members/:userId', async (c) => {
    await removeMember(db, app.live, c.req.param('teamId'), c.req.param('userId'), await signedIn(c));
    return c.json({ removed: true });
  });
  routes.get('/invitations/:invitationId', async (c) =>
    c.json(await previewInvitation(app.client, c.req.param('invitationId'))),
  );
  routes.get('/events', async (c) => c.body(eventStream(app, await signedIn(c)), 200, eventHeaders));
  routes.get('/demo/people', async (c) => c.json({ people: await demoPeople(db) }));
  routes.get('/demo/outbox', (c) => c.json(demoMails(app)));
  return routes;

  function signedIn(c: Context) {
    return requireUser(app, c.req.header('cookie'));
  }

  function begin(c: Context, session: NewSession): Response {
    completeSignIn(app, session);
    c.header('Set-Cookie', sessionCookie(app, session));
    return c.json({ user: session.user });
  }
}

/** Parses the JSON body. Returns undefined for other content types, since a form of another site can send them. */
async function jsonOf({ req }: Context): Promise<unknown> {
  if (!/^application\/json\b/iu.test(req.header('content-type') ?? '')) return undefined;
  return req.json().catch(() => undefined);
}
