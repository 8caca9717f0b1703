/** How a call to the API ends for each answer, over a made-up `fetch`. Real peers are in `client.test.ts`. */
import { Readable } from 'node:stream';
import {
  VortexClient,
  type VortexClientOptions,
  VortexError,
  type VortexErrorCode,
  type VortexErrorReason,
} from '@vortex/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failure, settle } from './helpers.ts';

const SECRET = 'canary-secret';
const KEY = `VRTX.Pxwrep1OTGuKHw4tPEtaaQ.${SECRET}`;
const ORIGIN = 'https://api.example';

/** The clock is fake, so that waits take no time and can be measured. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'performance'] });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Answer = Response | Error | (() => Response | Promise<Response>);
const json = (body: unknown, init?: ResponseInit) => Response.json(body, init);
const status = (code: number, headers: Record<string, string> = {}) => new Response('', { status: code, headers });

/** Returns the outcome of a call whose attempts get these answers in turn, and the time of each attempt. */
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
  const settled: { result?: unknown; error?: VortexError } = await settle(
    call(client).then(
      (result) => ({ result }),
      (error) => ({ error }),
    ),
  );
  return { ...settled, attempts };
}

const get = (client: VortexClient) => client.getInvitation('i');
const reinvite = (client: VortexClient) => client.reinvite('i');
const revoke = (client: VortexClient) => client.revokeInvitation('i');
const withCode = (code: string) => Object.assign(new Error('no connection'), { code });
const causedBy = (code: unknown) => new TypeError('fetch failed', { cause: { code } });

