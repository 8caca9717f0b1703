/** What a call to the API makes of each answer, over a `fetch` of our own: real peers are in `client.test.ts`. */
import { VortexClient, type VortexClientOptions, VortexError } from '@vortex/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const SECRET = 'canary-secret';
const KEY = `VRTX.Pxwrep1OTGuKHw4tPEtaaQ.${SECRET}`;
const ORIGIN = 'https://api.example';

/** Time passes at once, and is counted. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Answer = Response | Error | (() => Response | Promise<Response>);
const json = (body: unknown, init?: ResponseInit) => Response.json(body, init);
const status = (code: number, headers: Record<string, string> = {}) => new Response('', { status: code, headers });

/** The outcome of a call that is given these answers, one an attempt, and when each attempt was made. */
async function outcome(
  call: (client: VortexClient) => Promise<unknown>,
  answers: readonly Answer[],
  options: VortexClientOptions = {},
) {
  const start = Date.now();
  const attempts: number[] = [];
  const fetch = async () => {
    const answer = answers[Math.min(attempts.length, answers.length - 1)] as Answer;
    attempts.push(Date.now() - start);
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer() : answer.clone();
  };
  const client = new VortexClient(KEY, { baseUrl: ORIGIN, fetch, ...options });
  let settled: { result?: unknown; error?: VortexError } | undefined;
  call(client).then(
    (result) => {
      settled = { result };
    },
    (error) => {
      settled = { error };
    },
  );
  for (let waits = 0; !settled && waits < 2000; waits += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!settled) await vi.advanceTimersByTimeAsync(10);
  }
  return { ...settled, attempts };
}

const get = (client: VortexClient) => client.getInvitation('i');
const reinvite = (client: VortexClient) => client.reinvite('i');
const withCode = (code: string) => Object.assign(new Error('no connection'), { code });
const causedBy = (code: unknown) => new TypeError('fetch failed', { cause: { code } });

describe('what is tried again', () => {
  test.each<[string, Answer[], number[]]>([
    ['500', [status(500)], [0, 100, 300]],
    ['502', [status(502)], [0, 100, 300]],
    ['503', [status(503)], [0, 100, 300]],
    ['504', [status(504)], [0, 100, 300]],
    ['501', [status(501)], [0]],
    ['404', [status(404)], [0]],
    ['302', [status(302)], [0]],
    ['429', [status(429)], [0]],
    ['429 that says when, once', [status(429, { 'retry-after': '2' })], [0, 2100]],
    ['503 that says when', [status(503, { 'retry-after': '1' })], [0, 1100, 2200]],
    ['503 that says at once', [status(503, { 'retry-after': '0' })], [0, 100, 200]],
    ['503 that says the longest', [status(503, { 'retry-after': '5' })], [0, 5100]],
    ['503 that says longer', [status(503, { 'retry-after': '6' })], [0]],
    ['no connection', [withCode('ECONNREFUSED')], [0, 100, 300]],
    ['a broken one', [withCode('ECONNRESET')], [0, 100, 300]],
    ['one not to be trusted', [withCode('CERT_HAS_EXPIRED')], [0]],
    ['one that took too long', [withCode('UND_ERR_CONNECT_TIMEOUT')], [0]],
    ['no JSON', [new Response('<html>')], [0]],
    ['a failure, then an answer', [status(500), json({ id: 'i' })], [0, 100]],
  ])('%s', async (_, answers, expected) => {
    const { attempts } = await outcome(get, answers);
    // To the step in which time passes.
    expect(attempts.map((at) => Math.floor(at / 10) * 10)).toEqual(expected);
    expect((await outcome(reinvite, answers)).attempts).toEqual([0]);
  });

  test('but never beyond the deadline', async () => {
    const { attempts, error } = await outcome(get, [status(500)], { timeout: 250 });
    expect([attempts.length, error?.code]).toEqual([2, 'UPSTREAM_ERROR']);
  });

  test('nor when the caller has left meanwhile', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('gone')), 50);
    const { attempts, error } = await outcome(
      (client) => client.getInvitation('i', { signal: controller.signal }),
      [status(500), () => Promise.reject(controller.signal.reason)],
    );
    expect(error).toMatchObject({ code: 'ABORTED', status: 499 });
    expect(attempts.every((at) => at < 100)).toBe(true);
  });

  test('nor when the caller had left before', async () => {
    const signal = AbortSignal.abort();
    const { error } = await outcome(
      (client) => client.getInvitation('i', { signal }),
      [() => Promise.reject(signal.reason)],
    );
    expect(error?.code).toBe('ABORTED');
  });

  test('and nothing is left of a call that has ended', async () => {
    const controller = new AbortController();
    const events: string[] = [];
    const { signal } = controller;
    const watched = {
      aborted: false,
      addEventListener: (event: string) => events.push(`+${event}`),
      removeEventListener: (event: string) => events.push(`-${event}`),
    };
    const observer = {
      onBegin: () => events.push('begin'),
      onAttempt: () => events.push('attempt'),
      onEnd: () => events.push('end'),
    };
    await outcome(
      (client) => client.getInvitation('i', { signal: watched, ...{ observer } }),
      [status(500), json({ id: 'i' })],
    );
    expect(events).toEqual(['+abort', 'begin', 'attempt', 'attempt', '-abort', 'end']);
    expect([signal.aborted, vi.getTimerCount()]).toEqual([false, 0]);
  });
});

