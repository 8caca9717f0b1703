/** The rules that only Hono has: where the app can be mounted, the bodies that its hooks can read, and the typed client. */
import { fileURLToPath } from 'node:url';
import { ann, bundleWorker, expectLeaversLeft, setupUpstream } from '@vortex/conformance';
import {
  type Invitation,
  type Operation,
  VortexClient,
  type VortexErrorCode,
  type VortexMountOptions,
  type VortexUser,
} from '@vortex/core';
import { vortexApp } from '@vortex/hono';
import { type Context, Hono } from 'hono';
import { hc, type InferRequestType, type InferResponseType } from 'hono/client';
import { afterEach, describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { listen } from './programs/listen.ts';

interface AppEnv {
  Bindings: { VORTEX_API_KEY: string };
  Variables: { user: { id: string; email: string; plan: 'free' | 'pro' } };
}

const upstream = setupUpstream();
afterEach(() => vi.restoreAllMocks());

const vortex = (options: Partial<VortexMountOptions<VortexUser, Context>> = {}) =>
  vortexApp({
    apiKey: upstream.apiKey,
    baseUrl: upstream.url,
    authenticateUser: () => ann,
    authorizeOperation: () => true,
    ...options,
  });
const accept = (body: string) => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json', host: 'app.example' },
});
const accepting = accept('{"invitationIds":["i-1"]}');

describe('mounts', () => {
  test('the fetch of an app that is not mounted takes a Web Request at the root', async () => {
    const reply = await vortex().fetch(new Request('https://app.example/jwt', { method: 'POST' }));
    expect(await reply.json()).toEqual({ jwt: expect.any(String) });
  });

  test('an app that is mounted leaves other paths and OPTIONS to the host', async () => {
    const app = new Hono().route('/api/vortex', vortex());
    app.get('/api/vortex/own', (c) => c.text('own'));
    app.notFound((c) => c.text('the host’s 404', 404));
    expect(await (await app.request('/api/vortex/own')).text()).toBe('own');
    expect(await (await app.request('/api/vortex/nothing')).text()).toBe('the host’s 404');
    expect(await (await app.request('/api/vortex/jwt', { method: 'OPTIONS' })).text()).toBe('the host’s 404');
    expect((await app.request('/api/vortex/jwt')).status).toBe(405);
  });

  test('the origin of a Request without a Host header is compared with its URL', async () => {
    const from = (origin: string) =>
      vortex().fetch(new Request('https://app.example/jwt', { method: 'POST', headers: { origin } }));
    expect((await from('https://app.example')).status).toBe(200);
    expect((await from('https://evil.example')).status).toBe(403);
  });

  test.each<[string, (c: Context) => Promise<unknown>]>([
    ['json', (c) => c.req.json()],
    ['text', (c) => c.req.text()],
    ['arrayBuffer', (c) => c.req.arrayBuffer()],
  ])('a body that middleware has read as %s is read again by us and by a hook', async (_, read) => {
    const bodies: unknown[] = [];
    const app = new Hono();
    app.use(async (c, next) => {
      bodies.push(await read(c));
      await next();
    });
    app.route('/', vortex({ onSuccess: async (_event, c) => void bodies.push(await c.req.json()) }));
    upstream.script({ status: 200, body: '{"id":"i-1"}' });
    expect((await app.request('/invitations/accept', accepting)).status).toBe(200);
    expect(bodies[1]).toEqual({ invitationIds: ['i-1'] });
    expect(JSON.parse(upstream.arrivals[0]?.body ?? '')).toMatchObject({ invitationIds: ['i-1'] });
  });

  test('a rule can read the body that we have read', async () => {
    let seen: unknown;
    const app = vortex({
      authorizeOperation: async (_op, _user, c) => {
        seen = await c.req.json();
        return true;
      },
    });
    await app.request('/invitations/accept', accepting);
    expect(seen).toEqual({ invitationIds: ['i-1'] });
  });

  test('a body without end is refused at the limit, and reading stops', async () => {
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(16 * 1024).fill(32));
      },
    });
    const request = new Request('https://app.example/invitations/accept', {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    } as RequestInit);
    expect((await vortex().fetch(request)).status).toBe(413);
    expect(pulled).toBeLessThan(10);
  });

  test('headers that middleware sets are kept', async () => {
    const app = new Hono();
    app.use(async (c, next) => {
      c.header('x-request-id', 'r-1');
      await next();
    });
    app.route('/', vortex());
    const { headers } = await app.request('/jwt', { method: 'POST' });
    expect([headers.get('x-request-id'), headers.get('cache-control')]).toEqual(['r-1', 'no-store']);
  });
});