describe('retries', () => {
  const tried: [string, Answer[], number[]][] = [
    ['the status 500', [status(500)], [0, 100, 300]],
    ['the status 502', [status(502)], [0, 100, 300]],
    ['the status 503', [status(503)], [0, 100, 300]],
    ['the status 504', [status(504)], [0, 100, 300]],
    ['the status 501', [status(501)], [0]],
    ['the status 404', [status(404)], [0]],
    ['the status 302', [status(302)], [0]],
    ['the status 429', [status(429)], [0]],
    ['the status 429 with Retry-After 2', [status(429, { 'retry-after': '2' })], [0, 2100]],
    ['the status 503 with Retry-After 1', [status(503, { 'retry-after': '1' })], [0, 1100, 2200]],
    ['the status 503 with Retry-After 0', [status(503, { 'retry-after': '0' })], [0, 100, 200]],
    ['the status 503 with Retry-After 5', [status(503, { 'retry-after': '5' })], [0, 5100]],
    ['the status 503 with Retry-After 6', [status(503, { 'retry-after': '6' })], [0]],
    ['a refused connection', [withCode('ECONNREFUSED')], [0, 100, 300]],
    ['a reset connection', [withCode('ECONNRESET')], [0, 100, 300]],
    ['an expired certificate', [withCode('CERT_HAS_EXPIRED')], [0]],
    ['a connect timeout', [withCode('UND_ERR_CONNECT_TIMEOUT')], [0]],
    ['a body that is not JSON', [new Response('<html>')], [0]],
    ['the status 500 and then 200', [status(500), json({ id: 'i' })], [0, 100]],
  ];
  test.each(tried.map(([failure, answers, times]) => [failure, times, answers] as const))(
    'on %s a GET is tried at %j ms, and a POST once',
    async (_, expected, answers) => {
      const { attempts } = await outcome(get, answers);
      // The clock advances in steps of 10 ms.
      expect(attempts.map((at) => Math.floor(at / 10) * 10)).toEqual(expected);
      expect((await outcome(reinvite, answers)).attempts).toEqual([0]);
    },
  );

  test('a call is not retried if the wait would pass its deadline', async () => {
    const { attempts, error } = await outcome(get, [status(500)], { timeout: 250 });
    expect([attempts.length, error?.code]).toEqual([2, 'UPSTREAM_ERROR']);
  });

  test('a call whose signal aborts before a retry rejects at once with ABORTED', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('gone')), 50);
    const { attempts, error } = await outcome(
      (client) => client.getInvitation('i', { signal: controller.signal }),
      [status(500), () => Promise.reject(controller.signal.reason)],
    );
    expect(error).toMatchObject({ code: 'ABORTED', status: 499 });
    expect(attempts).toEqual([0]);
  });

  test.each([
    ['has no reason', undefined, 'ended'],
    ['has a reason', new Error('gone'), 'gone'],
  ])('a call whose signal is aborted and %s rejects with ABORTED, and is not sent', async (_, reason, message) => {
    const signal = { aborted: true, reason, addEventListener() {}, removeEventListener() {} };
    const counted: unknown[] = [];
    const options: VortexClientOptions = { onCall: (event) => counted.push(event.attempts) };
    for (const call of ['getInvitation', 'reinvite', 'revokeInvitation'] as const) {
      const { error, attempts } = await outcome((client) => client[call]('i', { signal }), [json({})], options);
      expect(error).toMatchObject({ code: 'ABORTED', cause: { failure: 'unreachable', cause: { message } } });
      expect(error?.message).toBe('The call was aborted.');
      expect(attempts).toEqual([]);
    }
    expect(counted).toEqual([0, 0, 0]);
  });

  /** A `fetch` that ends with the signal that it is given, or after 300 ms. */
  const obeying = (_url: string, { signal }: { signal: AbortSignal }) =>
    new Promise<Response>((resolve, reject) => {
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason));
      setTimeout(() => resolve(json({ id: 'i' })), 300);
    });

  test('a deadline that passes ends fetch, and is the cause of the error', async () => {
    const { error } = await outcome(get, [], { fetch: obeying, timeout: 100 });
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', cause: { cause: { name: 'DeadlineError' } } });
  });

  test('a signal that aborts ends fetch, and its reason is the cause of the error', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('gone')), 100);
    const { signal } = controller;
    const { error } = await outcome((client) => client.reinvite('i', { signal }), [], { fetch: obeying });
    expect(error).toMatchObject({ code: 'ABORTED', cause: { cause: { message: 'gone' } } });
  });

  test.each<[VortexErrorCode, number, number]>([
    ['ABORTED', 100, 200],
    ['UPSTREAM_TIMEOUT', 200, 100],
  ])(
    'a call rejects with %s if it is aborted at %i ms and its deadline is at %i ms, though fetch ends later',
    async (code, at, timeout) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), at);
      const late = () => new Promise<Response>((_, reject) => setTimeout(() => reject(new Error('late')), 300));
      const { error } = await outcome((client) => client.getInvitation('i', { signal: controller.signal }), [late], {
        timeout,
      });
      expect(error?.code).toBe(code);
    },
  );

  describe('a fetch that ignores its signal', () => {
    test.each<[string, () => Promise<Response>, number | undefined]>([
      ['never settles', () => new Promise(() => {}), undefined],
      ['answers with a body that never ends', async () => new Response(new ReadableStream()), 200],
    ])(
      'a call whose fetch ignores its signal and %s ends at its deadline, and the next call is sent',
      async (_, fetch, upstreamStatus) => {
        let attempts = 0;
        const counting = () => {
          attempts += 1;
          return fetch();
        };
        const client = new VortexClient(KEY, { baseUrl: ORIGIN, fetch: counting, timeout: 200, maxInFlight: 1 });
        for (const expected of [1, 2]) {
          const start = Date.now();
          const error = await settle(failure(get(client)));
          expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', cause: { cause: { name: 'DeadlineError' } } });
          expect(error.upstreamStatus).toBe(upstreamStatus);
          expect([attempts, Date.now() - start]).toEqual([expected, 200]);
        }
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 50);
        const aborted = client.getInvitation('i', { signal: controller.signal });
        await expect(settle(aborted)).rejects.toMatchObject({ code: 'ABORTED' });
      },
    );

    test.each<[string, (cancel: () => void) => Promise<unknown>]>([
      [
        'arrives after the deadline',
        async (cancel) => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          return new Response(new ReadableStream({ cancel }));
        },
      ],
      [
        'drips beyond the deadline',
        async (cancel) => {
          const pull = async (controller: ReadableStreamDefaultController) => {
            await new Promise((resolve) => setTimeout(resolve, 50));
            controller.enqueue(new TextEncoder().encode(' '));
          };
          return new Response(new ReadableStream({ pull, cancel }));
        },
      ],
      [
        'arrives after the deadline as a stream of Node',
        async (cancel) => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          const body = new Readable({
            read() {},
            destroy(_, done) {
              cancel();
              done(null);
            },
          });
          return { status: 200, headers: new Headers(), body };
        },
      ],
      [
        'arrives after the deadline and cannot be cancelled',
        async (cancel) => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          const fail = () => {
            cancel();
            throw new Error('late');
          };
          return new Response(new ReadableStream({ cancel: fail }));
        },
      ],
    ])('the body of a response that %s is cancelled', async (_, fetch) => {
      const cancel = vi.fn();
      const { error } = await outcome(get, [], { fetch: () => fetch(cancel) as Promise<Response>, timeout: 100 });
      expect(error?.code).toBe('UPSTREAM_TIMEOUT');
      await settle(new Promise((resolve) => setTimeout(resolve, 500)));
      expect(cancel).toHaveBeenCalledOnce();
    });
  });

  test.each<[string, VortexClientOptions]>([
    ['', {}],
    [' if onCall is set', { onCall() {} }],
  ])('a call that has ended leaves no listener and no timer%s', async (_, options) => {
    const events: string[] = [];
    const signal = {
      aborted: false,
      addEventListener: (event: string) => events.push(`+${event}`),
      removeEventListener: (event: string) => events.push(`-${event}`),
    };
    const observer = {
      onBegin: () => events.push('begin'),
      onAttempt: () => events.push('attempt'),
      onEnd: () => events.push('end'),
    };
    const answers = [status(500), json({ id: 'i' })];
    await outcome((client) => client.getInvitation('i', { signal, ...{ observer } }), answers, options);
    expect(events).toEqual(['+abort', 'begin', 'attempt', 'attempt', '-abort', 'end']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('connections that fail', () => {
  type Row = [problem: string, code: VortexErrorCode, postCode: VortexErrorCode, thrown: Error, failure: string];
  const broken = (problem: string, thrown: Error): Row => [
    problem,
    'UPSTREAM_UNREACHABLE',
    'OUTCOME_UNKNOWN',
    thrown,
    'broken',
  ];
  test.each<Row>([
    ...[
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ConnectionRefused',
      'FailedToOpenSocket',
    ].map((code): Row => [code, 'UPSTREAM_UNREACHABLE', 'UPSTREAM_UNREACHABLE', withCode(code), 'unreachable']),
    ...[
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'ERR_SSL_WRONG_VERSION',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map((code): Row => [code, 'UPSTREAM_UNREACHABLE', 'UPSTREAM_UNREACHABLE', causedBy(code), 'untrusted']),
    ...[
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
      'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
    ].map((code): Row => [code, 'UPSTREAM_UNREACHABLE', 'UPSTREAM_UNREACHABLE', causedBy(code), 'refused-tls']),
    [
      'UND_ERR_CONNECT_TIMEOUT',
      'UPSTREAM_TIMEOUT',
      'UPSTREAM_TIMEOUT',
      causedBy('UND_ERR_CONNECT_TIMEOUT'),
      'connect-timeout',
    ],
    broken('ECONNRESET', causedBy('ECONNRESET')),
    broken('that begins with a known one', withCode('ECONNREFUSEDX')),
    broken('that ends with a known one', withCode('XECONNREFUSED')),
    broken('that is a number', causedBy(5)),
    broken('that is absent', new Error('?')),
  ])(
    'an error code %s rejects a GET and a DELETE with %s, and a POST with %s',
    async (_, code, postCode, thrown, failure) => {
      const { error } = await outcome(get, [thrown]);
      expect(error).toMatchObject({
        name: 'VortexError',
        code,
        cause: { name: 'ExchangeError', failure, cause: thrown },
      });
      expect(error).not.toHaveProperty('upstreamStatus');
      expect((await outcome(reinvite, [thrown])).error?.code).toBe(postCode);
      expect((await outcome(revoke, [thrown])).error?.code).toBe(code);
    },
  );

  test('a reply that breaks off rejects with UPSTREAM_BAD_RESPONSE, and is not retried', async () => {
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
      upstreamStatus: 200,
      cause: { message: 'truncated', failure: 'truncated' },
    });
    expect(attempts).toEqual([0]);
  });

  test('a reply longer than maxResponseBytes rejects with UPSTREAM_BAD_RESPONSE', async () => {
    const { error } = await outcome(get, [() => json({ id: 'x'.repeat(100) })], { maxResponseBytes: 50 });
    expect(error).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      cause: { failure: 'too-large', cause: { name: 'TooLargeError' } },
    });
  });
});

