/**
 * The exact sentences of core, in one place. Other tests compare codes, reasons and the names of options and fields, so
 * that a reworded sentence changes this file only.
 */
import {
  memoryStore,
  type OperationName,
  VortexClient,
  type VortexClientOptions,
  VortexError,
  type VortexErrorCode,
  VortexWebhooks,
} from '@vortex/core';
import { bodyFromKept, createRoutes, requireOptionsOnly, TooLargeError } from '@vortex/core/adapter';
import { type RedisClient, redisStore } from '@vortex/core/redis';
import { type PostgresClient, sqlStore } from '@vortex/core/sql';
import { fixedClock, readToken } from '@vortex/core/testing';
import { describe, expect, test, vi } from 'vitest';
import {
  type Delivery,
  failure,
  KEY,
  mount,
  type Options,
  perform,
  type Sent,
  type WebhookOptions,
} from './helpers.ts';

/** The sentence of a code, which a reply carries unless the error has a more exact one. A reply of 500 or more always does. */
const sentences: Record<VortexErrorCode, string> = {
  CONFIG: 'The server is not configured correctly.',
  BAD_AUTH_RESULT: 'The server could not tell who you are.',
  INTERNAL: 'Something went wrong.',
  HOOK_TIMEOUT: 'The server did not answer in time.',
  BODY_CONSUMED: 'The server could not read the request body.',
  RAW_BODY_REQUIRED: 'The server could not read the raw bytes of the webhook.',
  STORE_UNAVAILABLE: 'The webhook store is not available. Deliver again later.',
  EVENT_IN_FLIGHT: 'The event is being handled. Deliver again later.',
  INVALID_SIGNATURE: 'The webhook signature is not valid.',
  STALE_EVENT: 'The event is too old or from the future.',
  INVALID_ARGUMENT: 'An argument is not valid.',
  INVALID_REQUEST: 'The request is not valid.',
  UNAUTHENTICATED: 'Sign in first.',
  FORBIDDEN: 'You may not do this.',
  IDENTITY_MISMATCH: 'You may do this only in your own name.',
  CROSS_SITE_REQUEST: 'The request comes from another site.',
  NOT_FOUND: 'Not found.',
  METHOD_NOT_ALLOWED: 'The path does not support this method.',
  REQUEST_TIMEOUT: 'The request body did not arrive in time.',
  PAYLOAD_TOO_LARGE: 'The request body is too large.',
  UNSUPPORTED_MEDIA_TYPE: 'The request body must be JSON.',
  UPSTREAM_INVALID: 'The Vortex API rejected the request as invalid.',
  UPSTREAM_CONFLICT: 'The Vortex API rejected the request because of a conflict.',
  UPSTREAM_UNPROCESSABLE: 'The Vortex API could not process the request.',
  RATE_LIMITED: 'Too many requests. Try again later.',
  ABORTED: 'The call was aborted.',
  UPSTREAM_AUTH: 'The Vortex API rejected the server.',
  UPSTREAM_UNREACHABLE: 'The Vortex API cannot be reached.',
  UPSTREAM_BAD_RESPONSE: 'The Vortex API answered with an unexpected status, type or shape.',
  UPSTREAM_ERROR: 'The Vortex API failed.',
  OVERLOADED: 'Too many calls to the Vortex API are in flight. Try again later.',
  OUTCOME_UNKNOWN: 'The Vortex API gave no answer that can be read. The change may or may not have been made.',
  UPSTREAM_UNAVAILABLE: 'The Vortex API is not available. Try again later.',
  UPSTREAM_TIMEOUT: 'The Vortex API did not answer in time.',
};

test.each(Object.entries(sentences) as [VortexErrorCode, string][])('the code %s says: %s', (code, sentence) => {
  expect(new VortexError(code).message).toBe(sentence);
});

const ID = 'Pxwrep1OTGuKHw4tPEtaaQ';
const client = (options: VortexClientOptions = {}) => new VortexClient(KEY, options);
const key = (text: unknown) => () => new VortexClient(text as string);
const mountOf = (options: object) => () =>
  createRoutes({ apiKey: KEY, authenticateUser: () => null, authorizeOperation: {}, ...options });
const sqlOf = (given: unknown) => () => sqlStore(given as PostgresClient);

/** The shape of a client of node-redis 4 with `legacyMode`. */
class LegacyRedis {
  isOpen = true;
  options = { legacyMode: true };
  eval() {}
  sendCommand() {}
}

const FOR_REDIS =
  'For another client, pass an object: { eval: (script, { keys, arguments: args }) => client.eval(script, keys, args) }.';

