/** Assembles the routes of the emulator into one Hono app. */
import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { html } from 'hono/html';
import { apiRoutes } from './api.js';
import { recordCalls } from './calls.js';
import { clientRoutes, isOfClient } from './client-api.js';
import type { Clock } from './clock.js';
import { componentRoutes } from './component.js';
import { type ControlContext, controlRoutes } from './control.js';
import { answerError, answerNotFound } from './errors.js';
import type { Faults } from './faults.js';
import { requireLoopbackName } from './guards.js';
import { CONTENT_SECURITY_POLICY, notice } from './layout.js';
import { linkRoutes } from './links.js';
import type { Live } from './live.js';
import type { Settings } from './options.js';
import { pageRoutes } from './page/routes.js';
import type { AppEnv } from './routes.js';
import type { State } from './state.js';
import type { Store } from './store.js';

interface AppContext {
  settings: Settings;
  /** Whether to refuse requests whose `Host` is not a loopback name. */
  loopbackOnly: boolean;
  state: State;
  store: Store;
  faults: Faults;
  clock: Clock;
  live: Live;
  link: (code: string) => string;
  url: () => string;
  /** Writes the changes of a request before it is answered. */
  written: () => void;
  control: ControlContext;
}

export type App = Hono<AppEnv>;

export function createApp({
  settings,
  loopbackOnly,
  state,
  store,
  faults,
  clock,
  live,
  link,
  url,
  written,
  control,
}: AppContext): App {
  const { apiKey, webhookSecret, shape, now, landingUrl, tokenExpiry, components } = settings;
  const client = clientRoutes({ state, store, faults, apiKey, now, link, tokenExpiry, components });
  const app = new Hono<AppEnv>();

  if (loopbackOnly) app.use(requireLoopbackName);
  app.use(async (c, next) => {
    await next();
    written();
    c.header('cache-control', 'no-store');
    c.header('content-security-policy', CONTENT_SECURITY_POLICY);
  });
  const { calls } = state;
  const secrets = [apiKey, webhookSecret];
  const record = recordCalls({ calls, secrets, now, changed: (call) => live.tell({ kind: 'call', record: call }) });
  app.use('/api/*', record);
  app.use('//api/*', record);
  app.use('/i/*', record);
  app.use('/api/v1/*', async (c, next) => (isOfClient(c) ? client.fetch(c.req.raw, c.env) : next()));
  app.route('/', apiRoutes({ store, faults, apiKey, shape, now, link }));
  app.route('/', controlRoutes(control));
  app.route('/', componentRoutes());
  app.route('/', linkRoutes({ store, landingUrl, now }));
  app.use(async (c, next) => {
    if (!missesApi(c)) return next();
    await record(c, async () => {
      c.res = answerNotFound(c);
    });
  });
  app.route(
    '/',
    pageRoutes({ state, settings, faults, clock, live, webhookUrl: () => control.webhooks.url, link, url }),
  );

  app.notFound((c) => {
    if (!isVisit(c)) return answerNotFound(c);
    return c.html(notice('Page not found', html`<p>The emulator has no page <code>${c.req.path}</code>.</p>`), 404);
  });
  app.onError(answerError);
  return app;
}

/**
 * Tells whether a backend calls the API below a wrong base URL. The paths of pages would answer it. Calls below `/api/` are
 * recorded already.
 */
function missesApi({ req }: Context): boolean {
  return req.header('x-api-key') !== undefined && !/^\/+(?:api|i)\//.test(req.path);
}

/** Tells whether a browser asks for a page. The API answers in JSON whatever the client accepts. */
function isVisit(c: Context): boolean {
  const type = accepts(c, {
    header: 'Accept',
    supports: ['application/json', 'text/html'],
    default: 'application/json',
  });
  return type === 'text/html' && !c.req.path.startsWith('/api/');
}
