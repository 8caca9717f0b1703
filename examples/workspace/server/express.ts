import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import express, { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
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

export async function expressLayer(app: Application): Promise<Layer> {
  const server = express();
  server.disable('x-powered-by');
  server.use((_req, res, next) => {
    res.set(securityHeaders);
    next();
  });

  server.use(
    '/api/vortex',
    vortexRouter({
      client: app.client,
      authenticateUser: (req: Request) => userOf(app, req.headers.cookie),
      authorizeOperation: rules(app),
      jwt: { expiresIn: app.tokenLifetime },
    }),
  );
  const receiveWebhook = vortexWebhook(webhook(app));
  server.post('/webhooks/vortex', receiveWebhook);
  server.use('/api', api(app));

  server.get(/^\/assets\/[\w.-]+\.(?:js|css)$/, (req, res, next) => {
    res.vary('Accept-Encoding');
    if (!req.acceptsEncodings('br')) return next();
    res.type(extname(req.path)).set({ 'Content-Encoding': 'br', 'Cache-Control': cacheControl(req.path) });
    res.sendFile(
      `${req.path.slice(1)}.br`,
      { root: webDirectory, cacheControl: false },
      (error) => error && next(error),
    );
  });
  server.use(express.static(webDirectory, { setHeaders: (res, path) => res.set('Cache-Control', cacheControl(path)) }));
  server.get('/{*path}', (req, res, next) => {
    if (!isPage(req.path)) return next();
    res.sendFile('index.html', { root: webDirectory, headers: { 'Cache-Control': 'no-cache' } });
  });
  server.use(() => {
    throw new Refusal('NOT_FOUND', 'Not found.');
  });
  server.use(answerFailure);
  return { listener: server, close: receiveWebhook.idle };
}

function api(app: Application): Router {
  const { db } = app;
  const router = Router();
  router.use((req, res, next) => {
    res.set('Cache-Control', 'no-store');
    checkOrigin(req.method, (name) => req.get(name));
    next();
  });
  // Only JSON is parsed, since a form of another site can send other content types.
  router.use(express.json({ limit: '64kb' }));

  router.post('/session', async (req, res) => {
    const next = textField({ next: '/', ...req.body }, 'next');
    await sendSignInLink(db, app.outbox.send, textField(req.body, 'email'), signInLink(app, next));
    res.status(202).json({ sent: true });
  });
  router.post('/session/link', async (req, res) => {
    begin(res, await signInByLink(db, textField(req.body, 'token'), sessionToken(req.headers.cookie)));
  });
  router.post('/session/demo', async (req, res) => {
    begin(res, await signInAs(db, textField(req.body, 'userId'), sessionToken(req.headers.cookie)));
  });
  router.delete('/session', async (req, res) => {
    await signOut(app, sessionToken(req.headers.cookie));
    res.set('Set-Cookie', sessionCookie(app)).json({ user: null });
  });

  router.get('/me', async (req, res) => {
    const user = await userOf(app, req.headers.cookie);
    res.json({ user, teams: user ? await teamsOf(db, user) : [] });
  });
  router.get('/teams/:teamId', async (req, res) => {
    res.json(await teamFor(db, req.params.teamId, await signedIn(req)));
  });
  router.delete('/teams/:teamId/members/:userId', async (req, res) => {
    const { teamId, userId } = req.params;
    await removeMember(db, app.live, teamId, userId, await signedIn(req));
    res.json({ removed: true });
  });
  router.get('/invitations/:invitationId', async (req, res) => {
    res.json(await previewInvitation(app.client, req.params.invitationId));
  });
  router.get('/events', async (req, res) => {
    const events = eventStream(app, await signedIn(req));
    res.set(eventHeaders);
    // Rejects when the page disconnects, which is not an error.
    await pipeline(Readable.fromWeb(events), res).catch(() => {});
  });
  router.get('/demo/people', async (_req, res) => {
    res.json({ people: await demoPeople(db) });
  });
  router.get('/demo/outbox', (_req, res) => {
    res.json(demoMails(app));
  });
  return router;

  function signedIn(req: Request) {
    return requireUser(app, req.headers.cookie);
  }

  function begin(res: Response, session: NewSession): void {
    completeSignIn(app, session);
    res.set('Set-Cookie', sessionCookie(app, session)).json({ user: session.user });
  }
}

const answerFailure: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status, body } = failure(error);
  res.status(status).json(body);
};