describe('errors of the configuration', () => {
  test.each<[string, () => unknown]>([
    ['apiKey is missing. Is its environment variable set? It has the form VRTX.<id>.<secret>.', key(undefined)],
    ['apiKey is missing. Is its environment variable set? It has the form VRTX.<id>.<secret>.', key(null)],
    ['apiKey must be text of the form VRTX.<id>.<secret>, not object.', key({ apiKey: KEY })],
    ['apiKey is empty. Is its environment variable set? It has the form VRTX.<id>.<secret>.', key('')],
    ['apiKey is empty. Is its environment variable set? It has the form VRTX.<id>.<secret>.', key(' \n')],
    [
      'apiKey is the key of the emulator, and api.vortexsoftware.com is not an emulator. Set the key of your Vortex account, or set baseUrl or VORTEX_API_BASE_URL to the URL of the emulator.',
      () => new VortexClient('VRTX.wP_uAA5NShufWsD_7gAOTQ.emulator-key-not-a-secret'),
    ],
    ['apiKey must have the form VRTX.<id>.<secret>; a part is missing.', key('VRTX')],
    ['apiKey must have the form VRTX.<id>.<secret>; it has 4 parts instead of 3.', key(`${KEY}.more`)],
    ['apiKey must start with "VRTX.", in upper case and without quotes or spaces before it.', key(`vrtx.${ID}.secret`)],
    [
      'apiKey has surrounding white space, white space in its id, or a control character; fix it where the variable is set.',
      key(`${KEY} `),
    ],
    ['apiKey has an <id> that is not base64url of 16 bytes (22 characters).', key('VRTX.!!!!.secret')],
    [
      'apiKey has characters that no HTTP header can carry, so it can only sign.',
      mountOf({ apiKey: `VRTX.${ID}.\u0416` }),
    ],
    ['baseUrl must be text.', () => client({ baseUrl: 5 as never })],
    ['timeout must be a whole number of milliseconds above 0 and below 2^31.', () => client({ timeout: 0 })],
    ['headers must hold only names and values that HTTP allows.', () => client({ headers: { 'a b': 'c' } })],
    [
      'headers["expect"] cannot be set, since the connection has its own. Remove it.',
      () => client({ headers: { Expect: '100-continue' } }),
    ],
    ['baseUrl must be an http(s) URL such as "https://api.vortexsoftware.com".', () => client({ baseUrl: 'x' })],
    [
      'baseUrl must be an http(s) URL such as "https://api.vortexsoftware.com"; it is empty. Leave it undefined for the default.',
      () => client({ baseUrl: '' }),
    ],
    ['baseUrl must not hold credentials, a query or a fragment.', () => client({ baseUrl: 'https://a.example?' })],
    [
      'baseUrl must use https: off loopback. On a private network, set allowInsecureHttp.',
      () => client({ baseUrl: 'http://a.example' }),
    ],
    ['The options must be an object.', () => createRoutes(null as never)],
    ['The options must be an object.', () => client(null as never)],
    ['The options are required, as an object.', () => createRoutes(undefined as never)],
    [
      'The options must be an object and not a promise; await it.',
      () => createRoutes(Promise.resolve({}) as unknown as never),
    ],
    [
      'retries is not an option. The options are baseUrl, allowInsecureHttp, timeout, maxInFlight, maxResponseBytes, fetch, headers, onCall.',
      () => client({ retries: 3 } as VortexClientOptions),
    ],
    ['trustedOrigin is not an option. Did you mean trustedOrigins?', mountOf({ trustedOrigin: [] })],
    ['authenticateUser must be a function.', mountOf({ authenticateUser: 'x' })],
    ['baseUrl must be text or a function.', mountOf({ baseUrl: 5 })],
    ['allowInsecureHttp must be true or false.', mountOf({ allowInsecureHttp: 'x' })],
    ['trustedOrigins must be a list of origins, or a function.', mountOf({ trustedOrigins: 'x' })],
    [
      'trustedOrigins must hold origins without a path, such as "https://app.example.com"; "x" is none.',
      mountOf({ trustedOrigins: ['x'] }),
    ],
    ...[
      ['"https://App.example.com"', 'https://app.example.com', 'https://App.example.com'],
      ['"https://app.example.com/"', 'https://app.example.com', 'https://app.example.com/'],
      ['"HTTPS://app.example.com:443"', 'https://app.example.com', 'HTTPS://app.example.com:443'],
      ['(not printable)', 'https://xn--mnchen-3ya.example', 'https://m\u00fcnchen.example'],
    ].map(([quoted, right, origin]): [string, () => unknown] => [
      `trustedOrigins must hold origins without a path, such as "https://app.example.com"; ${quoted} is none. Write "${right}".`,
      mountOf({ trustedOrigins: [origin] }),
    ]),
    ['csrf must be one of standard, strict, off.', mountOf({ csrf: 'x' })],
    ['jwt must be an object.', mountOf({ jwt: 'x' })],
    ['jwt.ttl is not an option. Did you mean expiresIn?', mountOf({ jwt: { ttl: '1h' } })],
    ['jwt.expiresIn must be at most 30 days.', mountOf({ jwt: { expiresIn: '31d' } })],
    [
      'jwt.expiresIn must be a number of seconds or text such as "5m", "1h" or "7d", not "x".',
      mountOf({ jwt: { expiresIn: 'x' } }),
    ],
    ['client must be a VortexClient, or a function that returns one.', mountOf({ client: {} })],
    [
      `client must be a Redis client of ioredis or node-redis, with eval. ${FOR_REDIS}`,
      () => redisStore({} as RedisClient),
    ],
    [
      `client is of Upstash, whose eval has other parameters. ${FOR_REDIS}`,
      () => redisStore({ eval: async () => 'new', createScript() {} } as RedisClient),
    ],
    [
      `client is not of ioredis or node-redis. ${FOR_REDIS}`,
      () => redisStore(Object.assign(new (class Other {})(), { eval: async () => 'new' })),
    ],
    [
      'client is a legacy client of node-redis, which takes callbacks. Pass client.v4.',
      () => redisStore(new LegacyRedis() as never),
    ],
    ['client is of MySQL, which has no RETURNING. Use transactionalStore.', sqlOf({ query() {}, execute() {} })],
    ['client is of MySQL, which has no RETURNING. Use transactionalStore.', sqlOf({ query() {}, escapeId() {} })],
    [
      'client is of an unknown kind. Pass a client of pg, PGlite, Neon, D1, node:sqlite, better-sqlite3, libSQL or Turso, or a function (text, parameters) => rows and its dialect.',
      sqlOf({}),
    ],
    ['dialect must be postgres or sqlite if client is a function.', sqlOf(() => [])],
    [
      'table must be a name such as vortex_webhooks or app.vortex_webhooks, and not excluded.',
      () => sqlStore({ query: async () => [] }, { table: 'a; DROP TABLE b' }),
    ],
    [
      'table must be a name such as vortex_webhooks or app.vortex_webhooks, and not excluded.',
      () => sqlStore({ query: async () => [] }, { table: 'app.EXCLUDED' }),
    ],
    [
      'client cannot be combined with apiKey, baseUrl, allowInsecureHttp or timeout. Pass these to the client.',
      mountOf({ client: client() }),
    ],
    [
      'authorizeOperation must be a function, or an object with a rule per operation. Without it, every operation is denied.',
      mountOf({ authorizeOperation: undefined }),
    ],
    ['authorizeOperation.X is not an operation.', mountOf({ authorizeOperation: { X: true } })],
    [
      'authorizeOperation must be a function or an object, and not a promise; await it.',
      mountOf({ authorizeOperation: Promise.resolve({}) }),
    ],
    [
      'authorizeOperation.JWT has 4 parameters. A rule is called as (op, user, context); the context is the request.',
      mountOf({ authorizeOperation: { JWT: (_a: 1, _b: 2, _c: 3, _d: 4) => true } }),
    ],
    [
      'authorizeOperation has 4 parameters. A rule is called as (op, user, context); the context is the request.',
      mountOf({ authorizeOperation: (_a: 1, _b: 2, _c: 3, _d: 4) => true }),
    ],
    ['authorizeOperation.JWT must be true, false or a function.', mountOf({ authorizeOperation: { JWT: 'x' } })],
    ['actAs must be an object.', mountOf({ actAs: [] })],
    [
      'actAs.X is not an operation that is bound to the caller. These are CREATE_INVITATION, ACCEPT_INVITATIONS, SYNC_INTERNAL_INVITATION.',
      mountOf({ actAs: { X: 'anyone' } }),
    ],
    ['actAs.CREATE_INVITATION must be "anyone", or absent.', mountOf({ actAs: { CREATE_INVITATION: 'x' } })],
    ['onSuccess must be a function, or an object with a function per operation.', mountOf({ onSuccess: 'x' })],
    ['onSuccess.X is not an operation.', mountOf({ onSuccess: { X: () => {} } })],
    ['onSuccess.JWT must be a function.', mountOf({ onSuccess: { JWT: 'x' } })],
    ['openapi must be a document, such as the result of openApiDocument().', mountOf({ openapi: 'x' })],
    ['logger must have the methods warn and error.', mountOf({ logger: {} })],
    [
      'secret is missing. Set the webhook secret, which is not the API key.',
      () => mount({ secret: undefined as unknown as string }),
    ],
    ['secret is missing. Set the webhook secret, which is not the API key.', () => mount({ secret: '' })],
    ['VortexWebhooks requires a secret', () => new VortexWebhooks({ secret: [] })],
    ['VortexWebhooks requires a secret', () => new VortexWebhooks({ secret: '' })],
    ['VortexWebhooks requires a secret', () => new VortexWebhooks({ secret: null as never })],
    [
      'secret must be text or a list of texts. Set the webhook secret, which Vortex shows with the URL of the webhook.',
      () => mount({ secret: 42 as never }),
    ],
    [
      'secret must be text or a list of texts; secret[1] is empty. Set its variable, or remove the entry.',
      () => mount({ secret: ['a', ''] }),
    ],
    [
      'secret must be text or a list of texts; secret[1] is not text. Set its variable, or remove the entry.',
      () => mount({ secret: [undefined, null as never] }),
    ],
    [
      'secret is an API key (VRTX.…). Set the webhook secret, which Vortex shows with the URL of the webhook.',
      () => new VortexWebhooks({ secret: KEY }),
    ],
    [
      'secret is an API key (VRTX.…). Set the webhook secret, which Vortex shows with the URL of the webhook.',
      () => new VortexWebhooks({ secret: ['whsec', ` ${KEY}`] }),
    ],
    [
      "The webhook has no handler. Add on: { 'invitation.accepted': (event) => … }, onEvent or onAnalyticsEvent.",
      () => mount({ on: {} }),
    ],
    [
      'vortexRouter takes one argument, its options. Call it where you mount it: app.use(vortexRouter(options)).',
      () => requireOptionsOnly('vortexRouter', [{}], 'app.use(vortexRouter(options))'),
    ],
    [
      'secret has surrounding white space; fix it where the variable is set.',
      () => new VortexWebhooks({ secret: ' s' }),
    ],
    ...[0, Number.NaN, Number.POSITIVE_INFINITY].map((maxAge): [string, () => unknown] => [
      'maxAge must be a finite number of milliseconds above 0. Leave it out for no limit.',
      () => mount({ maxAge }),
    ]),
    ['maxAge must be a number.', () => mount({ maxAge: 'x' as unknown as number })],
    ['on must be an object.', () => mount({ on: [] as object })],
    ['on.invitation.accepted must be a function.', () => mount({ on: { 'invitation.accepted': 5 as never } })],
    [
      'answerWithin must be a whole number of milliseconds above 0 and below 2^31.',
      () => mount({ answerWithin: 2 ** 31 }),
    ],
    ['lease must be a whole number of milliseconds above 0 and below 2^31.', () => mount({ lease: 2 ** 31 })],
    [
      'bodyTimeout must be a whole number of milliseconds above 0 and below 2^31.',
      () => mount({ bodyTimeout: 2 ** 31 }),
    ],
    ['onEvent must be a function.', () => mount({ onEvent: 5 as unknown as () => void })],
    [
      'store must have the methods claim, complete and release, or come from transactionalStore.',
      () => mount({ store: {} as never }),
    ],
    ['logger must have the methods warn and error.', () => mount({ logger: {} as never })],
    ['maxEvents must be a whole number of events above 0.', () => memoryStore({ maxEvents: 0 })],
    ['retention must be a whole number of milliseconds above 0.', () => memoryStore({ retention: 0 })],
    ['maxInFlight must be a whole number of calls above 0 and below 2^31.', () => client({ maxInFlight: 0 })],
    ['maxResponseBytes must be a whole number of bytes above 0 and below 2^31.', () => client({ maxResponseBytes: 0 })],
  ])('an error of the configuration says: %s', async (sentence, build) => {
    expect(await failure(build)).toMatchObject({ code: 'CONFIG', message: sentence });
  });
});