describe('statuses that are failures', () => {
  test.each<[number, VortexErrorCode]>([
    [300, 'UPSTREAM_BAD_RESPONSE'],
    [399, 'UPSTREAM_BAD_RESPONSE'],
    [400, 'UPSTREAM_INVALID'],
    [401, 'UPSTREAM_AUTH'],
    [402, 'UPSTREAM_ERROR'],
    [403, 'UPSTREAM_AUTH'],
    [404, 'NOT_FOUND'],
    [409, 'UPSTREAM_CONFLICT'],
    [422, 'UPSTREAM_UNPROCESSABLE'],
    [429, 'RATE_LIMITED'],
    [500, 'UPSTREAM_ERROR'],
    [503, 'UPSTREAM_UNAVAILABLE'],
    [504, 'UPSTREAM_TIMEOUT'],
  ])('the status %i rejects with %s, and with its X-Request-Id if it has one', async (upstreamStatus, code) => {
    const { error } = await outcome(reinvite, [status(upstreamStatus, { 'x-request-id': 'r-1' })]);
    expect(error).toMatchObject({ code, upstreamStatus, requestId: 'r-1' });
    expect((await outcome(reinvite, [status(upstreamStatus)])).error).not.toHaveProperty('requestId');
  });

  test.each<[string, unknown, string]>([
    ['is short', 'No such component', 'No such component'],
    ['is a list', ['one', 'two'], 'one; two'],
    ['has 200 characters', 'x'.repeat(200), 'x'.repeat(200)],
  ])('the message of a 400 is passed on if it %s', async (_, message, passed) => {
    expect((await outcome(reinvite, [json({ message }, { status: 400 })])).error?.message).toBe(passed);
  });

  test.each<[string, unknown]>([
    ['has 201 characters', 'x'.repeat(201)],
    ['is empty', ''],
    ['is not text', { a: 1 }],
    ['has two lines', 'one\ntwo'],
    ['begins with a control character', '\u0007one'],
    ['ends with a control character', 'one\u0007'],
    ['echoes the key', `no ${KEY}`],
    ['echoes the secret of the key', `no ${SECRET}!`],
  ])('the message of a 400 is not passed on if it %s', async (_, message) => {
    const { error } = await outcome(reinvite, [json({ message }, { status: 400 })]);
    expect(error?.message).toBe(new VortexError('UPSTREAM_INVALID').message);
  });

  test.each([404, 409, 422])('the message of a %i is passed on', async (code) => {
    expect((await outcome(reinvite, [json({ message: 'because' }, { status: code })])).error?.message).toBe('because');
  });

  test.each([401, 402, 429, 500])('the message of a %i is not passed on', async (code) => {
    const { error } = await outcome(reinvite, [json({ message: 'because' }, { status: code })]);
    expect(error?.message).not.toContain('because');
  });

  test.each<[string, number | undefined]>([
    ['3', 3],
    ['0', 0],
    ['3600', 3600],
    ['x3', undefined],
    ['3x', undefined],
    ['99999999999999999999', undefined],
    ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  ])('a Retry-After of %s is read as %s seconds', async (header, seconds) => {
    const { error } = await outcome(reinvite, [status(429, { 'retry-after': header })]);
    expect(error?.retryAfter).toBe(seconds);
  });

  test.each(['Wed, 25 Feb 2026 12:00:09 GMT', '2026-02-25T12:00:09+00:00'])(
    'a Retry-After date of %s is read as seconds from now, rounded up',
    async (header) => {
      vi.setSystemTime('2026-02-25T12:00:00.500Z');
      const { error } = await outcome(reinvite, [status(429, { 'retry-after': header })]);
      expect(error?.retryAfter).toBe(9);
    },
  );
});

