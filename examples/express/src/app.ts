import { fileURLToPath } from 'node:url';
import { VortexClient } from '@vortex/core';
import express, { type Express } from 'express';
import { currentUser, sessionRoutes, sessions } from './session.js';
import { membersOf, removeMember, roleIn, teams, users } from './teams.js';
import { vortex, webhooks } from './vortex.js';

export interface AppOptions {
  apiKey: string | undefined;
  vortexBaseUrl?: string | undefined;
  webhookSecret: string | undefined;
  sessionSecret: string;
  /** The URL of the emulator's page, which shows the e-mails instead of sending them. */
  outboxUrl?: string | undefined;
  /** The URL of the emulator's stand-in for the component, which shows what the token of `/jwt` is for. */
  componentUrl?: string | undefined;
}

export function createApp(options: AppOptions): Express {
  const { apiKey, vortexBaseUrl, webhookSecret, sessionSecret, outboxUrl, componentUrl } = options;
  const app = express();
  app.disable('x-powered-by');
  app.use((_req, res, next) => {
    // Only our own scripts and styles load, and no other site can frame a page for clickjacking.
    res.set('Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'");
    next();
  });
  app.use(sessions(sessionSecret));

  app.use('/api/session', sessionRoutes());
  const client = new VortexClient(apiKey, { baseUrl: vortexBaseUrl });
  app.use('/api/vortex', vortex(client));
  app.post('/webhooks/vortex', webhooks(client, webhookSecret));

  app.get('/api/me', (req, res) => {
    res.json({ user: currentUser(req) ?? null, outboxUrl: outboxUrl ?? null, componentUrl: componentUrl ?? null });
  });

  // The users to sign in as. A real application must not list its users to visitors.
  app.get('/api/people', (_req, res) => {
    const groups = teams.map(({ id, name }) => ({ id, name, people: membersOf(id) }));
    const loners = users.filter((user) => !teams.some((team) => roleIn(team.id, user)));
    res.json({ groups: [...groups, { id: null, name: 'No team yet', people: loners }] });
  });

  app.get('/api/teams', (req, res) => {
    const user = currentUser(req);
    if (!user) {
      res.status(401).json({ error: 'Sign in to continue.', code: 'UNAUTHENTICATED' });
      return;
    }
    const seen = teams.map((team) => {
      const role = roleIn(team.id, user) ?? null;
      return { ...team, role, members: role ? membersOf(team.id) : [] };
    });
    res.json({ teams: seen });
  });

  app.delete('/api/teams/:teamId/members/:userId', (req, res) => {
    const { teamId, userId } = req.params;
    const user = currentUser(req);
    if (!user || roleIn(teamId, user) !== 'admin') {
      res.status(403).json({ error: 'Only admins of the team can remove members.', code: 'FORBIDDEN' });
      return;
    }
    removeMember(teamId, userId);
    res.json({ members: membersOf(teamId) });
  });

  // The client of the routes is a module without dependencies, so the pages need no bundler.
  app.use('/vortex', express.static(fileURLToPath(new URL('.', import.meta.resolve('@vortex/browser')))));
  app.use(express.static(fileURLToPath(new URL('../public', import.meta.url)), { extensions: ['html'] }));
  return app;
}
