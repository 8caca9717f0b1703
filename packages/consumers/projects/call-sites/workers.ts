/** A Worker, whose key and secret are bindings, and whose user is a variable of Hono. */
import { inEveryScope } from '@vortex/core/rules';
import { vortexApp, vortexWebhook } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { createMiddleware } from 'hono/factory';

interface User {
  id: string;
  email: string;
  teams: string[];
}

interface AppEnv {
  Bindings: { VORTEX_API_KEY: string; VORTEX_WEBHOOK_SECRET: string };
  Variables: { user: User | null };
}

const session = createMiddleware<AppEnv>(async (c, next) => {
  c.set('user', c.req.header('cookie') ? { id: 'ada', email: 'ada@example.com', teams: ['harbor'] } : null);
  await next();
});

/** The environment by an annotation: the user is inferred. */
const annotated = vortexApp({
  apiKey: (c: Context<AppEnv>) => c.env.VORTEX_API_KEY,
  authenticateUser: (c) => c.var.user,
  authorizeOperation: {
    JWT: true,
    CREATE_INVITATION: inEveryScope(({ type, scopeId }, user: User) => type === 'team' && user.teams.includes(scopeId)),
    GET_GROUP_INVITATIONS: (op, user, c) => user.teams.includes(op.scope) && c.env.VORTEX_API_KEY !== '',
  },
  onResponse: ({ status }, c) => c.executionCtx.waitUntil(Promise.resolve(status)),
});

/** The environment as Hono's users give it. */
const named = vortexApp<AppEnv>({
  apiKey: (c) => c.env.VORTEX_API_KEY,
  authenticateUser: (c) => c.var.user,
  authorizeOperation: { JWT: (_op, user) => user.email !== undefined },
});

/** The environment and the user. */
const both = vortexApp<AppEnv, User>({
  apiKey: (c) => c.env.VORTEX_API_KEY,
  authenticateUser: (c) => c.var.user,
  authorizeOperation: { GET_GROUP_INVITATIONS: (op, user) => user.teams.includes(op.scope) },
});

const app = new Hono<AppEnv>()
  .use(session)
  .route('/api/vortex', annotated)
  .route('/api/named', named)
  .route('/api/both', both)
  .post(
    '/webhooks/vortex',
    vortexWebhook<AppEnv>({
      secret: (c) => c.env.VORTEX_WEBHOOK_SECRET,
      on: { 'invitation.accepted': (event, c) => console.log(event.data.invitationId, c.req.path) },
    }),
  );

export default app;