const EMPTY = { widgetConfigurationId: 'w', target: { type: 'email', value: 'a@b.example' } } as const;
const creating = (fields: object) =>
  client({ fetch: async () => Response.json({ id: 'i' }) }).createInvitation({
    ...EMPTY,
    inviter: { userId: 'u' },
    ...fields,
  });

describe('errors of an argument', () => {
  const user = { id: 'u' };
  const expiring = (expiresIn: unknown) => () => client().generateToken({ user }, { expiresIn: expiresIn as '1h' });
  const handling = (handlers: unknown) => () =>
    new VortexWebhooks({ secret: 's' }).handleEvent({} as never, handlers as never);
  test.each<[string, () => unknown]>([
    ['expiresIn must be a whole number of seconds above 0, not 0.', expiring(0)],
    ['expiresIn must be a number of seconds or text such as "1h".', expiring(null)],
    ['expiresIn must be a number of seconds or text such as "5m", "1h" or "7d", not "5s".', expiring('5s')],
    ['expiresIn must be longer than 0, not "0m".', expiring('0m')],
    ['payload must be an object.', () => client().generateToken('x' as never)],
    ['params.user must be an object.', () => client().generateJwt({} as never)],
    ['user must be an object.', () => client().sign(null as never)],
    ['user.id or user.userId is required.', () => client().sign({ email: 'a@b.example' })],
    ['adminScopes must be a list of text.', () => client().sign({ ...user, adminScopes: 'x' as never })],
    [
      'user.adminScopes must be a list of text.',
      () => client().generateToken({ user: { ...user, adminScopes: 'x' as never } }),
    ],
    [
      'params.expires would replace the claim "expires", which is computed from the user; use another name.',
      () => client().generateJwt({ user, expires: 5 } as never),
    ],
    ['The value cannot be written as JSON.', () => client().generateToken({ user, vars: { big: 1n } })],
    ['invitation must be an object.', () => client().createInvitation(undefined as never)],
    ['invitation.target must be an object.', () => client().createInvitation({} as never)],
    ['settings must be an object.', () => client().configureAutojoin(undefined as never)],
    [
      'invitationIds must be a list of at least one id.',
      () => client().acceptInvitations([], { email: 'a@b.example' }),
    ],
    ['user must be an object.', () => client().acceptInvitation('i', undefined as never)],
    ['signal must be an AbortSignal.', () => client().getInvitation('i', { signal: 'x' as never })],
    ['decision must be an object.', () => client().syncInternalInvitation(undefined as never)],
    ['targetValue must be text and not empty.', () => client().getInvitationsByTarget('email', '')],
    ['targetValue must be well-formed Unicode.', () => client().getInvitationsByTarget('email', 'a\ud800')],
    ['targetType must be text and not empty.', () => client().getInvitationsByTarget(undefined as never, 'x')],
    [
      'An argument of the call cannot be read; see the cause.',
      () =>
        client().configureAutojoin({
          get scope(): string {
            throw new Error('no');
          },
        } as never),
    ],
    ['The handlers are required, as an object.', handling(undefined)],
    ['handlers must be an object.', handling(5)],
    ['handlers must be an object.', handling([])],
    ['The handlers must be an object and not a promise; await it.', handling(Promise.resolve({}))],
    ['handlers.on must be an object.', handling({ on: 5 })],
    ['handlers.on.invitation.accepted must be a function.', handling({ on: { 'invitation.accepted': 5 } })],
    ['handlers.onEvent must be a function.', handling({ onEvent: 5 })],
    ['handlers.onEvents is not a handler. Did you mean onEvent?', handling({ onEvents: () => {} })],
    [
      'handlers.x is not a handler. The handlers are on, onEvent, onAnalyticsEvent, onError.',
      handling({ onEvent: () => {}, x: {} }),
    ],
    ['The token was not signed with this API key.', () => readToken('a.b.c', KEY)],
    ['start must be a date.', () => fixedClock('x')],
    ['invitationId must be text and not empty.', () => client().getInvitation('')],
    ['invitationId must be text and not empty.', () => client().getInvitation(5 as never)],
    ['scope must be text and not empty.', () => client().getInvitationsByScope('team', '')],
    ['scopeType must be text and not empty.', () => client().getAutojoinDomains(undefined as never, 'x')],
    ['invitationId must not be "." or ".." in any encoding.', () => client().getInvitation('..')],
    ['invitationId must be well-formed Unicode.', () => client().getInvitation('a\ud800')],
    ['invitationId must have at most 1000 characters.', () => client().getInvitation('x'.repeat(1001))],
    ['The value cannot be written as JSON.', () => creating({ metadata: { big: 1n } })],
    ['scopeType and scopeName require scopeId.', () => creating({ scopeType: 't' })],
    [
      'user.type must be email or phone to accept, not username.',
      () => client().acceptInvitation('i', { type: 'username' as 'email', value: 'ann' }),
    ],
    ['user.email or user.phone is required to accept.', () => client().acceptInvitation('i', { name: 'Ann' })],
    ['user must not be an empty list of targets.', () => client().acceptInvitations(['i'], [])],
    [
      'jwt.payload must not return user. authenticateUser gives the user.',
      async () => {
        throw (await perform('JWT', {}, { jwt: { payload: () => ({ user: 'x' }) } })).reported[0]?.cause;
      },
    ],
    ['traceparent must be a W3C Trace Context header.', () => client().getInvitation('i', { traceparent: 'x' })],
    [
      'body must be the raw body, as bytes or text, and not a parsed value.',
      () => new VortexWebhooks({ secret: 's' }).verifySignature({} as string, 'x'),
    ],
  ])('an error of an argument says: %s', async (sentence, call) => {
    expect(await failure(call)).toMatchObject({ code: 'INVALID_ARGUMENT', message: sentence });
  });
});

