/** Which options are refused when they are read, and by which name. The sentences are in `messages.test.ts`. */
import {
  memoryStore,
  VortexClient,
  type VortexClientOptions,
  VortexError,
  type VortexMountOptions,
  type VortexUser,
  VortexWebhooks,
} from '@vortex/core';
import { createRoutes, createWebhookEndpoint } from '@vortex/core/adapter';
import { redisStore } from '@vortex/core/redis';
import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';

const ID = 'Pxwrep1OTGuKHw4tPEtaaQ';
const KEY = `VRTX.${ID}.secret`;

/** Matches the error that names this option, as a whole word. */
const refusal = (option: string, reason?: string) =>
  expect.objectContaining({
    name: 'VortexError',
    code: 'CONFIG',
    message: expect.stringMatching(new RegExp(`(?<![\\w.])${option.replaceAll('.', '\\.')}(?!\\w)`, 'u')),
    ...(reason && { reason }),
  });

describe('an API key', () => {
  test.each<[unknown, string]>([
    [undefined, 'type'],
    [null, 'type'],
    [5, 'type'],
    ['', 'format'],
    [' \n', 'format'],
    ['VRTX', 'format'],
    [`VRTX.${ID}`, 'format'],
    [`VRTX.${ID}.`, 'format'],
    ['VRTX..secret', 'format'],
    [`.${ID}.secret`, 'format'],
    [`${KEY}.more`, 'format'],
    [`vrtx.${ID}.secret`, 'prefix'],
    [` ${KEY}`, 'prefix'],
    [`VRTX.${ID} .secret`, 'format'],
    [`VRTX.${ID.slice(1)}\t.secret`, 'format'],
    [`${KEY} `, 'format'],
    [`VRTX.${ID}. secret`, 'format'],
    [`VRTX.${ID}.sec\u0007ret`, 'format'],
    [`VRTX.${ID}A.secret`, 'uuid'],
    [`VRTX.${ID.slice(2)}.secret`, 'uuid'],
    [`VRTX.${ID}AA.secret`, 'uuid'],
    ['VRTX.!!!!.secret', 'uuid'],
  ])('the API key %j is refused with the reason %s', (key, reason) => {
    expect(() => new VortexClient(key as string)).toThrow(refusal('apiKey', reason));
  });

  test('an API key with spaces inside its secret is accepted, and signs with its own id', async () => {
    const kid = '3f1c2b7a-9d4e-4c6b-8a1f-0e2d3c4b5a69';
    expect(await new VortexClient(`VRTX.${ID}.a secret`).sign({ id: 'u' })).toMatch(
      /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}:/u,
    );
    const id = Buffer.from(kid.replaceAll('-', ''), 'hex').toString('base64url');
    expect(await new VortexClient(`VRTX.${id}.secret`).sign({ id: 'u' })).toMatch(
      new RegExp(`^${kid}:[\\da-f]{64}$`, 'u'),
    );
  });
});

