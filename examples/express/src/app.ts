import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { currentUser, sessionRoutes, sessions } from './session.js';
import { membersOf, roleIn, teams, users } from './teams.js';
import { vortex, webhooks } from './vortex.js';

export interface AppOptions {
  apiKey: string | undefined;
  vortexBaseUrl?: string | undefined;
  webhookSecret: string | undefined;
  sessionSecret: string;
  /** Where the mail can be read that would have been sent. */
  outboxUrl?: string | undefined;
}

export function createApp(options: AppOptions): Express {
  const { apiKey, vortexBaseUrl, webhookSecret, sessionSecret, outboxUrl } = options;
  const app = express();
  app.disable('x-powered-by');
  app.use((_req, res, next) => {
    // Nothing runs here but our own files, and no other site puts a button of ours under somebody's mouse.
    res.set('Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'");
    next();
  });
  app.use(sessions(sessionSecret));

  app.use('/api/session', sessionRoutes());
  app.use('/api/vortex', vortex(apiKey, vortexBaseUrl));
  app.post('/webhooks/vortex', webhooks(webhookSecret));

  app.get('/api/me', (req, res) => {
    res.json({ user: currentUser(req) ?? null, outboxUrl: outboxUrl ?? null });
  });

  // Whom one can be. Only a demo tells this to strangers.
  app.get('/api/people', (_req, res) => {
    const groups = teams.map(({ id, name }) => ({ id, name, people: membersOf(id) }));
    const loners = users.filter((user) => !teams.some((team) => roleIn(team.id, user)));
    res.json({ groups: [...groups, { id: null, name: 'No team yet', people: loners }] });
  });

  app.get('/api/teams', (req, res) => {
    const user = currentUser(req);
    if (!user) {
      res.status(401).json({ error: 'Sign in first.', code: 'UNAUTHENTICATED' });
      return;
    }
    const seen = teams.map((team) => {
      const role = roleIn(team.id, user) ?? null;
      return { ...team, role, members: role ? membersOf(team.id) : [] };
    });
    res.json({ teams: seen });
  });

  app.use(express.static(fileURLToPath(new URL('../public', import.meta.url)), { extensions: ['html'] }));
  return app;
}