test('a bundle contains the OpenAPI document only if the program serves it', async () => {
  const bundle = (name: string) => bundleWorker(fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url)));
  const words = ['draft-2020-12', '3.1.0', 'InvitationAcceptance'];
  const found = async (name: string) => {
    const code = await bundle(name);
    return words.filter((word) => code.includes(word));
  };
  expect(await found('worker')).toEqual(words);
  expect(await found('bare')).toEqual([]);
});

describe('keys from bindings', () => {
  const app = () =>
    vortexApp({
      apiKey: (c: Context<AppEnv>) => c.env.VORTEX_API_KEY,
      baseUrl: upstream.url,
      authenticateUser: () => ann,
      authorizeOperation: () => true,
    });

  test('the API key is taken from the bindings of each request', async () => {
    const one = app();
    for (const VORTEX_API_KEY of [upstream.apiKey, 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.other']) {
      await one.request('/invitations/by-scope/t/s', {}, { VORTEX_API_KEY });
      expect(upstream.arrivals.at(-1)?.headers['x-api-key']).toBe(VORTEX_API_KEY);
    }
  });

  test('an invalid API key of the bindings is answered with 500 CONFIG, and logged without the key', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const reply = await app().request('/jwt', { method: 'POST' }, { VORTEX_API_KEY: 'VRTX.canary' });
    expect([reply.status, await reply.json()]).toMatchObject([500, { code: 'CONFIG' }]);
    expect(logged.mock.calls.flat().join(' ')).toContain('apiKey');
    expect(logged.mock.calls.flat().join(' ')).not.toContain('canary');
  });
});

test('a caller that disconnects ends a read of the API, but not a write', async () => {
  const { url, close } = await listen(vortex());
  onTestFinished(close);
  await expectLeaversLeft(upstream, url);
});

test('an acceptance of 30 invitations that its rule loads prints no warning of Node', async () => {
  const warnings: string[] = [];
  const onWarning = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const authorizeOperation = async (op: Operation) =>
    'loadInvitations' in op && (await op.loadInvitations()).length === 30;
  const { url, close } = await listen(vortex({ authorizeOperation }));
  onTestFinished(close);
  upstream.script({ status: 200, body: '{"id":"i-1"}' });
  const invitationIds = Array.from({ length: 30 }, (_, index) => `i-${index}`);
  const reply = await fetch(`${url}/invitations/accept`, {
    method: 'POST',
    body: JSON.stringify({ invitationIds }),
    headers: { 'content-type': 'application/json', origin: url },
  });
  expect(reply.status).toBe(200);
  expect(upstream.arrivals).toHaveLength(31);
  expect(warnings).toEqual([]);
});

test('no load of a rule begins after its time is up, for a bare Web Request', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  let answered = () => {};
  const afterTheReply = new Promise<void>((resolve) => {
    answered = resolve;
  });
  let late: Promise<unknown> | undefined;
  const app = vortex({
    hookTimeout: 50,
    authorizeOperation: (op) => {
      if (!('loadInvitations' in op)) return false;
      late = afterTheReply.then(() => op.loadInvitations());
      return late.then(() => true);
    },
  });
  const invitationIds = Array.from({ length: 100 }, (_, index) => `i-${index}`);
  const reply = await app.fetch(
    new Request('https://app.example/invitations/accept', accept(JSON.stringify({ invitationIds }))),
  );
  expect([reply.status, await reply.json()]).toMatchObject([504, { code: 'HOOK_TIMEOUT' }]);
  answered();
  await expect(late).rejects.toMatchObject({ code: 'ABORTED' });
  expect(upstream.arrivals).toEqual([]);
});