describe('a client', () => {
  test.each<[VortexClientOptions, string]>([
    [{ timeout: 0 }, 'timeout'],
    [{ timeout: -1 }, 'timeout'],
    [{ timeout: 1.5 }, 'timeout'],
    [{ timeout: Number.NaN }, 'timeout'],
    [{ timeout: Number.POSITIVE_INFINITY }, 'timeout'],
    [{ timeout: 2 ** 31 }, 'timeout'],
    [{ maxInFlight: 0.5 }, 'maxInFlight'],
    [{ maxInFlight: 1.5 }, 'maxInFlight'],
    [{ maxResponseBytes: 0.5 }, 'maxResponseBytes'],
    [{ maxResponseBytes: -1 }, 'maxResponseBytes'],
    [{ headers: { 'a b': 'c' } }, 'headers'],
    [{ headers: { 'x\n': '1' } }, 'headers'],
    [{ headers: { authorization: undefined as never } }, 'headers'],
    ...['Keep-Alive', 'Transfer-Encoding', 'Upgrade', 'Expect', 'Content-Length'].map(
      (name): [VortexClientOptions, string] => [{ headers: { [name]: '100' } }, name.toLowerCase()],
    ),
    [{ headers: new Headers({ upgrade: 'h2c' }) as never }, 'upgrade'],
    [{ baseUrl: '' }, 'baseUrl'],
    [{ baseUrl: 'x' }, 'baseUrl'],
    [{ baseUrl: 'api.example.com' }, 'baseUrl'],
    [{ baseUrl: 'ftp://127.0.0.1' }, 'baseUrl'],
    [{ baseUrl: 'xhttps://a.example' }, 'baseUrl'],
    [{ baseUrl: 'httpsx://a.example' }, 'baseUrl'],
    [{ baseUrl: 'https://user@a.example' }, 'baseUrl'],
    [{ baseUrl: 'https://:password@a.example' }, 'baseUrl'],
    [{ baseUrl: 'https://user:password@a.example' }, 'baseUrl'],
    [{ baseUrl: 'https://a.example?' }, 'baseUrl'],
    [{ baseUrl: 'https://a.example?x' }, 'baseUrl'],
    [{ baseUrl: 'https://a.example#' }, 'baseUrl'],
    [{ baseUrl: 'https://a.example#x' }, 'baseUrl'],
    [{ baseUrl: 'http://a.example' }, 'baseUrl'],
    [{ baseUrl: 'http://a.example', allowInsecureHttp: 'yes' as unknown as boolean }, 'allowInsecureHttp'],
    [{ baseUrl: 'http://xlocalhost' }, 'baseUrl'],
    [{ baseUrl: 'http://localhost.example' }, 'baseUrl'],
    [{ baseUrl: 'http://127.0.0.1.example' }, 'baseUrl'],
    [{ baseUrl: 'http://128.0.0.1' }, 'baseUrl'],
    [{ baseUrl: 'http://[::2]' }, 'baseUrl'],
  ])('a client with %o is refused, and the error names %s', (options, option) => {
    expect(() => new VortexClient(KEY, options)).toThrow(refusal(option));
  });

  test.each([
    'http://localhost:1',
    'http://vortex.localhost',
    'http://127.10.20.30',
    'http://[::1]:8080',
    'https://api.example.com',
  ])('a client with the base URL %s is accepted', (baseUrl) => {
    expect(() => new VortexClient(KEY, { baseUrl })).not.toThrow();
  });

  test('a base URL with plain http is accepted off loopback if allowInsecureHttp is true', () => {
    expect(() => new VortexClient(KEY, { baseUrl: 'http://vortex:8787', allowInsecureHttp: true })).not.toThrow();
  });

  test.each(['http://a.example', 'x', 'https://a.example?x'])(
    'the environment variable VORTEX_API_BASE_URL is refused by name if it is %s',
    (value) => {
      vi.stubEnv('VORTEX_API_BASE_URL', value);
      try {
        expect(() => new VortexClient(KEY)).toThrow(refusal('VORTEX_API_BASE_URL'));
      } finally {
        vi.unstubAllEnvs();
      }
    },
  );

  test.each([
    ['', 'https://api.vortexsoftware.com/api/v1/invitations/i'],
    ['https://a.example/x/', 'https://a.example/x/api/v1/invitations/i'],
    ['https://a.example///api/v1//', 'https://a.example/api/v1/invitations/i'],
    ['https://a.example/api/v1/x', 'https://a.example/api/v1/x/api/v1/invitations/i'],
    ['https://api/v1', 'https://api/v1/api/v1/invitations/i'],
    ['https://api/api/v1', 'https://api/api/v1/invitations/i'],
  ])('with VORTEX_API_BASE_URL set to %j a client calls %s', async (value, expected) => {
    vi.stubEnv('VORTEX_API_BASE_URL', value);
    try {
      const urls: unknown[] = [];
      const fetch = async (url: unknown) => {
        urls.push(url);
        return Response.json({ id: 'i' });
      };
      await new VortexClient(KEY, { fetch }).getInvitation('i');
      expect(urls).toEqual([expected]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('a client that is given a base URL reads no environment variable', () => {
    // Deno throws without the permission.
    const env = new Proxy({}, { get: (_, name) => expect.fail(`read ${String(name)}`) });
    vi.stubGlobal('process', { env });
    try {
      expect(() => new VortexClient(KEY)).toThrow('read VORTEX_API_BASE_URL');
      expect(() => new VortexClient(KEY, { baseUrl: 'https://api.example' })).not.toThrow();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('a call sends our headers and those of the options, which can replace User-Agent alone', async () => {
    let sent: RequestInit = {};
    const fetch = async (_: unknown, init?: RequestInit) => {
      sent = init ?? {};
      return Response.json({ id: 'i' });
    };
    await new VortexClient(KEY, {
      fetch,
      headers: { accept: 'text/html', 'x-tenant': 't', 'user-agent': 'u' },
    }).reinvite('i');
    expect(sent).toMatchObject({ method: 'POST', body: null, redirect: 'manual' });
    expect(sent.headers).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'user-agent': 'u',
      'x-api-key': KEY,
      'x-tenant': 't',
      'x-vortex-sdk-name': 'vortex-typescript',
      'x-vortex-sdk-version': expect.any(String),
    });
  });

  test.each(['\u00e9\u00ff', '~ ~'])(
    'a key with the secret %s can call, since a header can carry it',
    async (secret) => {
      const fetch = async () => Response.json({ id: 'i' });
      expect(await new VortexClient(`VRTX.${ID}.${secret}`, { fetch }).getInvitation('i')).toEqual({ id: 'i' });
    },
  );

  test.each(['\u0416', 'a\u0416', '\u0416a'])(
    'a key with the secret %s can only sign, since no header can carry it',
    async (secret) => {
      const client = new VortexClient(`VRTX.${ID}.${secret}`, { fetch: async () => Response.json({ id: 'i' }) });
      expect(await client.generateJwt({ user: { id: 'u' } })).toMatch(/^ey/u);
      await expect(client.getInvitation('i')).rejects.toThrow(refusal('apiKey'));
    },
  );
});

describe('the key of the emulator', () => {
  const own = 'VRTX.wP_uAA5NShufWsD_7gAOTQ.emulator-key-not-a-secret';

  test.each([{}, { baseUrl: 'https://vortex.fly.dev' }])(
    'the key of the emulator is refused with the options %j, off loopback',
    (options) => {
      expect(() => new VortexClient(own, options)).toThrow(refusal('VORTEX_API_BASE_URL'));
      expect(() => new VortexClient(own, options)).toThrow(refusal('baseUrl'));
    },
  );

  test.each([
    { baseUrl: 'http://127.0.0.1:8787' },
    { baseUrl: 'https://localhost:8787' },
    { baseUrl: 'https://emulator.test' },
    { baseUrl: 'http://emulator:8787', allowInsecureHttp: true },
  ])('the key of the emulator is accepted with the options %j', (options) => {
    expect(() => new VortexClient(own, options)).not.toThrow();
  });
});

describe('trustedOrigins', () => {
  const build = (origin: string) => () =>
    createRoutes({ apiKey: KEY, authenticateUser: () => null, authorizeOperation: {}, trustedOrigins: [origin] });

  test.each([
    'https://app.example.com',
    'http://localhost:5173',
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
    'tauri-https://localhost',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://5a0b1c2d-0000-4000-8000-000000000000',
  ])('trustedOrigins takes the origin %s', (origin) => {
    expect(build(origin)).not.toThrow();
  });

  test.each([
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://app.example.com:443',
    'http://app.example.com:80',
    'capacitor://localhost/',
    'Capacitor://localhost',
    'HTTPS://APP.example.com',
    'app.example.com',
    'file://x',
    'ws://app.example.com',
    'null',
    '',
  ])('trustedOrigins refuses %j, which no browser sends', (origin) => {
    expect(build(origin)).toThrow(refusal('trustedOrigins'));
  });

  test.each(['*', 'https://*.example.com', 'https://app-*.vercel.app', 'chrome-extension://*'])(
    'refuses the wildcard %s and names the function to pass instead',
    (origin) => {
      expect(build(origin)).toThrow(/trustedOrigins.*pass a function: \(origin\) =>/u);
    },
  );
});

describe('a mount', () => {
  type Options = VortexMountOptions<VortexUser, unknown>;
  test.each<[object, string]>([
    [{ authenticateUser: undefined }, 'authenticateUser'],
    [{ authenticateUser: 'x' }, 'authenticateUser'],
    [{ baseUrl: 5 }, 'baseUrl'],
    [{ allowInsecureHttp: 'x' }, 'allowInsecureHttp'],
    [{ trustedOrigins: 'x' }, 'trustedOrigins'],
    [{ trustedOrigins: [5] }, 'trustedOrigins'],
    [{ trustedOrigins: ['https://a.example', 5] }, 'trustedOrigins'],
    [{ trustedOrigins: ['https://a.example', 'x'] }, 'trustedOrigins'],
    [{ trustedOrigins: ['https://a.example/'] }, 'trustedOrigins'],
    [{ csrf: 'x' }, 'csrf'],
    [{ traceparent: 'x' }, 'traceparent'],
    [{ jwt: 'x' }, 'jwt'],
    [{ jwt: { format: 'x' } }, 'jwt.format'],
    [{ jwt: { attributes: {} } }, 'jwt.attributes'],
    [{ jwt: { expires: '1h' } }, 'jwt.expires'],
    [{ jwt: { expiresIn: '31d' } }, 'jwt.expiresIn'],
    [{ jwt: { expiresIn: 30 * 86_400 + 1 } }, 'jwt.expiresIn'],
    [{ jwt: { expiresIn: 'x' } }, 'jwt.expiresIn'],
    [{ trusted: true }, 'trusted'],
    [{ csfr: 'off' }, 'csfr'],
    [{ onError: 'x' }, 'onError'],
    [{ onResponse: 'x' }, 'onResponse'],
    [{ hookTimeout: 0 }, 'hookTimeout'],
    [{ timeout: '5' }, 'timeout'],
    [{ timeout: -1, apiKey: () => KEY }, 'timeout'],
    [{ timeout: -1, baseUrl: () => 'https://a.example' }, 'timeout'],
    [{ baseUrl: 'http://a.example', apiKey: () => KEY }, 'baseUrl'],
    [{ apiKey: `VRTX.${ID}.\u0416` }, 'apiKey'],
    [{ client: {} }, 'client'],
    // Beside a key, any client would be refused.
    [{ apiKey: undefined, client: { getInvitation() {} } }, 'client'],
    [{ apiKey: undefined, client: { generateJwt() {} } }, 'client'],
    [{ authorizeOperation: undefined }, 'authorizeOperation'],
    [{ authorizeOperation: null }, 'authorizeOperation'],
    [{ authorizeOperation: [] }, 'authorizeOperation'],
    [{ authorizeOperation: new Map() }, 'authorizeOperation'],
    [{ authorizeOperation: { REVOKE: true } }, 'authorizeOperation.REVOKE'],
    [{ authorizeOperation: { JWT: 'x' } }, 'authorizeOperation.JWT'],
    [{ authorizeOperation: { JWT: null } }, 'authorizeOperation.JWT'],
    [{ actAs: [] }, 'actAs'],
    [{ actAs: { INVITE: 'anyone' } }, 'actAs.INVITE'],
    [{ actAs: { toString: 'anyone' } }, 'actAs.toString'],
    [{ actAs: { GET_INVITATIONS: 'anyone' } }, 'actAs.GET_INVITATIONS'],
    [{ actAs: { CREATE_INVITATION: 'x' } }, 'actAs.CREATE_INVITATION'],
    [{ actAs: { CREATE_INVITATION: 'self' } }, 'actAs.CREATE_INVITATION'],
    [{ onSuccess: 'x' }, 'onSuccess'],
    [{ onSuccess: null }, 'onSuccess'],
    [{ onSuccess: { ACCEPT: () => {} } }, 'onSuccess.ACCEPT'],
    [{ onSuccess: { toString: () => {} } }, 'onSuccess.toString'],
    [{ onSuccess: { JWT: 'x' } }, 'onSuccess.JWT'],
    [{ openapi: 'x' }, 'openapi'],
    [{ openapi: [] }, 'openapi'],
    [{ logger: {} }, 'logger'],
    [{ logger: { warn() {} } }, 'logger'],
    [{ logger: { error() {} } }, 'logger'],
    [{ logger: null }, 'logger'],
  ])('a mount with %o is refused, and the error names %s', (wrong, option) => {
    const options = { apiKey: KEY, authenticateUser: () => null, authorizeOperation: {}, ...wrong } as Options;
    expect(() => createRoutes(options)).toThrow(refusal(option));
  });

  test('a mount with a client is refused if it also has an option that the client was built from', () => {
    const client = new VortexClient(KEY, { baseUrl: 'https://a.example' });
    const build = (more: Partial<Options>) => () =>
      createRoutes({ client, authenticateUser: () => null, authorizeOperation: {}, ...more });
    expect(build({ apiKey: undefined, timeout: undefined })).not.toThrow();
    for (const more of [
      { apiKey: KEY },
      { baseUrl: 'https://a.example' },
      { allowInsecureHttp: false },
      { timeout: 5 },
    ]) {
      expect(build(more)).toThrow(refusal('client'));
    }
  });

  test('the error of a lifetime that cannot be read has its cause', () => {
    const build = () =>
      createRoutes({
        apiKey: KEY,
        authenticateUser: () => null,
        authorizeOperation: {},
        jwt: { expiresIn: 'x' as '1h' },
      });
    expect(build).toThrow(expect.objectContaining({ cause: expect.any(VortexError) }));
  });

  test('a mount without options is refused', () => {
    expect(() => createRoutes(null as unknown as Options)).toThrow(refusal('options'));
  });

  test.each<[object]>([
    [{ jwt: { expiresIn: '30d' } }],
    [{ jwt: { expiresIn: 1 } }],
    [{ jwt: { format: 'jwt' } }],
    [{ jwt: { format: 'token' } }],
    [{ csrf: 'standard' }],
    [{ csrf: 'strict' }],
    [{ csrf: 'off' }],
    [{ traceparent: 'forward' }],
    [{ traceparent: 'off' }],
    [{ actAs: { CREATE_INVITATION: 'anyone', ACCEPT_INVITATIONS: undefined } }],
    [{ onSuccess: { JWT: undefined } }],
    [{ authorizeOperation: Object.assign(Object.create(null), { JWT: true }) }],
    [{ logger: console }],
    [{ trustedOrigins: ['http://localhost:3000'] }],
    [{ openapi: { openapi: '3.1.0' } }],
    [{ timeout: 2 ** 31 - 1 }],
    [{ baseUrl: () => 'https://a.example' }],
    [{ authorizeOperation: (_op: 1, _user: 2, _context: 3) => true }],
  ])('a mount with %o is accepted', (options) => {
    const all = { apiKey: KEY, authenticateUser: () => null, authorizeOperation: {}, ...options } as Options;
    expect(() => createRoutes(all)).not.toThrow();
  });
});

describe('a webhook mount', () => {
  const [claim, complete, release] = [() => 'new', () => {}, () => {}];
  test.each<[object, string]>([
    [{ maxAge: 0 }, 'maxAge'],
    [{ maxAge: -1 }, 'maxAge'],
    [{ maxAge: Number.NaN }, 'maxAge'],
    [{ maxAge: 0, secret: () => 's' }, 'maxAge'],
    [{ maxAge: 'x' }, 'maxAge'],
    [{ now: 5 }, 'now'],
    [{ on: [] }, 'on'],
    [{ on: () => {} }, 'on'],
    [{ on: { 'invitation.accepted': 5 } }, 'on.invitation.accepted'],
    [{ onEvent: 5 }, 'onEvent'],
    [{ onAnalyticsEvent: 5 }, 'onAnalyticsEvent'],
    [{ onError: 5 }, 'onError'],
    [{ store: {} }, 'store'],
    [{ store: { claim } }, 'store'],
    [{ store: { claim, complete } }, 'store'],
    [{ store: { claim, release } }, 'store'],
    [{ store: { complete, release } }, 'store'],
    [{ store: null }, 'store'],
    [{ logger: {} }, 'logger'],
    [{ lease: 0 }, 'lease'],
    [{ lease: Number.POSITIVE_INFINITY }, 'lease'],
    [{ timeout: 1.5 }, 'timeout'],
    [{ timeout: 2 ** 31 }, 'timeout'],
    [{ onevent: () => {} }, 'onevent'],
  ])('a webhook mount with %o is refused, and the error names %s', (wrong, option) => {
    expect(() => createWebhookEndpoint({ secret: 's', ...wrong })).toThrow(refusal(option));
  });

  test.each<[object]>([
    [{ store: { claim, complete, release } }],
    [{ store: { once() {} } }],
    [{ on: { 'invitation.accepted': undefined } }],
  ])('a webhook mount with %o and a handler is accepted', (options) => {
    expect(() => createWebhookEndpoint({ secret: 's', onEvent() {}, ...options })).not.toThrow();
  });
});

test.each<[unknown]>([
  [undefined],
  [null],
  [''],
  [5],
  [[]],
  [['a', '']],
  [[undefined, undefined]],
  [' secret'],
  ['secret\n'],
  [['secret', 'other ']],
])('the webhook secret %j is refused by a verifier and by a mount', (secret) => {
  const options = { secret: secret as string };
  for (const build of [() => new VortexWebhooks(options), () => createWebhookEndpoint(options)]) {
    expect(build).toThrow(refusal('secret'));
  }
});

test.each<[string, object, string]>([
  ['in memory', { maxEvents: 0 }, 'maxEvents'],
  ['in memory', { maxEvents: 1.5 }, 'maxEvents'],
  ['in memory', { maxEvents: Number.NaN }, 'maxEvents'],
  ['in memory', { retention: 0 }, 'retention'],
  ['in memory', { retention: -1 }, 'retention'],
  ['in memory', { retention: '1' }, 'retention'],
  ['in Redis', { retention: Number.POSITIVE_INFINITY }, 'retention'],
  ['in Redis', { retention: 1.5 }, 'retention'],
])('a store %s with %o is refused, and the error names %s', (where, options, option) => {
  const build = () =>
    where === 'in memory' ? memoryStore(options) : redisStore(new Redis({ lazyConnect: true }), options);
  expect(build).toThrow(refusal(option));
});