describe('a connection that fails', () => {
  const cannot = `The Vortex API at ${ORIGIN} cannot be reached; is the base URL right?`;
  const closed = `The Vortex API at ${ORIGIN} closed the connection.`;
  const certificate = `The certificate of the Vortex API at ${ORIGIN} is not good.`;
  const slow = `The Vortex API at ${ORIGIN} took too long to connect.`;
  const unknown = 'The connection broke before the Vortex API answered; the change may or may not have been made.';
  test.each<[string, Error, string, string, string, string]>([
    ...[
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ConnectionRefused',
      'FailedToOpenSocket',
    ].map((code): [string, Error, string, string, string, string] => [
      code,
      withCode(code),
      'UPSTREAM_UNREACHABLE',
      cannot,
      'UPSTREAM_UNREACHABLE',
      cannot,
    ]),
    ...[
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'ERR_SSL_WRONG_VERSION',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map((code): [string, Error, string, string, string, string] => [
      code,
      causedBy(code),
      'UPSTREAM_UNREACHABLE',
      certificate,
      'UPSTREAM_UNREACHABLE',
      certificate,
    ]),
    ['a slow one', causedBy('UND_ERR_CONNECT_TIMEOUT'), 'UPSTREAM_TIMEOUT', slow, 'UPSTREAM_TIMEOUT', slow],
    ['a reset one', causedBy('ECONNRESET'), 'UPSTREAM_UNREACHABLE', closed, 'OUTCOME_UNKNOWN', unknown],
    ['a code of more', withCode('ECONNREFUSEDX'), 'UPSTREAM_UNREACHABLE', closed, 'OUTCOME_UNKNOWN', unknown],
    ['a code within', withCode('XECONNREFUSED'), 'UPSTREAM_UNREACHABLE', closed, 'OUTCOME_UNKNOWN', unknown],
    ['a code that is none', causedBy(5), 'UPSTREAM_UNREACHABLE', closed, 'OUTCOME_UNKNOWN', unknown],
    ['no code', new Error('?'), 'UPSTREAM_UNREACHABLE', closed, 'OUTCOME_UNKNOWN', unknown],
  ])('%s', async (_, failure, code, message, postCode, postMessage) => {
    const got = await outcome(get, [failure]);
    expect(got.error).toMatchObject({
      name: 'VortexError',
      code,
      message,
      cause: { name: 'ExchangeError', cause: failure },
    });
    expect(got.error).not.toHaveProperty('upstreamStatus');
    expect((await outcome(reinvite, [failure])).error).toMatchObject({ code: postCode, message: postMessage });
  });

  test('in the middle of a reply', async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{'));
            controller.error(new Error('reset'));
          },
        }),
      );
    const { error, attempts } = await outcome(get, [broken]);
    expect(error).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      message: 'The reply broke off.',
      upstreamStatus: 200,
      cause: { message: 'truncated', failure: 'truncated' },
    });
    expect(attempts).toEqual([0]);
  });

  test('for its length', async () => {
    const { error } = await outcome(get, [() => json({ id: 'x'.repeat(100) })], { maxResponseBytes: 50 });
    expect(error).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      message: 'The reply is larger than maxResponseBytes.',
      cause: { failure: 'too-large', cause: { message: 'over 50 bytes' } },
    });
  });
});