describe('shapes of answers', () => {
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
  test.each<[keyof typeof calls, unknown, VortexErrorCode, string]>([
    ['get', [], 'UPSTREAM_BAD_RESPONSE', 'body'],
    ['get', null, 'UPSTREAM_BAD_RESPONSE', 'body'],
    ['get', 'x', 'UPSTREAM_BAD_RESPONSE', 'body'],
    ['get', {}, 'UPSTREAM_BAD_RESPONSE', 'id'],
    ['list', {}, 'UPSTREAM_BAD_RESPONSE', 'invitations'],
    ['list', { invitations: [{ id: 'a' }, 5] }, 'UPSTREAM_BAD_RESPONSE', 'invitations.1'],
    ['list', { invitations: [{ id: 5 }] }, 'UPSTREAM_BAD_RESPONSE', 'invitations.0.id'],
    ['create', { id: 5 }, 'OUTCOME_UNKNOWN', 'id'],
    ['accept', { invitations: [] }, 'OUTCOME_UNKNOWN', 'invitations'],
    ['accept', { invitations: {} }, 'OUTCOME_UNKNOWN', 'invitations'],
    ['accept', { id: 5 }, 'OUTCOME_UNKNOWN', 'id'],
    ['autojoin', {}, 'UPSTREAM_BAD_RESPONSE', 'autojoinDomains'],
    ['autojoin', { autojoinDomains: [], invitation: 5 }, 'UPSTREAM_BAD_RESPONSE', 'invitation'],
    ['autojoin', { autojoinDomains: [], invitation: {} }, 'UPSTREAM_BAD_RESPONSE', 'invitation.id'],
    ['configure', { autojoinDomains: 'x' }, 'OUTCOME_UNKNOWN', 'autojoinDomains'],
    ['sync', { processed: '1', invitationIds: [] }, 'OUTCOME_UNKNOWN', 'processed'],
    ['sync', { processed: 1 }, 'OUTCOME_UNKNOWN', 'invitationIds'],
  ])('the call %s rejects the answer %j with %s, and the error names %s', async (call, body, code, field) => {
    const { error } = await outcome(calls[call], [json(body)]);
    expect(error).toMatchObject({ code, upstreamStatus: 200 });
    expect(error?.message).toMatch(new RegExp(`\\b${field}\\b`, 'u'));
  });

  test.each(['<html>', '{', '\u00ff'])(
    'an answer of %j, which is not JSON, rejects with UPSTREAM_BAD_RESPONSE and without a cause',
    async (text) => {
      const body = text === '\u00ff' ? Uint8Array.of(0xff) : text;
      const { error } = await outcome(get, [new Response(body)]);
      expect(error?.code).toBe('UPSTREAM_BAD_RESPONSE');
      expect(error).not.toHaveProperty('cause');
    },
  );

  test('an empty answer rejects with UPSTREAM_BAD_RESPONSE if the call reads one', async () => {
    expect((await outcome(get, [new Response(' \n')])).error?.code).toBe('UPSTREAM_BAD_RESPONSE');
  });

  test.each<[string, (client: VortexClient) => Promise<unknown>]>([
    ['revokeInvitation', (client) => client.revokeInvitation('i')],
    ['deleteInvitationsByScope', (client) => client.deleteInvitationsByScope('t', 's')],
  ])('the call %s accepts any answer, an empty one included', async (_, call) => {
    for (const answer of [new Response(' '), json({ a: 1 })]) {
      const { result, error, attempts } = await outcome(call, [answer]);
      expect([result, error, attempts]).toEqual([undefined, undefined, [0]]);
    }
  });

  test.each<[keyof typeof calls, unknown, unknown]>([
    ['get', { id: 'i', groups: 'x' }, { id: 'i' }],
    ['get', { id: 'i', target: null, accepts: null, groups: null, deliveryTypes: null }, { id: 'i' }],
    ['get', { id: 'i', accepts: [null, 'x'] }, { id: 'i', accepts: [null, 'x'] }],
    ['get', { id: 'i', accepts: [{ targetType: 'email' }] }, { id: 'i', accepts: [{ targetType: 'email' }] }],
    ['create', { id: 'i', shortLink: 's' }, { id: 'i', shortLink: 's' }],
    ['accept', { id: 'i' }, { id: 'i', invitations: [{ id: 'i' }] }],
    ['accept', { invitations: [{ id: 'a' }, { id: 'b' }] }, { id: 'a', invitations: [{ id: 'a' }, { id: 'b' }] }],
    ['autojoin', { autojoinDomains: [1], invitation: null }, { autojoinDomains: [1], invitation: null }],
    ['autojoin', { autojoinDomains: [] }, { autojoinDomains: [], invitation: null }],
    ['configure', { autojoinDomains: [], invitation: { id: 'i' } }, { autojoinDomains: [], invitation: { id: 'i' } }],
    ['sync', { processed: 1, invitationIds: ['i'], more: 1 }, { processed: 1, invitationIds: ['i'] }],
  ])('the call %s reads the answer %j as %j', async (call, body, result) => {
    expect((await outcome(calls[call], [json(body)])).result).toEqual(result);
  });
});