describe('errors of the Vortex API', () => {
  const ORIGIN = 'https://api.example';
  /** A client whose every call ends in this way. */
  const ending = (answer: Response | Error) =>
    client({
      baseUrl: ORIGIN,
      fetch: async () => {
        if (answer instanceof Error) throw answer;
        return answer.clone();
      },
    });
  const broken = (code: string) => ending(Object.assign(new Error('no connection'), { code }));
  const status = (code: number) => ending(new Response('', { status: code }));
  const cutOff = new ReadableStream({ start: (controller) => controller.error(new Error('reset')) });
  test.each<[string, VortexClient]>([
    [`The Vortex API at ${ORIGIN} cannot be reached. Check baseUrl and the network.`, broken('ECONNREFUSED')],
    [`The TLS certificate of the Vortex API at ${ORIGIN} is not trusted.`, broken('CERT_HAS_EXPIRED')],
    [
      `The Vortex API at ${ORIGIN} refused the TLS connection. It may require a client certificate, or another version of TLS or HTTP.`,
      broken('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
    ],
    [`The Vortex API at ${ORIGIN} did not accept a connection in time.`, broken('UND_ERR_CONNECT_TIMEOUT')],
    [`The Vortex API at ${ORIGIN} closed the connection.`, broken('ECONNRESET')],
    [
      'The Vortex API at https://api.example closed the connection in the middle of its reply.',
      ending(new Response(cutOff)),
    ],
    [
      'The reply of the Vortex API at https://api.example is larger than maxResponseBytes.',
      client({ baseUrl: ORIGIN, maxResponseBytes: 5, fetch: async () => new Response('{"id":"i"}') }),
    ],
    ['The Vortex API answered 302. Redirects are not followed; check baseUrl.', status(302)],
    // The `fetch` of a browser hides the status of a redirect.
    ['The Vortex API answered 0. Redirects are not followed; check baseUrl.', ending(Response.error())],
    [`The Vortex API at ${ORIGIN} rejected the API key. Check that apiKey and baseUrl belong together.`, status(401)],
    [`The Vortex API at ${ORIGIN} answered 402.`, status(402)],
    [
      `The Vortex API at ${ORIGIN} answered with a body that is not JSON. Check baseUrl.`,
      ending(new Response('<html>')),
    ],
    [
      `The Vortex API at ${ORIGIN} answered 404 with a body that is not JSON. Check baseUrl.`,
      ending(new Response('<html>', { status: 404 })),
    ],
    ['The Vortex API answered with an unexpected shape: the body is not an object.', ending(Response.json([]))],
    ['The Vortex API answered with an unexpected shape: id is not text.', ending(Response.json({ id: 5 }))],
  ])('an error of the Vortex API says: %s', async (sentence, failing) => {
    expect((await failure(failing.getInvitation('i'))).message).toBe(sentence);
  });

  test.each<[string, VortexErrorCode, VortexClient]>([
    [
      `The Vortex API at ${ORIGIN} closed the connection. The change may have been made.`,
      'OUTCOME_UNKNOWN',
      broken('ECONNRESET'),
    ],
    [
      `The Vortex API at ${ORIGIN} answered with something that is not HTTP. Check the port of baseUrl. The change may have been made.`,
      'OUTCOME_UNKNOWN',
      broken('HPE_INVALID_CONSTANT'),
    ],
    [
      `The Vortex API at ${ORIGIN} answered 404 to a creation. Check baseUrl.`,
      'UPSTREAM_BAD_RESPONSE',
      ending(Response.json({ message: 'none' }, { status: 404 })),
    ],
    ['taken', 'UPSTREAM_CONFLICT', ending(Response.json({ message: 'taken' }, { status: 409 }))],
  ])('an error of a creation says: %s', async (message, code, failing) => {
    const creating = failing.createInvitation({ ...EMPTY, inviter: { userId: 'u' } });
    expect(await failure(creating)).toMatchObject({ code, message });
  });

  test.each([
    [0, 'UPSTREAM_BAD_RESPONSE', ''],
    [200, 'OUTCOME_UNKNOWN', ' The change may have been made.'],
    [299, 'OUTCOME_UNKNOWN', ' The change may have been made.'],
    [300, 'UPSTREAM_BAD_RESPONSE', ''],
    [500, 'UPSTREAM_BAD_RESPONSE', ''],
  ])('a deletion whose reply of the status %i breaks off is %s', async (status, code, more) => {
    const cut = new ReadableStream({ start: (controller) => controller.error(new Error('reset')) });
    const fetch = async () => ({ status, headers: new Headers(), body: cut });
    const failing = client({ baseUrl: ORIGIN, fetch });
    expect(await failure(failing.revokeInvitation('i'))).toMatchObject({
      code,
      message: `The Vortex API at ${ORIGIN} closed the connection in the middle of its reply.${more}`,
    });
  });

  test('the error of a deletion that Vortex does not answer says that the change may have been made', async () => {
    const silent = client({ timeout: 10, fetch: () => new Promise<never>(() => {}) });
    expect(await failure(silent.revokeInvitation('i'))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: 'The Vortex API did not answer within 10 ms. The change may have been made.',
    });
  });

  test('the error of a closed client says when to close it', async () => {
    const closed = status(200);
    await closed.close();
    const sentence = 'The client is closed. Close it after the last call, or create another one.';
    expect((await failure(closed.getInvitation('i'))).message).toBe(sentence);
  });

  const list = (c: VortexClient) => c.getInvitationsByScope('t', 's');
  const sync = (c: VortexClient) =>
    c.syncInternalInvitation({ creatorId: 'a', targetValue: 'b', action: 'accepted', componentId: 'c' });
  test.each<[string, (client: VortexClient) => Promise<unknown>, object]>([
    ['The Vortex API answered with an unexpected shape: the body is not an object.', list, []],
    ['The Vortex API answered with an unexpected shape: invitations is not a list.', list, {}],
    ['The Vortex API answered with an unexpected shape: invitations.0 is not an object.', list, { invitations: [5] }],
    [
      'The Vortex API answered with an unexpected shape: invitations is not a list with an entry.',
      (c) => c.acceptInvitation('i', { email: 'a@b.example' }),
      { invitations: [] },
    ],
    [
      'The Vortex API answered with an unexpected shape: autojoinDomains is not a list.',
      (c) => c.getAutojoinDomains('t', 's'),
      {},
    ],
    ['The Vortex API answered with an unexpected shape: processed is not a number.', sync, {}],
    ['The Vortex API answered with an unexpected shape: invitationIds is not a list.', sync, { processed: 1 }],
  ])('an error of the Vortex API says: %s', async (sentence, call, body) => {
    expect((await failure(call(ending(Response.json(body))))).message).toBe(sentence);
  });
});