describe('a status that is a failure', () => {
  const key = `The Vortex API at ${ORIGIN} does not accept our key; do the key and the base URL belong together?`;
  test.each<[number, string, string]>([
    [300, 'UPSTREAM_BAD_RESPONSE', 'The Vortex API answered 300; redirects are not followed.'],
    [399, 'UPSTREAM_BAD_RESPONSE', 'The Vortex API answered 399; redirects are not followed.'],
    [400, 'UPSTREAM_INVALID', 'The Vortex API refused the request as not valid.'],
    [401, 'UPSTREAM_AUTH', key],
    [402, 'UPSTREAM_ERROR', `The Vortex API at ${ORIGIN} answered 402.`],
    [403, 'UPSTREAM_AUTH', key],
    [404, 'NOT_FOUND', 'Not found.'],
    [409, 'UPSTREAM_CONFLICT', 'The Vortex API refused the request in the present state.'],
    [422, 'UPSTREAM_UNPROCESSABLE', 'The Vortex API could not process the request.'],
    [429, 'RATE_LIMITED', 'Too many requests; try again later.'],
    [500, 'UPSTREAM_ERROR', `The Vortex API at ${ORIGIN} answered 500.`],
    [503, 'UPSTREAM_UNAVAILABLE', 'The Vortex API is not available at the moment.'],
    [504, 'UPSTREAM_TIMEOUT', 'The Vortex API did not answer in time.'],
  ])('%i: %s', async (upstreamStatus, code, message) => {
    const { error } = await outcome(reinvite, [status(upstreamStatus, { 'x-request-id': 'r-1' })]);
    expect(error).toMatchObject({ code, message, upstreamStatus, requestId: 'r-1' });
    expect((await outcome(reinvite, [status(upstreamStatus)])).error).not.toHaveProperty('requestId');
  });

  const plain = 'The Vortex API refused the request as not valid.';
  test.each<[string, unknown, string]>([
    ['short', 'No such component', 'No such component'],
    ['a list', ['one', 'two'], 'one; two'],
    ['as long as may be', 'x'.repeat(200), 'x'.repeat(200)],
    ['longer', 'x'.repeat(201), plain],
    ['empty', '', plain],
    ['no text', { a: 1 }, plain],
    ['of two lines', 'one\ntwo', plain],
    ['that begins with a control character', '\u0007one', plain],
    ['that ends with one', 'one\u0007', plain],
    ['an echo of our key', `no ${KEY}`, plain],
    ['an echo of its secret', `no ${SECRET}!`, plain],
  ])('has a message that is %s', async (_, message, said) => {
    expect((await outcome(reinvite, [json({ message }, { status: 400 })])).error?.message).toBe(said);
  });

  test.each([[409], [422]])('%i has its message passed on, and others have not', async (code) => {
    expect((await outcome(reinvite, [json({ message: 'because' }, { status: code })])).error?.message).toBe('because');
    const others = await outcome(reinvite, [json({ message: 'because' }, { status: 404 })]);
    expect(others.error?.message).toBe('Not found.');
  });

  test.each<[string, number | undefined]>([
    ['3', 3],
    ['0', 0],
    ['3600', 3600],
    ['x3', undefined],
    ['3x', undefined],
    ['99999999999999999999', undefined],
    ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  ])('says %s as the time to come again: %s', async (header, seconds) => {
    const { error } = await outcome(reinvite, [status(429, { 'retry-after': header })]);
    expect(error?.retryAfter).toBe(seconds);
  });

  test('says a date as the time to come again, to the second above', async () => {
    vi.setSystemTime('2026-02-25T12:00:00.500Z');
    const header = new Date('2026-02-25T12:00:09Z').toUTCString();
    const { error } = await outcome(reinvite, [status(429, { 'retry-after': header })]);
    expect(error?.retryAfter).toBe(9);
  });
});

