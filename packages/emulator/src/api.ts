/** Serves the cloud's API, route by route. */
import { type Context, type Handler, Hono } from 'hono';
import { acceptBody, acceptingUser, autojoinBody, createBody, readBody, syncBody } from './bodies.js';
import { ApiError } from './errors.js';
import type { Faults } from './faults.js';
import { refuseOtherSites, requireKey } from './guards.js';
import { initialStatus, iso, present, shapeOf } from './invitation.js';
import type { Shape } from './options.js';
import { type AppEnv, ROUTES, type ServerRoute } from './routes.js';
import type { InvitationRecord } from './state.js';
import type { Store } from './store.js';

const PAGE_SIZE = 20;

type PathOf<R extends ServerRoute> = R extends `${string} ${infer Path}` ? Path : never;
/** Maps every route to its handler. A route without a handler does not compile. */
type Handlers = { [R in ServerRoute]: Handler<AppEnv, PathOf<R>> };

interface ApiContext {
  store: Store;
  faults: Faults;
  apiKey: string;
  shape: Shape | undefined;
  now: () => number;
  link: (code: string) => string;
}

export function apiRoutes({ store, faults, apiKey, shape, now, link }: ApiContext): Hono<AppEnv> {
  const wire = (record: InvitationRecord) => shapeOf(present(record, now()), shape);
  const wireList = (records: InvitationRecord[]) => ({ invitations: records.map(wire) });

  const listScope = (c: Context<AppEnv>, scopeType: string, scope: string) => {
    const start = offset(c.req.query('start'));
    return c.json(wireList(store.byScope(scopeType, scope).slice(start, start + PAGE_SIZE)));
  };

  const deleteScope = (c: Context<AppEnv>, scopeType: string, scope: string) => {
    store.revokeScope(scopeType, scope);
    return c.json({});
  };

  const autojoin = (c: Context<AppEnv>, record: InvitationRecord | undefined) => {
    const domains = record?.deactivated ? [] : record?.autojoinDomains;
    return c.json({ autojoinDomains: domains ?? [], invitation: record ? wire(record) : null });
  };

  const sync = async (c: Context<AppEnv>) => {
    const body = await readBody(c.req, syncBody);
    const records = store.syncInternal(body.creatorId, body.targetValue, body.action);
    return c.json({ processed: records.length, invitationIds: records.map((record) => record.id) });
  };

  const handlers: Handlers = {
    'GET /api/v1/invitations': (c) => {
      const { targetType, targetValue } = c.req.query();
      if (!targetType || !targetValue) throw new ApiError(400, missing({ targetType, targetValue }));
      return c.json(wireList(store.byTarget(targetType, targetValue)));
    },
    'POST /api/v1/invitations': async (c) => {
      const record = store.create(await readBody(c.req, createBody));
      const { id, code, createdAt } = record;
      return c.json({ id, shortLink: link(code), status: initialStatus(record), createdAt: iso(createdAt) }, 201);
    },
    'POST /api/v1/invitations/accept': async (c) => {
      const body = await readBody(c.req, acceptBody);
      const { user, target } = acceptingUser(body);
      return c.json(wireList(store.accept(body.invitationIds, user, target)));
    },
    'POST /api/v1/invitations/autojoin': async (c) =>
      autojoin(c, store.configureAutojoin(await readBody(c.req, autojoinBody))),
    'POST /api/v1/invitations/sync-internal-invitation': sync,
    'POST /api/v1/invitation-actions/sync-internal-invitation': sync,
    'GET /api/v1/invitations/:invitationId': (c) => c.json(wire(store.get(c.req.param('invitationId')))),
    'DELETE /api/v1/invitations/:invitationId': (c) => {
      store.revoke(c.req.param('invitationId'));
      return c.json({});
    },
    'POST /api/v1/invitations/:invitationId/reinvite': (c) => c.json(wire(store.reinvite(c.req.param('invitationId')))),
    'GET /api/v1/invitations/by-scope/:scopeType/:scope': (c) =>
      listScope(c, c.req.param('scopeType'), c.req.param('scope')),
    'DELETE /api/v1/invitations/by-scope/:scopeType/:scope': (c) =>
      deleteScope(c, c.req.param('scopeType'), c.req.param('scope')),
    'GET /api/v1/invitations/by-scope/:scopeType/:scope/autojoin': (c) =>
      autojoin(c, store.autojoin(c.req.param('scopeType'), c.req.param('scope'))),
    'GET /api/v1/invitations/by-group/:groupType/:groupId': (c) =>
      listScope(c, c.req.param('groupType'), c.req.param('groupId')),
    'DELETE /api/v1/invitations/by-group/:groupType/:groupId': (c) =>
      deleteScope(c, c.req.param('groupType'), c.req.param('groupId')),
  };

  const app = new Hono<AppEnv>();
  // The default key is public, so that the key alone does not keep the pages of other sites out.
  app.use('/api/*', requireKey(apiKey), refuseOtherSites);
  for (const route of ROUTES) {
    const [method, path] = route.split(' ') as [string, string];
    const handler = handlers[route] as Handler<AppEnv>;
    app.on(method, path, (c, next) => faults.answer(route, c.env, async () => handler(c, next) as Promise<Response>));
  }
  return app;
}

function offset(start: string | undefined): number {
  if (start === undefined || start === '') return 0;
  if (!/^\d+$/.test(start)) throw new ApiError(400, ['start: must be a whole number, 0 or greater']);
  return Number(start);
}

function missing(query: Record<string, string | undefined>): string[] {
  return Object.entries(query).flatMap(([name, value]) => (value ? [] : [`${name}: is required`]));
}