describe('replies', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
  const accept = (body: Partial<Sent>): [OperationName, Sent] => ['ACCEPT_INVITATIONS', body];
  const get = (url: string): [OperationName, Sent] => ['GET_INVITATION', { url: `/invitations/${url}` }];
  const noting = (note: string) => accept({ json: 1, body: async () => bodyFromKept(`{"note":${note}}`) });
  const list = (query: string): [OperationName, Sent] => [
    'GET_GROUP_INVITATIONS',
    { url: `/invitations/by-scope/t/s?${query}` },
  ];
  const from = (headers: Record<string, string>): [OperationName, Sent] => ['JWT', { headers }];
  /** A rule throws this error. */
  const refusing = (...error: ConstructorParameters<typeof VortexError>): [OperationName, Sent, Options] => [
    'JWT',
    {},
    { authorizeOperation: () => Promise.reject(new VortexError(...error)) },
  ];
  test.each<[string, [OperationName, Sent, Options?]]>([
    ['The request comes from another site.', from({ origin: 'null', host: 'h.example' })],
    ['The request comes from another site.', ['JWT', {}, { csrf: 'strict' }]],
    ['The request body must be a JSON object.', accept({ json: [1] })],
    ['The request body must be a JSON object.', accept({ json: [] })],
    ['The request body must be a JSON object.', accept({ json: 'text' })],
    ['The request body must be a JSON object.', accept({ json: null })],
    ['The request body must be a JSON object.', ['JWT', { json: 5 }]],
    ['The request body must not hold more than 10000 values.', accept({ json: Array(10_000).fill(0) })],
    ['The request body must not be nested more than 32 levels deep.', accept({ json: nested(33) })],
    ['The request body is not valid JSON in UTF-8.', accept({ json: 1, body: async () => bodyFromKept('{') })],
    ['A JSON object is required as the request body.', accept({})],
    ['Send the body without a Content-Encoding.', accept({ headers: { 'content-encoding': 'gzip' }, json: {} })],
    [
      'Send the body as Content-Type: application/json, in UTF-8.',
      accept({ headers: { 'content-type': 'text/plain' }, json: {} }),
    ],
    [
      'The request body is over 64 kB.',
      accept({ json: 1, body: () => Promise.reject(new TooLargeError('over 65536 bytes')) }),
    ],
    [
      'The caller disconnected before the request body was complete.',
      accept({ json: 1, body: () => Promise.reject(new Error('reset')) }),
    ],
    ['You are not in this team.', refusing('FORBIDDEN', 'You are not in this team.')],
    [
      'The name is taken.',
      refusing('FORBIDDEN', 'The name is taken.', { issues: [{ path: 'name', message: 'is taken' }] }),
    ],
    ['There is no such team.', refusing('NOT_FOUND', 'There is no such team.')],
    ['Not found.', refusing('NOT_FOUND', 'The Vortex API answered 404.', { upstreamStatus: 404 })],
    ['The path and the query must be percent-encoded UTF-8.', get('%ff')],
    ['The query is over 2048 characters.', list('x'.repeat(2049))],
    ['The request is not valid.', get('a%2Fb')],
    [
      'You may accept only as yourself: with your own name, and your own verified e-mail address or phone number.',
      accept({ json: { invitationIds: ['i'], user: { email: 'ben@orchard.example' } } }),
    ],
    [
      'You may not invite addresses of this e-mail domain.',
      ['CREATE_INVITATION', { json: EMPTY, user: { id: 'u', allowedEmailDomains: ['c.example'] } }],
    ],
    ['You may invite only as yourself.', ['CREATE_INVITATION', { json: { ...EMPTY, inviter: { userId: 'u-ben' } } }]],
    [
      'You may decide only about invitations to yourself.',
      [
        'SYNC_INTERNAL_INVITATION',
        { json: { creatorId: 'c', targetValue: 'u-ben', action: 'accepted', componentId: 'c' } },
      ],
    ],
  ])('a reply says: %s', async (sentence, [operation, sent, options]) => {
    expect((await perform(operation, sent, options)).answer.error).toBe(sentence);
  });

  test.each<[string, [OperationName, Sent, Options?]]>([
    ['start must not be repeated.', list('start=1&start=2')],
    ['start must be a whole number.', list('start=1x')],
    ['invitationId must not hold a slash.', get('a%2Fb')],
    ['invitationId must not be a dot segment.', get('%2e%2e')],
    ['invitationId must not hold control characters.', get('a%07')],
    ['invitationId must have at most 100 characters.', get('x'.repeat(101))],
    ['note.0 must be a number that JSON can keep.', noting('[1e999]')],
    ['note.0 must be well-formed Unicode.', noting('["\\ud800"]')],
    ['note.a\ufffd must be well-formed Unicode.', noting('{"a\\ud800":1}')],
    ['note must have at most 1000 entries.', noting(JSON.stringify({ ...Array(1001).fill(0) }))],
    [
      'note must be a number that JSON can keep.',
      accept({ json: 1, body: async () => ({ kind: 'parsed', value: { note: 5n } }) }),
    ],
    [
      'user must have email or phone.',
      [
        'ACCEPT_INVITATIONS',
        { json: { invitationIds: ['i'] }, user: { id: 1 } },
        { actAs: { ACCEPT_INVITATIONS: 'anyone' } },
      ],
    ],
  ])('an issue of a reply says: %s', async (sentence, [operation, sent, options]) => {
    const [issue] = (await perform(operation, sent, options)).answer.issues ?? [];
    expect(`${issue?.path} ${issue?.message}.`).toBe(sentence);
  });

  const create = (fields: object): [OperationName, object] => ['CREATE_INVITATION', { ...EMPTY, ...fields }];
  const to = (type: string, value: string) => create({ target: { type, value } });
  const configure = (domains: string[]): [OperationName, object] => [
    'CONFIGURE_AUTOJOIN',
    { scope: 's', scopeType: 't', componentId: 'c', domains },
  ];
  test.each<[string, [OperationName, object]]>([
    ['widgetConfigurationId is required.', create({ widgetConfigurationId: undefined })],
    ['widgetConfigurationId must be text.', create({ widgetConfigurationId: 5 })],
    ['widgetConfigurationId must be text.', create({ widgetConfigurationId: null })],
    ['source must be text.', create({ source: [] })],
    ['widgetConfigurationId must not be empty.', create({ widgetConfigurationId: '' })],
    ['widgetConfigurationId must have at most 1000 characters.', create({ widgetConfigurationId: 'x'.repeat(1001) })],
    [
      'templateVariables.a must have at most 10000 characters.',
      create({ templateVariables: { a: 'x'.repeat(10_001) } }),
    ],
    ['target must be an object.', create({ target: 'x' })],
    ['target.type must be one of email, phone, sms, internal.', to('fax', 'x')],
    ['target.value must be an e-mail address.', to('email', 'x')],
    ['target.value must be a phone number.', to('phone', '12')],
    ['scopes must be a list.', create({ scopes: 'x' })],
    ['groups must have at most 100 entries.', create({ groups: Array(101).fill({ type: 't', scopeId: 's' }) })],
    ['scopeId is required with scopeType and scopeName.', create({ scopeType: 't' })],
    ['scopes.0.scopeId is required unless groupId is given.', create({ scopes: [{ type: 't' }] })],
    ['metadata.__proto__ must have another name.', create({ metadata: { ['__proto__']: 1 } })],
    ['metadata must be an object.', create({ metadata: 'x' })],
    ['unfurlConfig.image must be an https URL.', create({ unfurlConfig: { image: 'http://a.example' } })],
    ['invitationIds.0 is a reserved word.', ['ACCEPT_INVITATIONS', { invitationIds: ['autojoin'] }]],
    [
      'user.isExisting must be true or false.',
      ['ACCEPT_INVITATIONS', { invitationIds: ['i'], user: { isExisting: 1 } }],
    ],
    ['domains.0 must be a domain.', configure(['x'])],
    ['domains.0 must have at most 253 characters.', configure([`${'a.'.repeat(126)}bc`])],
    [
      'scope is required unless scopeId is given.',
      ['CONFIGURE_AUTOJOIN', { scopeType: 't', componentId: 'c', domains: [] }],
    ],
    ['context.scopeType must not hold a colon.', ['JWT', { context: { scopeType: 'a:b' } }]],
    ['context.scope must not hold a colon without scopeType.', ['JWT', { context: { scope: 'a:b' } }]],
    ['context.groupType must not hold a colon.', ['JWT', { context: { groupType: 'a:b' } }]],
    ['context.groupId must not hold a colon without scopeType.', ['JWT', { context: { groupId: 'a:b' } }]],
    [
      'componentId is required unless widgetId is given.',
      ['CONFIGURE_AUTOJOIN', { scope: 's', scopeType: 't', domains: [] }],
    ],
  ])('a reply says of a field, and nothing more: %s', async (sentence, [operation, json]) => {
    const { answer } = await perform(operation, { json });
    const sentences = answer.issues?.map(({ path, message }) => `${path} ${message}.`);
    expect([answer.error, sentences]).toEqual(['The request is not valid.', [sentence]]);
  });

  test.each<[string, Delivery, WebhookOptions?]>([
    ['The header X-Vortex-Signature is missing.', { headers: { 'x-vortex-signature': '' } }],
    ['X-Vortex-Signature must not be repeated.', { headers: { 'x-vortex-signature': 'a, b' } }],
    [
      'Webhook signature verification failed. Ensure you are using the raw request body and the correct signing secret.',
      { secret: 'other' },
    ],
    ['The body of the webhook is not valid JSON.', { body: '{' }],
    ['The body of the webhook is not a JSON object.', { body: '[]' }],
    ['The request body is over 1024 kB.', { headers: { 'content-length': String(1024 * 1024 + 1) } }],
    ["The event's timestamp is not within 1000 ms of now.", {}, { maxAge: 1000 }],
  ])('a reply to a webhook says: %s', async (sentence, delivery, options) => {
    expect((await mount(options).deliver(delivery)).error).toBe(sentence);
  });
});