describe('an answer of another shape', () => {
  const elsewise = (what: string) => `The Vortex API answered something else: ${what}.`;
  const calls = {
    get,
    list: (client: VortexClient) => client.getInvitationsByScope('t', 's'),
    create: (client: VortexClient) =>
      client.createInvitation({
        widgetConfigurationId: 'w',
        target: { type: 'email', value: 'a@b.example' },
        inviter: { userId: 'u' },
      }),
    accept: (client: VortexClient) => client.acceptInvitation('i', { email: 'a@b.example' }),
    autojoin: (client: VortexClient) => client.getAutojoinDomains('t', 's'),
    configure: (client: VortexClient) =>
      client.configureAutojoin({ scope: 's', scopeType: 't', domains: [], componentId: 'c' }),
    sync: (client: VortexClient) =>
      client.syncInternalInvitation({ creatorId: 'a', targetValue: 'b', action: 'accepted', componentId: 'c' }),
  };
  test.each<[keyof typeof calls, unknown, string]>([
    ['get', [], elsewise('the body is not an object')],
    ['get', null, elsewise('the body is not an object')],
    ['get', 'x', elsewise('the body is not an object')],
    ['get', {}, elsewise('id is not text')],
    ['list', {}, elsewise('invitations is not a list')],
    ['list', { invitations: [{ id: 'a' }, 5] }, elsewise('invitations.1 is not an object')],
    ['list', { invitations: [{ id: 5 }] }, elsewise('invitations.0.id is not text')],
    ['create', { id: 5 }, elsewise('id is not text')],
    ['accept', { invitations: [] }, elsewise('invitations is not a list with an entry')],
    ['accept', { invitations: {} }, elsewise('invitations is not a list')],
    ['accept', { id: 5 }, elsewise('id is not text')],
    ['autojoin', {}, elsewise('autojoinDomains is not a list')],
    ['autojoin', { autojoinDomains: [], invitation: 5 }, elsewise('invitation is not an object')],
    ['autojoin', { autojoinDomains: [], invitation: {} }, elsewise('invitation.id is not text')],
    ['configure', { autojoinDomains: 'x' }, elsewise('autojoinDomains is not a list')],
    ['sync', { processed: '1', invitationIds: [] }, elsewise('processed is not a number')],
    ['sync', { processed: 1 }, elsewise('invitationIds is not a list')],
  ])('to %s, %j', async (call, body, message) => {
    const { error } = await outcome(calls[call], [json(body)]);
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', message, upstreamStatus: 200 });
  });

  test.each(['<html>', '{', '\u00ff'])('that is no JSON: %s', async (text) => {
    const body = text === '\u00ff' ? Uint8Array.of(0xff) : text;
    const { error } = await outcome(get, [new Response(body)]);
    expect(error).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      message: 'The Vortex API answered something that is not JSON.',
    });
    expect(error).not.toHaveProperty('cause');
  });

  test('that is nothing, where something is wanted and where nothing is', async () => {
    expect((await outcome(get, [new Response(' \n')])).error?.message).toBe(elsewise('the body is not an object'));
    for (const call of [
      (client: VortexClient) => client.revokeInvitation('i'),
      (client: VortexClient) => client.deleteInvitationsByScope('t', 's'),
    ]) {
      expect(await outcome(call, [new Response(' ')])).toMatchObject({ result: undefined, attempts: [0] });
      expect(await outcome(call, [json({ a: 1 })])).toMatchObject({ result: undefined });
    }
  });

  test.each<[keyof typeof calls, unknown, unknown]>([
    ['get', { id: 'i', groups: 'x' }, { id: 'i', groups: 'x' }],
    ['create', { id: 'i', shortLink: 's' }, { id: 'i', shortLink: 's' }],
    ['accept', { id: 'i' }, { id: 'i', invitations: [{ id: 'i' }] }],
    ['accept', { invitations: [{ id: 'a' }, { id: 'b' }] }, { id: 'a', invitations: [{ id: 'a' }, { id: 'b' }] }],
    ['autojoin', { autojoinDomains: [1], invitation: null }, { autojoinDomains: [1], invitation: null }],
    ['autojoin', { autojoinDomains: [] }, { autojoinDomains: [], invitation: null }],
    ['configure', { autojoinDomains: [], invitation: { id: 'i' } }, { autojoinDomains: [], invitation: { id: 'i' } }],
    ['sync', { processed: 1, invitationIds: ['i'], more: 1 }, { processed: 1, invitationIds: ['i'] }],
  ])('but not to %s, %j', async (call, body, result) => {
    expect((await outcome(calls[call], [json(body)])).result).toEqual(result);
  });
});