test('hc calls the routes with typed parameters and typed replies', async () => {
  const app = new Hono().route('/api/vortex', vortex());
  const request = Object.assign(app.request, {}) as typeof fetch;
  const api = hc<typeof app>('http://localhost', {
    fetch: (input: RequestInfo | URL, init?: RequestInit) => request(input, init),
  }).api.vortex;

  const { id } = await new VortexClient(upstream.apiKey, { baseUrl: upstream.url }).createInvitation({
    widgetConfigurationId: 'w',
    target: { type: 'email', value: ann.email },
    inviter: { userId: 'u' },
    scopes: [{ type: 'team', scopeId: 's' }],
  });
  const reply = await api.invitations[':invitationId'].$get({ param: { invitationId: id } });
  if (!reply.ok) throw new Error((await reply.json()).code);
  const invitation = await reply.json();
  expectTypeOf(invitation.id).toEqualTypeOf<string>();
  expect(invitation.id).toBe(id);

  const list = await api.invitations['by-scope'][':scopeType'][':scope'].$get({
    param: { scopeType: 'team', scope: 's' },
  });
  expect(list.ok && (await list.json()).invitations).toHaveLength(1);

  const refused = await api.invitations.$get({ query: { targetType: 'email', targetValue: 'nobody' } });
  expect(refused.ok ? undefined : (await refused.json()).code).toBe('INVALID_REQUEST');
});

/** The compiler is the judge: `tsc -b` fails where a type changes, and nothing has to run. */
test('the types of an app are those of its routes and of its bindings', () => {
  const app = vortex();
  const client = hc<typeof app>('/');
  type Get = (typeof client.invitations)[':invitationId']['$get'];
  expectTypeOf<InferRequestType<Get>['param']>().toEqualTypeOf<{ invitationId: string }>();
  expectTypeOf<Extract<InferResponseType<Get, 200>, { id: string }>>().toMatchTypeOf<Pick<Invitation, 'id'>>();
  expectTypeOf<InferResponseType<Get, 404>['code']>().toEqualTypeOf<VortexErrorCode>();

  const compiles = (build: () => unknown) => expectTypeOf(build).toBeFunction();
  compiles(() => client.jwt.$post());
  compiles(() => client.jwt.$post({ json: { context: { scope: 's' } } }));
  compiles(() =>
    client.invitations.accept.$post({ json: { invitationIds: ['i'], target: { type: 'phoneNumber', value: '+1' } } }),
  );
  // @ts-expect-error no such route
  compiles(() => client.invitation.$get());
  // @ts-expect-error no such method
  compiles(() => client.jwt.$get());
  // @ts-expect-error the ids are missing
  compiles(() => client.invitations.accept.$post({ json: {} }));
  compiles(() =>
    client.invitations.autojoin.$post({
      json: { scopeType: 't', scope: 's', domains: [] as readonly string[], componentId: 'c', scopeName: null },
    }),
  );
  // @ts-expect-error the scope and the component are missing
  compiles(() => client.invitations.autojoin.$post({ json: { scopeType: 't', domains: [] } }));
  // @ts-expect-error no such type
  compiles(() => client.invitations.$get({ query: { targetType: 'fax', targetValue: 'x' } }));

  compiles(() =>
    vortexApp({
      apiKey: (c: Context<AppEnv>) => c.env.VORTEX_API_KEY,
      authenticateUser: (c) => {
        expectTypeOf(c.env.VORTEX_API_KEY).toEqualTypeOf<string>();
        return c.var.user;
      },
      authorizeOperation: { JWT: (_, user, c) => user.plan === c.var.user.plan },
    }),
  );
  // @ts-expect-error a misspelt operation
  compiles(() => vortexApp({ apiKey: 'k', authenticateUser: () => ann, authorizeOperation: { JTW: true } }));
});