describe('invalid arguments', () => {
  const creating = (fields: object) => (client: VortexClient) =>
    client.createInvitation({
      widgetConfigurationId: 'w',
      target: { type: 'email', value: 'a@b.example' },
      inviter: { userId: 'u' },
      ...fields,
    });
  test.each<[string, (client: VortexClient) => Promise<unknown>, VortexErrorReason | undefined]>([
    ['a body that is not JSON', creating({ metadata: { big: 1n } }), 'type'],
    [
      'an argument whose getter throws',
      (client) =>
        client.configureAutojoin({
          get scope(): string {
            throw new Error('no');
          },
        } as never),
      'type',
    ],
    ['a target that is empty', (client) => client.getInvitationsByTarget('email', ''), 'type'],
    ['a target that is not text', (client) => client.getInvitationsByTarget('email', 5 as never), 'type'],
    ['a target that is malformed', (client) => client.getInvitationsByTarget('email', 'a\ud800@b.example'), 'format'],
    ['a type of target that is malformed', (client) => client.getInvitationsByTarget('\udfff', 'a'), 'format'],
    ['no ids', (client) => client.acceptInvitations([], { email: 'a@b.example' }), 'type'],
    ['a signal that is text', (client) => client.getInvitation('i', { signal: 'x' as never }), 'type'],
    ['a scope type without a scope', creating({ scopeType: 't' }), 'format'],
    ['a scope name without a scope', creating({ scopeName: 't' }), 'format'],
    [
      'an accepting user of the type username',
      (client) => client.acceptInvitation('i', { type: 'username' as 'email', value: 'ann' }),
      undefined,
    ],
    ['an accepting user without an address', (client) => client.acceptInvitation('i', { name: 'Ann' }), undefined],
    ['an empty list of targets', (client) => client.acceptInvitations(['i'], []), undefined],
    ['an invalid traceparent', (client) => client.getInvitation('i', { traceparent: 'x' }), 'format'],
  ])('a call with %s rejects with INVALID_ARGUMENT, and nothing is sent', async (_, call, reason) => {
    const { error, attempts } = await outcome(call, [json({ id: 'i' })]);
    expect(error).toBeInstanceOf(VortexError);
    expect([error?.code, error?.reason, attempts]).toEqual(['INVALID_ARGUMENT', reason, []]);
  });
});

