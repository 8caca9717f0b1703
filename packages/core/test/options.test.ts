/** What each option that is wrong is told, word for word: it is all that whoever sets it up has to go by. */
import {
  memoryStore,
  VortexClient,
  type VortexClientOptions,
  type VortexMountOptions,
  type VortexUser,
} from '@vortex/core';
import { createRoutes, createWebhookEndpoint } from '@vortex/core/adapter';
import { describe, expect, test, vi } from 'vitest';

const ID = 'Pxwrep1OTGuKHw4tPEtaaQ';
const KEY = `VRTX.${ID}.secret`;
const FORM = 'VRTX.<id>.<secret>';

const refusal = (message: string, reason?: string) =>
  expect.objectContaining({ name: 'VortexError', code: 'CONFIG', message, ...(reason && { reason }) });

describe('an API key', () => {
  const missing = `apiKey must have the form ${FORM}; a part is missing (was it cut off?).`;
  const prefix = 'apiKey must start with "VRTX."; spaces, quotes and lower case count as wrong.';
  const space =
    'apiKey has white space around it or inside its id, or a control character; mend it where the key is set.';
  const id = 'apiKey has an <id> that is not base64url of 16 bytes (22 characters).';
  test.each<[unknown, string, string]>([
    [undefined, 'type', `apiKey must be text of the form ${FORM}, not undefined.`],
    [null, 'type', `apiKey must be text of the form ${FORM}, not null.`],
    [5, 'type', `apiKey must be text of the form ${FORM}, not number.`],
    ['', 'format', 'apiKey is empty.'],
    [' \n', 'format', 'apiKey is empty.'],
    ['VRTX', 'format', missing],
    [`VRTX.${ID}`, 'format', missing],
    [`VRTX.${ID}.`, 'format', missing],
    ['VRTX..secret', 'format', missing],
    [`.${ID}.secret`, 'format', missing],
    [`${KEY}.more`, 'format', `apiKey must have the form ${FORM}; it has 4 parts where 3 belong.`],
    [`vrtx.${ID}.secret`, 'prefix', prefix],
    [` ${KEY}`, 'prefix', prefix],
    [`VRTX.${ID} .secret`, 'format', space],
    [`VRTX.${ID.slice(1)}\t.secret`, 'format', space],
    [`${KEY} `, 'format', space],
    [`VRTX.${ID}. secret`, 'format', space],
    [`VRTX.${ID}.sec\u0007ret`, 'format', space],
    [`VRTX.${ID}A.secret`, 'uuid', id],
    [`VRTX.${ID.slice(2)}.secret`, 'uuid', id],
    [`VRTX.${ID}AA.secret`, 'uuid', id],
    ['VRTX.!!!!.secret', 'uuid', id],
  ])('of %j: %s, %s', (key, reason, message) => {
    expect(() => new VortexClient(key as string)).toThrow(refusal(message, reason));
  });

  test('may hold spaces within its secret, and signs with the id that it has', async () => {
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
  const WHOLE = 'must be a whole number above 0 and below 2^31.';
  const credentials = 'baseUrl must hold no credentials, query or fragment.';
  const insecure = 'baseUrl must use https: off loopback, or set allowInsecureHttp.';
  test.each<[VortexClientOptions, string]>([
    [{ timeout: 0 }, `timeout ${WHOLE}`],
    [{ timeout: 2 ** 31 }, `timeout ${WHOLE}`],
    [{ maxInFlight: 1.5 }, `maxInFlight ${WHOLE}`],
    [{ maxResponseBytes: -1 }, `maxResponseBytes ${WHOLE}`],
    [{ headers: { 'a b': 'c' } }, 'headers holds a name or value that HTTP does not allow.'],
    [{ baseUrl: 'x' }, 'baseUrl must be an http(s) URL.'],
    [{ baseUrl: 'xhttps://a.example' }, 'baseUrl must be an http(s) URL.'],
    [{ baseUrl: 'httpsx://a.example' }, 'baseUrl must be an http(s) URL.'],
    [{ baseUrl: 'https://user@a.example' }, credentials],
    [{ baseUrl: 'https://:password@a.example' }, credentials],
    [{ baseUrl: 'https://a.example?' }, credentials],
    [{ baseUrl: 'https://a.example#' }, credentials],
    [{ baseUrl: 'http://a.example' }, insecure],
    [{ baseUrl: 'http://a.example', allowInsecureHttp: 'yes' as unknown as boolean }, insecure],
    [{ baseUrl: 'http://xlocalhost' }, insecure],
    [{ baseUrl: 'http://localhost.example' }, insecure],
    [{ baseUrl: 'http://127.0.0.1.example' }, insecure],
    [{ baseUrl: 'http://128.0.0.1' }, insecure],
    [{ baseUrl: 'http://[::2]' }, insecure],
  ])('with %o: %s', (options, message) => {
    expect(() => new VortexClient(KEY, options)).toThrow(refusal(message));
  });

  test.each([
    ['http://a.example', 'VORTEX_API_BASE_URL must use https: off loopback, or set allowInsecureHttp.'],
    ['x', 'VORTEX_API_BASE_URL must be an http(s) URL.'],
    ['https://a.example?x', 'VORTEX_API_BASE_URL must hold no credentials, query or fragment.'],
  ])('of an environment that says %s', (value, message) => {
    vi.stubEnv('VORTEX_API_BASE_URL', value);
    try {
      expect(() => new VortexClient(KEY)).toThrow(refusal(message));
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test.each([
    ['', 'https://api.vortexsoftware.com/api/v1/invitations/i'],
    ['https://a.example/x/', 'https://a.example/x/api/v1/invitations/i'],
    ['https://a.example//api/v1//', 'https://a.example/api/v1/invitations/i'],
    ['https://a.example/api/v1/x', 'https://a.example/api/v1/x/api/v1/invitations/i'],
  ])('whose environment says %j calls %s', async (value, expected) => {
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

  test('sends what it must, and what it is given beside it', async () => {
    let sent: RequestInit = {};
    const fetch = async (_: unknown, init?: RequestInit) => {
      sent = init ?? {};
      return Response.json({ id: 'i' });
    };
    await new VortexClient(KEY, { fetch, headers: { accept: 'text/html', 'x-tenant': 't' } }).reinvite('i');
    expect(sent).toMatchObject({ method: 'POST', redirect: 'manual' });
    expect(sent).not.toHaveProperty('body');
    expect(sent.headers).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
      'x-api-key': KEY,
      'x-tenant': 't',
      'x-vortex-sdk-name': 'vortex-typescript',
      'x-vortex-sdk-version': expect.any(String),
    });
  });

  test.each(['\u00e9\u00ff', '~ ~'])('has a key that a header can carry: %s', async (secret) => {
    const fetch = async () => Response.json({ id: 'i' });
    expect(await new VortexClient(`VRTX.${ID}.${secret}`, { fetch }).getInvitation('i')).toEqual({ id: 'i' });
  });

  test.each(['\u0416', 'a\u0416', '\u0416a'])('has a key that can only sign: %s', async (secret) => {
    const message = 'apiKey has characters that no HTTP header can carry, so it can only sign.';
    const client = new VortexClient(`VRTX.${ID}.${secret}`, { fetch: async () => Response.json({ id: 'i' }) });
    await expect(client.getInvitation('i')).rejects.toThrow(refusal(message));
  });
});

describe('a mount', () => {
  type Options = VortexMountOptions<VortexUser, unknown>;
  const whole = (option: string) => `${option} must be a whole number above 0 and below 2^31.`;
  const origins = 'trustedOrigins must hold origins such as "https://app.example.com", without a path.';
  const rules = 'authorizeOperation must be a function or a map of rules; without it nobody may do anything.';
  const document = 'openapi must be a document, such as openApiDocument() makes.';
  const logger = 'logger must have the methods warn and error.';
  test.each<[object, string]>([
    [{ authenticateUser: undefined }, 'authenticateUser must be a function.'],
    [{ authenticateUser: 'x' }, 'authenticateUser must be a function.'],
    [{ baseUrl: 5 }, 'baseUrl must be text.'],
    [{ allowInsecureHttp: 'x' }, 'allowInsecureHttp must be true or false.'],
    [{ trustedOrigins: 'x' }, 'trustedOrigins must be a list.'],
    [{ trustedOrigins: [5] }, 'trustedOrigins.0 must be text.'],
    [{ trustedOrigins: ['https://a.example', 'x'] }, origins],
    [{ trustedOrigins: ['https://a.example/'] }, origins],
    [{ csrf: 'x' }, 'csrf must be one of standard, strict, off.'],
    [{ traceparent: 'x' }, 'traceparent must be one of forward, off.'],
    [{ jwt: 'x' }, 'jwt must be an object.'],
    [{ jwt: { format: 'x' } }, 'jwt.format must be one of jwt, token.'],
    [{ jwt: { attributes: {} } }, 'jwt.attributes must be a function.'],
    [{ jwt: { expires: '1h' } }, 'jwt must not have expires.'],
    [{ jwt: { expiresIn: '31d' } }, 'jwt.expiresIn must be at most 30 days.'],
    [{ jwt: { expiresIn: 30 * 86_400 + 1 } }, 'jwt.expiresIn must be at most 30 days.'],
    [
      { jwt: { expiresIn: 'x' } },
      'jwt.expiresIn is wrong: expiresIn "x" must be like "5m", "1h", "7d", or a number of seconds.',
    ],
    [{ trusted: true, csfr: 'off' }, 'The options must not have trusted, csfr.'],
    [{ onError: 'x' }, 'onError must be a function.'],
    [{ onResponse: 'x' }, 'onResponse must be a function.'],
    [{ hookTimeout: 0 }, whole('hookTimeout')],
    [{ timeout: '5' }, whole('timeout')],
    [{ timeout: -1, apiKey: () => KEY }, whole('timeout')],
    [
      { baseUrl: 'http://a.example', apiKey: () => KEY },
      'baseUrl must use https: off loopback, or set allowInsecureHttp.',
    ],
    [{ apiKey: `VRTX.${ID}.\u0416` }, 'apiKey has characters that no HTTP header can carry, so it can only sign.'],
    [{ client: {} }, 'client must be a VortexClient.'],
    [{ client: { getInvitation() {} } }, 'client must be a VortexClient.'],
    [{ client: { generateJwt() {} } }, 'client must be a VortexClient.'],
    [{ authorizeOperation: undefined }, rules],
    [{ authorizeOperation: null }, rules],
    [{ authorizeOperation: [] }, rules],
    [{ authorizeOperation: new Map() }, rules],
    [{ authorizeOperation: { X: true } }, 'authorizeOperation has a rule for X, which is no operation.'],
    [{ authorizeOperation: { JWT: 'x' } }, 'authorizeOperation.JWT must be true, false or a function.'],
    [{ authorizeOperation: { JWT: null } }, 'authorizeOperation.JWT must be true, false or a function.'],
    [{ actAs: [] }, 'actAs must be an object.'],
    [{ actAs: { X: 'anyone' } }, "actAs has X, which is no operation done in somebody's name."],
    [{ actAs: { toString: 'anyone' } }, "actAs has toString, which is no operation done in somebody's name."],
    [
      { actAs: { GET_INVITATIONS: 'anyone' } },
      "actAs has GET_INVITATIONS, which is no operation done in somebody's name.",
    ],
    [{ actAs: { CREATE_INVITATION: 'x' } }, 'actAs.CREATE_INVITATION must be "anyone" or "self".'],
    [{ onSuccess: 'x' }, 'onSuccess must be a function or a map of functions.'],
    [{ onSuccess: null }, 'onSuccess must be a function or a map of functions.'],
    [{ onSuccess: { X: () => {} } }, 'onSuccess has X, which is no operation.'],
    [{ onSuccess: { toString: () => {} } }, 'onSuccess has toString, which is no operation.'],
    [{ onSuccess: { JWT: 'x' } }, 'onSuccess.JWT must be a function.'],
    [{ openapi: 'x' }, document],
    [{ openapi: [] }, document],
    [{ logger: {} }, logger],
    [{ logger: { warn() {} } }, logger],
    [{ logger: { error() {} } }, logger],
    [{ logger: null }, logger],
  ])('with %o: %s', (wrong, message) => {
    const options = { apiKey: KEY, authenticateUser: () => null, authorizeOperation: {}, ...wrong } as Options;
    expect(() => createRoutes(options)).toThrow(refusal(message));
  });

  test('with a client of its own is without what that client was given', () => {
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
      const advice = 'give apiKey, baseUrl, allowInsecureHttp and timeout to it instead.';
      expect(build(more)).toThrow(refusal(`client stands alone: ${advice}`));
    }
  });

  test('without any: The options must be an object.', () => {
    expect(() => createRoutes(null as unknown as Options)).toThrow(refusal('The options must be an object.'));
  });

  test.each<[object]>([
    [{ jwt: { expiresIn: '30d' } }],
    [{ jwt: { expiresIn: 1 } }],
    [{ actAs: { CREATE_INVITATION: 'self', ACCEPT_INVITATIONS: undefined } }],
    [{ onSuccess: { JWT: undefined } }],
    [{ authorizeOperation: Object.assign(Object.create(null), { JWT: true }) }],
    [{ logger: console }],
    [{ trustedOrigins: ['http://localhost:3000'] }],
    [{ openapi: { openapi: '3.1.0' } }],
    [{ timeout: 2 ** 31 - 1 }],
  ])('may have %o', (options) => {
    const all = { apiKey: KEY, authenticateUser: () => null, authorizeOperation: {}, ...options } as Options;
    expect(() => createRoutes(all)).not.toThrow();
  });
});

describe('a webhook mount', () => {
  const missing = 'secret is missing: the webhook secret, which is not the API key.';
  const whole = (option: string) => `${option} must be a whole number above 0 and below 2^31.`;
  const store = 'store must have claim, complete and release.';
  const [claim, complete, release] = [() => 'new', () => {}, () => {}];
  test.each<[object, string]>([
    [{ secret: undefined }, missing],
    [{ secret: '' }, missing],
    [{ secret: [] }, 'VortexWebhooks requires a secret'],
    [{ secret: ['a', ''] }, 'VortexWebhooks requires a secret'],
    [{ secret: null }, 'VortexWebhooks requires a secret'],
    [{ secret: ' s' }, 'The webhook secret begins or ends with white space; copy it without.'],
    [{ maxAge: 0 }, 'maxAge must be a number of milliseconds above 0.'],
    [{ maxAge: 0, secret: () => 's' }, 'maxAge must be a number of milliseconds above 0.'],
    [{ maxAge: 'x' }, 'maxAge must be a number.'],
    [{ now: 5 }, 'now must be a function.'],
    [{ on: [] }, 'on must be an object.'],
    [{ on: { 'invitation.accepted': 5 } }, 'on.invitation.accepted must be a function.'],
    [{ onEvent: 5 }, 'onEvent must be a function.'],
    [{ onAnalyticsEvent: 5 }, 'onAnalyticsEvent must be a function.'],
    [{ onError: 5 }, 'onError must be a function.'],
    [{ store: {} }, store],
    [{ store: { claim, complete } }, store],
    [{ store: { claim, release } }, store],
    [{ store: { complete, release } }, store],
    [{ store: null }, store],
    [{ logger: {} }, 'logger must have the methods warn and error.'],
    [{ lease: 0 }, whole('lease')],
    [{ timeout: 2 ** 31 }, whole('timeout')],
    [{ onevent: () => {} }, 'The options must not have onevent.'],
  ])('with %o: %s', (wrong, message) => {
    expect(() => createWebhookEndpoint({ secret: 's', ...wrong })).toThrow(refusal(message));
  });

  test.each<[object]>([[{ store: { claim, complete, release } }], [{ on: { 'invitation.accepted': undefined } }]])(
    'may have %o',
    (options) => {
      expect(() => createWebhookEndpoint({ secret: 's', ...options })).not.toThrow();
    },
  );
});

test.each<[object, string]>([
  [{ max: 0 }, 'max must be a whole number above 0.'],
  [{ max: 1.5 }, 'max must be a whole number above 0.'],
  [{ retention: 0 }, 'retention must be a whole number above 0.'],
  [{ retention: '1' }, 'retention must be a whole number above 0.'],
])('a store with %o: %s', (options, message) => {
  expect(() => memoryStore(options)).toThrow(refusal(message));
});