describe('log lines', () => {
  const boom = () => {
    throw new Error('boom');
  };
  const never = () => new Promise<never>(() => {});
  const yes = () => 'yes' as unknown as boolean;
  test.each<[string, string, Options]>([
    ['error', 'JWT failed with INTERNAL: authenticateUser threw an error; see the cause.', { authenticateUser: boom }],
    [
      'error',
      'JWT failed with HOOK_TIMEOUT: onSuccess did not settle within 20 ms.',
      { onSuccess: never, hookTimeout: 20 },
    ],
    [
      'error',
      'JWT failed with INTERNAL: JWT received invalid values from a hook; see the cause.',
      { jwt: { attributes: () => ({ big: 1n }) } },
    ],
    [
      'error',
      'JWT failed with INTERNAL: JWT failed in the client; see the cause.',
      { client: Object.assign(client(), { generateJwt: boom }) },
    ],
    ['error', 'JWT failed with CONFIG: apiKey threw an error; see the cause.', { apiKey: boom }],
    ['error', 'JWT failed with CONFIG: client must return a VortexClient.', { client: () => ({}) as VortexClient }],
    ['error', 'JWT failed with HOOK_TIMEOUT: apiKey did not settle within 20 ms.', { apiKey: never, hookTimeout: 20 }],
    [
      'error',
      'JWT failed with BAD_AUTH_RESULT: authenticateUser returned a user of the wrong shape: the user must be an object.',
      { authenticateUser: () => 'ann' as never },
    ],
    [
      'error',
      'JWT failed with BAD_AUTH_RESULT: authenticateUser returned a user of the wrong shape: id is required; name must be text.',
      { authenticateUser: () => ({ name: 5 }) as never },
    ],
    ...(
      [
        ['id is required', { id: null }],
        ['id must not be empty', { id: '' }],
        ['id must be text or a safe number', { id: {} }],
        ['addresses must be a list', { id: 1, addresses: 'x' }],
        ['adminScopes.1 must be text', { id: 1, adminScopes: ['autojoin', 5] }],
        ['attributes must be an object', { id: 1, attributes: [] }],
      ] as const
    ).map(([problem, user]): [string, string, Options] => [
      'error',
      `JWT failed with BAD_AUTH_RESULT: authenticateUser returned a user of the wrong shape: ${problem}.`,
      { authenticateUser: () => user as never },
    ]),
    ...['userId', 'user_id', '_id', 'uid', 'sub'].map((name): [string, string, Options] => [
      'error',
      `JWT failed with BAD_AUTH_RESULT: authenticateUser returned a user of the wrong shape: id is required; return ${name} as id.`,
      { authenticateUser: () => ({ [name]: 'u' }) as never },
    ]),
    [
      'error',
      'JWT failed with BAD_AUTH_RESULT: authenticateUser returned a user of the wrong shape: the user must be an object; return null for a signed-out caller.',
      { authenticateUser: () => false as never },
    ],
    [
      'warn',
      'authenticateUser returned undefined, so the caller counts as signed out. Is a return missing? Return null for a signed-out caller.',
      { authenticateUser: () => undefined },
    ],
    [
      'warn',
      'authenticateUser returned userEmail, which is not read. Return it as email, if it is verified.',
      { authenticateUser: () => ({ id: 'u', userEmail: 'a@b.example' }) },
    ],
    [
      'warn',
      'authenticateUser returned userName, which is not read. Return it as name.',
      { authenticateUser: () => ({ id: 'u', userName: 'Ann' }) },
    ],
    [
      'warn',
      'authenticateUser returned userAvatarUrl, which is not read. Return it as avatarUrl.',
      { authenticateUser: () => ({ id: 'u', userAvatarUrl: 'https://a.example/a.png' }) },
    ],
    [
      'warn',
      'authenticateUser returned identifiers, which is not read. Return it as addresses, if it is verified.',
      { authenticateUser: () => ({ id: 'u', identifiers: [] }) },
    ],
    ['error', 'onResponse threw an error; see the cause.', { onResponse: boom }],
    [
      'warn',
      'denied: authorizeOperation has no rule for JWT. Add one (false denies without this message).',
      { authorizeOperation: {} },
    ],
    ['debug', 'denied: the rule for JWT returned false.', { authorizeOperation: { JWT: false } }],
    [
      'warn',
      'denied: the rule for JWT returned string. Only true allows; return a boolean.',
      { authorizeOperation: yes },
    ],
  ])('a line of the level %s says: %s', async (level, text, options) => {
    const { logged } = await perform('JWT', {}, options);
    expect(logged[0]?.slice(0, 2)).toEqual([level, `Vortex: ${text}`]);
  });

  const ORIGIN_ADVICE =
    'If the site is yours, add its origin to trustedOrigins. If a proxy rewrites Host, let it keep the original.';
  test.each<[string, OperationName, Sent, Options?]>([
    [
      `JWT was refused with CROSS_SITE_REQUEST: the origin "null" is not the host of the request, "h.example". ${ORIGIN_ADVICE}`,
      'JWT',
      { headers: { origin: 'null', host: 'h.example' } },
    ],
    [
      `JWT was refused with CROSS_SITE_REQUEST: the origin (not printable) is not the host of the request, (none). ${ORIGIN_ADVICE}`,
      'JWT',
      { headers: { origin: 'x'.repeat(101) } },
    ],
    [
      `JWT was refused with CROSS_SITE_REQUEST: the browser marked a request of the origin "https://a.example" as "cross-site". ${ORIGIN_ADVICE}`,
      'JWT',
      { headers: { origin: 'https://a.example', 'sec-fetch-site': 'cross-site' } },
    ],
    [
      'JWT was refused with CROSS_SITE_REQUEST: the request has neither Origin nor Sec-Fetch-Site, and csrf is "strict". For callers that are not browsers, use "standard".',
      'JWT',
      {},
      { csrf: 'strict' },
    ],
    [
      "ACCEPT_INVITATIONS was refused with IDENTITY_MISMATCH: the request is in the name of another person. If it is the caller's own, return the verified address, the name and the picture from authenticateUser. Only if callers may act for other people, set actAs: { ACCEPT_INVITATIONS: 'anyone' }.",
      'ACCEPT_INVITATIONS',
      { json: { invitationIds: ['i'], user: { email: 'ben@orchard.example' } } },
    ],
  ])('a line of the level warn says: %s', async (text, operation, sent, options) => {
    expect((await perform(operation, sent, options)).logged).toEqual([['warn', `Vortex: ${text}`]]);
  });

  test('a mount logs a line for the developer once, and at most 20 of them', async () => {
    const warn = vi.fn();
    const routes = createRoutes({
      apiKey: KEY,
      authenticateUser: () => null,
      authorizeOperation: {},
      logger: { warn, error: vi.fn() },
    });
    const jwt = routes.find(({ operation }) => operation === 'JWT');
    for (let index = 0; index < 60; index += 1) {
      const origin = `https://${Math.floor(index / 2)}.example`;
      const header = (name: string) => (name === 'origin' ? origin : undefined);
      const body = async () => bodyFromKept('');
      await jwt?.handle({ url: '/jwt', header, body, signal: () => undefined, context: undefined });
    }
    expect(warn).toHaveBeenCalledTimes(20);
    expect(new Set(warn.mock.calls.map(([line]) => line)).size).toBe(20);
  });

  test.each<[string, (logger: { warn(line: unknown): void; error(): void }) => unknown]>([
    [
      'timeout is in milliseconds, and 10 ms is very short. If you mean seconds, write 10000.',
      (logger) => mountOf({ timeout: 10, logger })(),
    ],
    [
      'maxAge is in milliseconds, and 300 ms is very short. If you mean seconds, write 300000.',
      (logger) => mount({ maxAge: 300, logger }),
    ],
    [
      'lease is in milliseconds, and 60 ms is very short. If you mean seconds, write 60000.',
      (logger) => mount({ lease: 60, logger }),
    ],
    [
      'answerWithin is in milliseconds, and 5 ms is very short. If you mean seconds, write 5000.',
      (logger) => mount({ answerWithin: 5, logger }),
    ],
    [
      'bodyTimeout is in milliseconds, and 10 ms is very short. If you mean seconds, write 10000.',
      (logger) => mount({ bodyTimeout: 10, logger }),
    ],
    [
      'on["invitation.acepted"] names no event type that this version knows. Did you mean "invitation.accepted"?',
      (logger) => mount({ on: { 'invitation.acepted': () => {} } as object, logger }),
    ],
    [
      'on["invitation_accepted"] names no event type that this version knows. It is an analytics event, which onAnalyticsEvent handles.',
      (logger) => mount({ on: { invitation_accepted: () => {} } as object, logger }),
    ],
    [
      'on["x.y"] names no event type that this version knows. WEBHOOK_EVENT_TYPES lists the names.',
      (logger) => mount({ on: { 'x.y': () => {} } as object, logger }),
    ],
  ])('a warning when a mount is built says: %s', (text, build) => {
    const warn = vi.fn();
    build({ warn, error: vi.fn() });
    expect(warn.mock.calls).toEqual([[`Vortex: ${text}`]]);
  });

  test('a warning when a store is built says that its retention is very short', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    memoryStore({ retention: 60_000 });
    memoryStore({ retention: 3600 });
    expect(warn.mock.calls).toEqual([
      ['Vortex: retention is in milliseconds, and 3600 ms is very short. If you mean seconds, write 3600000.'],
    ]);
    warn.mockRestore();
  });

  test('a warning says that the timeout of a client is very short, unless it is that of a mount with a logger', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    client({ timeout: 99 });
    client({ timeout: 100 });
    mountOf({ timeout: 98, logger: { warn() {}, error() {} } })();
    expect(warn.mock.calls).toEqual([
      ['Vortex: timeout is in milliseconds, and 99 ms is very short. If you mean seconds, write 99000.'],
    ]);
    warn.mockRestore();
  });

  test('no warning comes for the shortest durations that are not suspicious, and for events that are known', () => {
    const warn = vi.fn();
    const logger = { warn, error: vi.fn() };
    mount({ maxAge: 60_000, lease: 1000, answerWithin: 100, on: { 'invitation.accepted': () => {} }, logger });
    expect(warn.mock.calls).toEqual([]);
  });

  test.each<[string, Delivery, WebhookOptions]>([
    [
      'INVALID_SIGNATURE, and its event was not handled. Check that secret is the webhook secret of this URL, and not that of another URL or the API key.',
      { secret: 'other' },
      {},
    ],
    [
      'INVALID_SIGNATURE, since it has no header X-Vortex-Signature. If Vortex sent it, let the proxy in front of the server keep the header.',
      { headers: { 'x-vortex-signature': '' } },
      {},
    ],
    [
      'INVALID_SIGNATURE, since secret is a function and returned undefined. Unless the tenant is unknown, check the variable that it reads.',
      {},
      { secret: () => undefined },
    ],
    [
      'STALE_EVENT, although its signature is valid, and its event was not handled. Check the clock of the server, and that maxAge allows for all retries of the sender.',
      {},
      { maxAge: 60_000 },
    ],
    [
      'INVALID_REQUEST. If Vortex sent it, its event was not handled. Check the proxy in front of the server; onError has the reason.',
      { body: '{' },
      {},
    ],
  ])('a warning says that a webhook was refused with %s', async (text, delivery, options) => {
    const { deliver, logged } = mount(options);
    await deliver(delivery);
    expect(logged).toEqual([
      ['warn', `Vortex: a webhook was refused with ${text} Further refusals for this reason are not logged.`],
    ]);
  });

  const CONSUMED = 'The request body was read by earlier middleware and not kept. Mount Vortex before that middleware';
  const consumed = async () => bodyFromKept(undefined);
  test('a line says how to keep the bytes of a body that earlier middleware consumed', async () => {
    const { logged } = await perform('JWT', { body: consumed, headers: { 'content-type': 'application/json' } });
    expect(logged[0]?.slice(0, 2)).toEqual([
      'error',
      `Vortex: JWT failed with BODY_CONSUMED: ${CONSUMED}, or keep the bytes as request.rawBody.`,
    ]);
  });

  const failing = { onEvent: () => Promise.reject(new Error('no database')) };
  test.each<[string, WebhookOptions, Delivery?]>([
    ['a webhook failed with INTERNAL: A webhook handler threw an error; see the cause.', failing],
    [
      'a webhook failed with STORE_UNAVAILABLE: The webhook store failed; see the cause.',
      { onEvent() {}, store: { ...memoryStore(), claim: boom } },
    ],
    [
      'a webhook failed with STORE_UNAVAILABLE: The webhook store must answer a claim with "new", "in-flight" or "done".',
      { onEvent() {}, store: { ...memoryStore(), claim: () => 'yes' as 'new' } },
    ],
    ['a webhook failed with CONFIG: secret threw an error; see the cause.', { secret: boom }],
    [`a webhook failed with BODY_CONSUMED: ${CONSUMED}, or keep the bytes as request.rawBody.`, {}, { read: consumed }],
    [
      'a webhook failed with RAW_BODY_REQUIRED: A body parser ran before the webhook, which needs the raw bytes. Mount the webhook first, or keep the bytes as request.rawBody.',
      {},
      { read: async () => bodyFromKept({}) },
    ],
  ])('a line about a webhook says: %s', async (text, options, delivery) => {
    const { deliver, logged } = mount(options);
    await deliver(delivery);
    expect(logged[0]?.slice(0, 2)).toEqual(['error', `Vortex: ${text}`]);
  });

  test('a line says that onError of a webhook threw an error', async () => {
    const { deliver, logged } = mount({ ...failing, onError: boom });
    await deliver();
    expect(logged[1]?.slice(0, 2)).toEqual(['error', 'Vortex: onError threw an error; see the cause.']);
  });

  test.each<['complete' | 'release', WebhookOptions]>([
    ['complete', { onEvent() {} }],
    ['release', failing],
  ])('a line says that the store could not %s an event', async (method, options) => {
    const failsOnce = vi.fn().mockImplementationOnce(boom);
    const { deliver, logged } = mount({ ...options, store: { ...memoryStore(), [method]: failsOnce } });
    await deliver();
    expect(logged[0]?.slice(0, 2)).toEqual(['error', `Vortex: the webhook store failed to ${method} an event.`]);
  });

  test('a line says that the lease of an event expired while its handler ran', async () => {
    let claims = 0;
    const claim = () => {
      claims += 1;
      return claims === 1 ? ('new' as const) : ('in-flight' as const);
    };
    let finish = () => {};
    const onEvent = () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      });
    const { deliver, logged } = mount({ onEvent, lease: 30, store: { ...memoryStore(), claim } });
    const reply = deliver();
    await expect.poll(() => logged.length).toBeGreaterThan(0);
    finish();
    await reply;
    expect(logged[0]?.slice(0, 2)).toEqual([
      'error',
      'Vortex: the lease of a webhook event expired while its handler ran, so the event may be handled twice.',
    ]);
  });

  test('a warning says that a token has no user id', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    await client().generateToken({});
    expect(warn.mock.calls).toEqual([
      ['Vortex: generateToken was called without user.id; invitations made with this token have no inviter.'],
    ]);
    warn.mockRestore();
  });
});