test.each<[object, unknown]>([
  [{ groups: [], scope: '' }, []],
  [{ groups: [null, 'x', {}, { type: 't' }, { id: null }, { id: '' }] }, []],
  [{ groups: [{}], scope: 's' }, [{ type: 'default', groupId: 's', scopeId: 's', name: 's' }]],
  [
    { groups: [{ groupId: '', id: 's', type: 't', name: 'n' }, {}] },
    [{ type: 't', id: 's', groupId: 's', scopeId: 's', name: 'n' }],
  ],
  [{ scope: 5 }, undefined],
  [{ scope: 's' }, [{ type: 'default', groupId: 's', scopeId: 's', name: 's' }]],
  [{ scope: 's', scopeType: '' }, [{ type: 'default', groupId: 's', scopeId: 's', name: 's' }]],
  [{ scope: 's', scopeType: 5 }, [{ type: 'default', groupId: 's', scopeId: 's', name: 's' }]],
  [{ scope: 's', scopeType: 't' }, [{ type: 't', groupId: 's', scopeId: 's', name: 's' }]],
])('the scopes of an invitation with %j are read as %j', async (fields, scopes) => {
  const { result } = await outcome(get, [json({ id: 'i', ...fields })]);
  expect((result as { scopes?: unknown }).scopes).toEqual(scopes);
});

test('a signal that is null is none, and a reply of any status from 200 to 299 is a result', async () => {
  const { result } = await outcome(
    (client) => client.getInvitation('i', { signal: null as never }),
    [json({ id: 'i' }, { status: 299 })],
  );
  expect(result).toEqual({ id: 'i' });
});

test.each([
  [[3], ['0']],
  [
    [20, 0],
    ['0', '20'],
  ],
  [
    [20, 20, 19],
    ['0', '20', '40'],
  ],
])(
  'invitationsByScope yields the invitations of pages of %j entries, and requests them with start %j',
  async (lengths, starts) => {
    const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const sent: unknown[] = [];
    const fetch = async (url: string, init: { headers: Record<string, string> }) => {
      expect(init.headers).toMatchObject(headers);
      const start = Number(new URL(url).searchParams.get('start'));
      const invitations = Array.from({ length: lengths[sent.length] ?? 0 }, (_, index) => ({
        id: `i-${start + index}`,
      }));
      sent.push(new URL(url).searchParams.get('start'));
      return json({ invitations });
    };
    const ids: string[] = [];
    const client = new VortexClient(KEY, { fetch });
    for await (const { id } of client.invitationsByScope('t', 's', headers)) ids.push(id);
    const all = lengths.reduce((sum, length) => sum + length);
    expect([sent, ids]).toEqual([starts, Array.from({ length: all }, (_, index) => `i-${index}`)]);
  },
);

