/** Serves `/_emulator`, by which tests in any process and language steer a running emulator. For this machine only. */
import { Hono, type MiddlewareHandler } from 'hono';
import * as z from 'zod';
import { announceBody, readBody, updateBody } from './bodies.js';
import type { Clock } from './clock.js';
import { ApiError } from './errors.js';
import type { Fault, Faults } from './faults.js';
import { refuseOtherSites, requireLoopbackName } from './guards.js';
import { iso, present } from './invitation.js';
import type { AppEnv, EmulatedRoute } from './routes.js';
import { type Snapshot, type State, snapshotSchema } from './state.js';
import type { Store } from './store.js';
import type { Webhooks } from './webhooks.js';

export interface ControlContext {
  state: State;
  store: Store;
  faults: Faults;
  webhooks: Webhooks;
  clock: Clock;
  reset: () => void;
  load: (snapshot: Snapshot) => void;
  setWebhookUrl: (url: string | undefined) => void;
}

const faultBody = z.object({ route: z.string(), fault: z.record(z.string(), z.unknown()) });
const clockBody = z
  .strictObject({ advance: z.number().optional(), now: z.iso.datetime({ offset: true }).optional() })
  .refine(({ advance, now }) => (advance === undefined) !== (now === undefined), 'needs either advance or now');
const webhookUrlBody = z.object({ url: z.string().nullable() });
const redeliverBody = z.object({ newId: z.boolean().optional() });

/** A proxy or `--host` may bring requests of other machines. */
const requireThisMachine: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (!c.env.isLocal) throw new ApiError(403, 'The control API answers only programs on the same machine');
  await next();
};

export function controlRoutes({
  state,
  store,
  faults,
  webhooks,
  clock,
  reset,
  load,
  setWebhookUrl,
}: ControlContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>().basePath('/_emulator');
  app.use(requireThisMachine, requireLoopbackName, refuseOtherSites);

  app.post('/reset', (c) => {
    reset();
    return c.json({});
  });

  app.get('/state', (c) => c.json(state.snapshot()));
  app.put('/state', async (c) => {
    load(await readBody(c.req, snapshotSchema));
    return c.json({});
  });

  app.get('/invitations', (c) => {
    const invitations = Array.from(state.invitations.values(), (record) => present(record, clock.now()));
    return c.json({ invitations });
  });
  for (const [action, run] of [
    ['accept', (id: string) => store.acceptAsTarget(id)],
    ['revoke', (id: string) => store.revoke(id)],
    ['expire', (id: string) => store.expire(id)],
    ['reinvite', (id: string) => store.reinvite(id)],
  ] as const) {
    app.post(`/invitations/:id/${action}`, (c) => {
      run(c.req.param('id'));
      return c.json({});
    });
  }
  app.post('/invitations/:id/announce', async (c) => {
    const { type, data = {} } = await readBody(c.req, announceBody);
    store.announce(type, c.req.param('id'), data);
    return c.json({});
  });
  app.patch('/invitations/:id', async (c) => {
    store.update(c.req.param('id'), await readBody(c.req, updateBody));
    return c.json({});
  });
  app.get('/calls', (c) => c.json({ calls: state.calls }));
  app.get('/outbox', (c) => c.json({ outbox: state.outbox }));
  app.get('/deliveries', (c) => c.json({ deliveries: state.deliveries }));
  app.post('/deliveries/:id/redeliver', async (c) => {
    webhooks.redeliver(c.req.param('id'), await readBody(c.req, redeliverBody));
    return c.json({});
  });
  app.post('/settled', async (c) => {
    await webhooks.settled();
    return c.json({});
  });

  /** Answers 400 for what the option or the method of the library would refuse. */
  const checked = (run: () => void) => {
    try {
      run();
    } catch (error) {
      throw new ApiError(400, [(error as Error).message]);
    }
  };

  app.get('/webhook-url', (c) => c.json({ url: webhooks.url ?? null }));
  app.put('/webhook-url', async (c) => {
    const { url } = await readBody(c.req, webhookUrlBody);
    checked(() => setWebhookUrl(url ?? undefined));
    return c.json({});
  });

  app.get('/faults', (c) => c.json({ faults: faults.list() }));
  app.put('/faults', async (c) => {
    const { route, fault } = await readBody(c.req, faultBody);
    checked(() => faults.set(route as EmulatedRoute, fault as Fault));
    return c.json({});
  });
  app.delete('/faults', (c) => {
    const route = c.req.query('route');
    checked(() => (route === undefined ? faults.clear() : faults.remove(route as EmulatedRoute)));
    return c.json({});
  });

  app.get('/clock', (c) => c.json({ now: iso(clock.now()) }));
  app.put('/clock', async (c) => {
    const { advance, now } = await readBody(c.req, clockBody);
    checked(() => clock.advance(advance ?? Date.parse(now ?? '') - clock.now()));
    return c.json({ now: iso(clock.now()) });
  });
  app.delete('/clock', (c) => {
    clock.reset();
    return c.json({ now: iso(clock.now()) });
  });
  return app;
}