describe('what cannot be asked', () => {
  const creating = (fields: object) => (client: VortexClient) =>
    client.createInvitation({
      widgetConfigurationId: 'w',
      target: { type: 'email', value: 'a@b.example' },
      inviter: { userId: 'u' },
      ...fields,
    });
  test.each<[string, (client: VortexClient) => Promise<unknown>, string, string | undefined]>([
    [
      'a body that is no JSON',
      creating({ metadata: { big: 1n } }),
      'What is to be sent cannot be written as JSON.',
      'type',
    ],
    ['a scope type alone', creating({ scopeType: 't' }), 'scopeType and scopeName need a scopeId.', 'format'],
    ['a scope name alone', creating({ scopeName: 't' }), 'scopeType and scopeName need a scopeId.', 'format'],
    [
      'a user name that accepts',
      (client) => client.acceptInvitation('i', { type: 'username' as 'email', value: 'ann' }),
      'Nobody can accept by username; use email or phone.',
      undefined,
    ],
    [
      'nobody who accepts',
      (client) => client.acceptInvitation('i', { name: 'Ann' }),
      'The accepting user needs an email or a phone.',
      undefined,
    ],
    ['an empty list', (client) => client.acceptInvitations(['i'], []), 'The list of targets is empty.', undefined],
    [
      'another trace',
      (client) => client.getInvitation('i', { traceparent: 'x' }),
      'traceparent is not that of a W3C trace context.',
      'format',
    ],
  ])('%s', async (_, call, message, reason) => {
    const { error, attempts } = await outcome(call, [json({ id: 'i' })]);
    expect(error).toBeInstanceOf(VortexError);
    expect([error?.code, error?.message, error?.reason, attempts]).toEqual(['INVALID_ARGUMENT', message, reason, []]);
  });
});

test.each<[object, unknown]>([
  [{}, undefined],
  [{ scopeId: 's' }, [{ type: 'default', groupId: 's' }]],
  [{ scopeId: 's', scopeType: 't', scopeName: 'S' }, [{ type: 't', groupId: 's', name: 'S' }]],
  [{ scopes: [{ type: 't', scopeId: 's' }] }, [{ type: 't', groupId: 's' }]],
  [{ scopes: [{ type: 't', groupId: 'g', scopeId: 's' }] }, [{ type: 't', groupId: 'g' }]],
  [{ scopes: [], groups: [{ type: 't', groupId: 'g' }] }, [{ type: 't', groupId: 'g' }]],
  [{ scopes: [] }, []],
])('an invitation with %j goes into the groups %j', async (fields, groups) => {
  let sent: unknown;
  const fetch = async (_: unknown, init?: RequestInit) => {
    sent = JSON.parse(String(init?.body)).groups;
    return json({ id: 'i' });
  };
  await new VortexClient(KEY, { baseUrl: ORIGIN, fetch }).createInvitation({
    widgetConfigurationId: 'w',
    target: { type: 'email', value: 'a@b.example' },
    inviter: { userId: 'u' },
    ...fields,
  });
  expect(sent).toEqual(groups);
});