test.each([20, 25])('invitationsByScope ends if each page has the same %i entries', async (length) => {
  const fetch = vi.fn(async () => json({ invitations: Array.from({ length }, (_, index) => ({ id: `i-${index}` })) }));
  const ids: string[] = [];
  for await (const { id } of new VortexClient(KEY, { fetch }).invitationsByScope('t', 's')) ids.push(id);
  expect([fetch.mock.calls.length, ids]).toEqual([2, Array.from({ length }, (_, index) => `i-${index}`)]);
});

test('onCall receives the name of each method', async () => {
  const names: string[] = [];
  const all = { id: 'i', invitations: [{ id: 'i' }], autojoinDomains: [], processed: 0, invitationIds: [] };
  const observed = new VortexClient(KEY, { fetch: async () => json(all), onCall: ({ method }) => names.push(method) });
  const autojoin = { scope: 's', scopeType: 't', domains: [], componentId: 'c' };
  const decision = { creatorId: 'a', targetValue: 'b', action: 'accepted', componentId: 'c' } as const;
  const target = { type: 'email', value: 'a@b.example' } as const;
  const calls: Record<string, () => Promise<unknown>> = {
    getInvitation: () => observed.getInvitation('i'),
    getInvitationsByTarget: () => observed.getInvitationsByTarget('email', 'a@b.example'),
    getInvitationsByScope: () => observed.getInvitationsByScope('t', 's'),
    createInvitation: () => observed.createInvitation({ widgetConfigurationId: 'w', target, inviter: { userId: 'u' } }),
    acceptInvitations: () => observed.acceptInvitations(['i'], target),
    revokeInvitation: () => observed.revokeInvitation('i'),
    deleteInvitationsByScope: () => observed.deleteInvitationsByScope('t', 's'),
    reinvite: () => observed.reinvite('i'),
    getAutojoinDomains: () => observed.getAutojoinDomains('t', 's'),
    configureAutojoin: () => observed.configureAutojoin(autojoin),
    syncInternalInvitation: () => observed.syncInternalInvitation(decision),
  };
  for (const call of Object.values(calls)) await call();
  expect(names).toEqual(Object.keys(calls));
});

test.each<[object, unknown]>([
  [{}, undefined],
  [{ scopeId: 's' }, [{ type: 'default', groupId: 's', name: 's' }]],
  [{ scopeId: 's', scopeType: 't', scopeName: 'S' }, [{ type: 't', groupId: 's', name: 'S' }]],
  [{ scopeId: 's', scopeType: 't', scopeName: '' }, [{ type: 't', groupId: 's', name: 's' }]],
  [{ scopeName: '' }, undefined],
  [{ scopes: [{ type: 't', scopeId: 's', name: '' }] }, [{ type: 't', groupId: 's', name: 's' }]],
  [{ scopes: [{ type: 't', scopeId: 's' }] }, [{ type: 't', groupId: 's', name: 's' }]],
  [{ scopes: [{ type: 't', groupId: 'g', scopeId: 's' }] }, [{ type: 't', groupId: 'g', name: 'g' }]],
  [{ scopes: [], groups: [{ type: 't', groupId: 'g' }] }, [{ type: 't', groupId: 'g', name: 'g' }]],
  [{ scopes: [] }, []],
])('an invitation with %j is sent with the groups %j', async (fields, groups) => {
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

test('configureAutojoin sends no empty scopeName', async () => {
  let sent: unknown;
  const fetch = async (_: unknown, init?: RequestInit) => {
    sent = JSON.parse(String(init?.body));
    return json({ autojoinDomains: [], invitation: null });
  };
  const settings = { scope: 's', scopeType: 't', domains: [], componentId: 'c' };
  await new VortexClient(KEY, { baseUrl: ORIGIN, fetch }).configureAutojoin({ ...settings, scopeName: '' });
  expect(sent).toEqual(settings);
});
