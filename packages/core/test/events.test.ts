/** Webhooks at their mount, word for word, and what there is beside them: rules about addresses, logs, stores. */

import {
  isAddressedTo,
  memoryStore,
  VortexError,
  type VortexUser,
  VortexWebhooks,
  type WebhookMountOptions,
  type WebhookStore,
} from '@vortex/core';
import { type Body, bodyOf, createWebhookEndpoint, logTo, TooLargeError } from '@vortex/core/adapter';
import { signWebhook } from '@vortex/core/testing';
import { describe, expect, test, vi } from 'vitest';

const SECRET = 'whsec_made_up';
const accepted = { id: 'e-1', type: 'invitation.accepted', timestamp: '2026-02-25T12:00:00Z', data: {} };

interface Sent {
  body?: string;
  method?: string;
  headers?: Record<string, string>;
  read?: () => Promise<Body>;
  secret?: string;
}

type Options = Partial<WebhookMountOptions<string>>;

/** A mount, and what came of each delivery to it. */
function mount(options: Options = {}) {
  const logged: unknown[][] = [];
  const told: unknown[] = [];
  const receive = createWebhookEndpoint<string>({
    secret: SECRET,
    onError: ({ error }) => told.push(error),
    ...options,
  });
  const deliver = async ({ body = JSON.stringify(accepted), secret = SECRET, ...sent }: Sent = {}) => {
    const headers: Record<string, string> = { 'x-vortex-signature': await signWebhook(body, secret), ...sent.headers };
    const reply = await receive({
      method: sent.method ?? 'POST',
      header: (name) => headers[name],
      body: sent.read ?? (async () => bodyOf(body)),
      log: (...line) => logged.push(line),
      context: 'the context',
    });
    const { error, code, received } = JSON.parse(String(reply.body));
    return { status: reply.status, headers: reply.headers, error, code, received };
  };
  return { deliver, logged, told };
}

describe('a delivery', () => {
  const raw =
    'A body parser came before the webhook, which needs the raw bytes. Mount the webhook first, or keep them as request.rawBody.';
  const signature =
    'Webhook signature verification failed. Ensure you are using the raw request body and the correct signing secret.';
  test.each<[string, Sent, number, string, string]>([
    ['by GET', { method: 'GET' }, 405, 'METHOD_NOT_ALLOWED', 'This path does not take that method.'],
    [
      'without a signature',
      { headers: { 'x-vortex-signature': '' } },
      401,
      'INVALID_SIGNATURE',
      'The header X-Vortex-Signature is missing.',
    ],
    [
      'with two',
      { headers: { 'x-vortex-signature': 'a, b' } },
      400,
      'INVALID_REQUEST',
      'X-Vortex-Signature is given more than once.',
    ],
    ['signed with another secret', { secret: 'other' }, 401, 'INVALID_SIGNATURE', signature],
    ['that is no JSON', { body: '{' }, 400, 'INVALID_REQUEST', 'The webhook is not valid JSON.'],
    ['with a mark in front', { body: '\ufeff{}' }, 400, 'INVALID_REQUEST', 'The webhook is not valid JSON.'],
    [
      'too long by its length',
      { headers: { 'content-length': String(1024 * 1024 + 1) } },
      413,
      'PAYLOAD_TOO_LARGE',
      'The request body is over 1024 kB.',
    ],
    [
      'too long by its bytes',
      { read: () => Promise.reject(new TooLargeError('over 1048576 bytes')) },
      413,
      'PAYLOAD_TOO_LARGE',
      'The request body is over 1024 kB.',
    ],
    [
      'that a parser has kept, too long',
      { read: async () => bodyOf(Buffer.alloc(1024 * 1024 + 1)) },
      413,
      'PAYLOAD_TOO_LARGE',
      'The request body is too large.',
    ],
    ['that a parser has read', { read: async () => bodyOf({}) }, 500, 'RAW_BODY_REQUIRED', raw],
    [
      'that broke off',
      { read: () => Promise.reject(new Error('reset')) },
      499,
      'ABORTED',
      'The request body broke off.',
    ],
  ])('%s is refused', async (_, sent, status, code, error) => {
    const onEvent = vi.fn();
    const reply = await mount({ onEvent }).deliver(sent);
    expect(reply).toMatchObject({ status, code, error });
    expect(onEvent).not.toHaveBeenCalled();
    expect(reply.headers.allow).toBe(code === 'METHOD_NOT_ALLOWED' ? 'POST' : undefined);
  });

  test.each<[string, Sent, Options, unknown[], string[]]>([
    ['a missing signature', { headers: { 'x-vortex-signature': '' } }, {}, [], []],
    ['a bad signature', { secret: 'other' }, {}, [{ name: 'VortexWebhookSignatureError' }], []],
    ['no JSON', { body: '{' }, {}, [], []],
    ['an old event', {}, { maxAge: 1000 }, [], []],
    [
      'a parser before it',
      { read: async () => bodyOf({}) },
      {},
      [{ code: 'RAW_BODY_REQUIRED' }],
      ['Vortex: a webhook failed with RAW_BODY_REQUIRED: A body parser came before'],
    ],
    [
      'a handler that throws',
      {},
      { onEvent: () => Promise.reject(new Error('no database')) },
      [{ name: 'Error', message: 'no database' }],
      ['Vortex: a webhook failed with INTERNAL: A webhook handler threw.'],
    ],
    [
      'a secret that throws',
      {},
      {
        secret: () => {
          throw new Error('no secret');
        },
      },
      [{ name: 'Error', message: 'no secret' }],
      ['Vortex: a webhook failed with INTERNAL: Something went wrong.'],
    ],
    [
      'a secret that is none',
      {},
      { secret: () => '' },
      [{ code: 'CONFIG', message: 'VortexWebhooks requires a secret' }],
      ['Vortex: a webhook failed with CONFIG: VortexWebhooks requires a secret'],
    ],
  ])('of %s is told and logged as it should be', async (_, sent, options, told, lines) => {
    const mounted = mount({ onEvent: () => {}, ...options });
    await mounted.deliver(sent);
    expect(mounted.told).toMatchObject(told);
    expect(mounted.logged).toEqual(
      lines.map((line) => ['error', expect.stringContaining(line), expect.any(VortexError)]),
    );
  });

  test('that nobody handles is received, and not claimed', async () => {
    const store = { ...memoryStore(), claim: vi.fn() };
    const { deliver } = mount({ store, onAnalyticsEvent: () => {} });
    expect(await deliver()).toMatchObject({ status: 200, received: true });
    expect(store.claim).not.toHaveBeenCalled();
  });

  test('in flight or not to be claimed says when to come back', async () => {
    const inFlight = mount({ onEvent: () => {}, store: { ...memoryStore(), claim: () => 'in-flight' } });
    expect(await inFlight.deliver()).toMatchObject({
      status: 503,
      code: 'EVENT_IN_FLIGHT',
      error: 'The event is being handled; deliver again later.',
      headers: { 'retry-after': '5' },
    });
    expect([inFlight.told, inFlight.logged]).toEqual([[], []]);
    const done = mount({
      onEvent: () => Promise.reject(new Error('run twice')),
      store: { ...memoryStore(), claim: () => 'done' },
    });
    expect(await done.deliver()).toMatchObject({ status: 200, received: true });

    for (const [claim, sentence] of [
      [() => Promise.reject(new Error('down')), 'The webhook store failed.'],
      [() => 'yes' as 'new', 'The webhook store answered no state to a claim.'],
    ] as const) {
      const down = mount({ onEvent: () => {}, store: { ...memoryStore(), claim } });
      expect(await down.deliver()).toMatchObject({
        status: 503,
        code: 'STORE_UNAVAILABLE',
        error: 'The webhook store cannot be reached; deliver again later.',
        headers: { 'retry-after': '5' },
      });
      expect(down.told).toMatchObject([{ code: 'STORE_UNAVAILABLE', message: sentence }]);
    }
  });

  test.each<[string, object, string]>([
    ['its id', accepted, 'webhook:e-1'],
    ['the id of an analytics event', { ...accepted, name: 'widget_loaded' }, 'analytics:e-1'],
    ['an id as long as may be', { ...accepted, id: 'x'.repeat(200) }, `webhook:${'x'.repeat(200)}`],
    ['its bytes, for a longer id', { ...accepted, id: 'x'.repeat(201) }, 'webhook:#'],
    ['its bytes, for an empty id', { ...accepted, id: '' }, 'webhook:#'],
    ['its bytes, for an id that is no text', { ...accepted, id: 5 }, 'webhook:#'],
    ['its bytes, for no id', { type: 'invitation.accepted' }, 'webhook:#'],
  ])('is known by %s', async (_, event, id) => {
    const claimed: string[] = [];
    const memory = memoryStore();
    const store: WebhookStore = {
      ...memory,
      claim: (key, ...rest) => {
        claimed.push(key);
        return memory.claim(key, ...rest);
      },
    };
    const body = JSON.stringify(event);
    await mount({ store, onEvent: () => {}, onAnalyticsEvent: () => {} }).deliver({ body });
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(body))).toString('hex');
    expect(claimed).toEqual([id.replace('#', digest)]);
  });

  test('goes to the handler of its type and then to that of all, with the context', async () => {
    const calls: unknown[] = [];
    const note = (handler: string) => (event: { id: string }, context: string) =>
      calls.push([handler, event.id, context]);
    const handlers: Options = {
      on: { 'invitation.accepted': note('on') },
      onEvent: note('onEvent'),
      onAnalyticsEvent: note('onAnalyticsEvent'),
    };
    const { deliver } = mount(handlers);
    await deliver();
    await deliver();
    await deliver({ body: JSON.stringify({ ...accepted, id: 'e-2', type: 'toString' }) });
    await deliver({ body: JSON.stringify({ ...accepted, id: 'e-3', name: null }) });
    await deliver({ body: '[]' });
    expect(calls).toEqual([
      ['on', 'e-1', 'the context'],
      ['onEvent', 'e-1', 'the context'],
      ['onEvent', 'e-2', 'the context'],
      ['onAnalyticsEvent', 'e-3', 'the context'],
    ]);
  });

  test('may need a secret that depends on the request', async () => {
    const given: string[] = [];
    let current: string[] = ['a', SECRET];
    const { deliver } = mount({
      secret: (context) => {
        given.push(context);
        return current;
      },
      onEvent: () => {},
    });
    expect((await deliver()).status).toBe(200);
    expect((await deliver({ body: JSON.stringify({ ...accepted, id: 'e-2' }) })).status).toBe(200);
    current = ['b'];
    expect((await deliver()).status).toBe(401);
    expect(given).toEqual(['the context', 'the context', 'the context']);
  });

  test('by any of very many secrets is believed', async () => {
    let index = 0;
    const { deliver } = mount({ secret: () => `s-${index}`, onEvent: () => {} });
    for (index = 0; index < 250; index += 1) {
      const status = async (secret: string) => (await deliver({ secret })).status;
      expect([await status(`s-${index}`), await status('another')]).toEqual([200, 401]);
    }
  });

  test('is late by the clock of the option', async () => {
    const now = () => Date.parse('2026-02-25T12:00:02Z');
    const late = mount({ maxAge: 1000, now, secret: () => SECRET, onEvent: () => {} });
    expect(await late.deliver()).toMatchObject({
      status: 400,
      code: 'STALE_EVENT',
      error: "The event's timestamp is not within 1000 ms of now.",
    });
    expect((await mount({ maxAge: 2000, now, onEvent: () => {} }).deliver()).status).toBe(200);
  });
});

describe('the verifier', () => {
  test.each([[5], [{}], [null], [['x']]])('does not take %j for a body', async (body) => {
    const message = 'A webhook is verified over the raw body, as bytes or text, and not what a parser has made of it.';
    const verified = new VortexWebhooks({ secret: SECRET }).verifySignature(body as unknown as string, 'x');
    await expect(verified).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'type', message });
  });

  test('tells an error of a handler, and throws it on', async () => {
    const told: unknown[] = [];
    const error = new Error('no database');
    const handled = new VortexWebhooks({ secret: SECRET }).handleEvent(
      { ...accepted, type: 'invitation.accepted' } as never,
      { onEvent: () => Promise.reject(error), onError: (one) => told.push(one) },
    );
    await expect(handled).rejects.toBe(error);
    expect(told).toEqual([error]);
  });
});

describe('an invitation is addressed to a user', () => {
  const known = {
    id: 7,
    email: 'Ann@Harbor.example',
    phone: '+1 (555) 010-2030',
    addresses: ['a@b.example', '+44 20', 'u-9'],
  };
  test.each<[unknown, boolean]>([
    [{ type: 'email', value: 'ann@harbor.EXAMPLE' }, true],
    [{ type: 'email', value: 'A@b.example' }, true],
    [{ type: 'email', value: 'x@b.example' }, false],
    [{ type: 'email', value: 'u-9' }, false],
    [{ type: 'email', value: '\u212A@b.example' }, false],
    [{ type: 'phone', value: '15550102030' }, true],
    [{ type: 'sms', value: '+1.555.010.2030' }, true],
    [{ type: 'phoneNumber', value: '4420' }, true],
    [{ type: 'phone', value: 'u-15550102030' }, false],
    [{ type: 'phone', value: '15550102030x' }, false],
    [{ type: 'phone', value: '+' }, false],
    [{ type: 'phone', value: '' }, false],
    [{ type: 'internal', value: '7' }, true],
    [{ type: 'internal', value: 7 }, false],
    [{ type: 'internal', value: '8' }, false],
    [{ type: 'share', value: '7' }, false],
    [{ type: 'email' }, false],
    [{ value: 'ann@harbor.example' }, false],
    [null, false],
    ['ann@harbor.example', false],
  ])('by %j: %s', (target, expected) => {
    const other = { type: 'email', value: 'other@b.example' };
    for (const targets of [[target], [other, target], [target, other]]) {
      expect(isAddressedTo({ id: 'i', target: targets as never }, known)).toBe(expected);
    }
  });

  test('by nothing: not', () => {
    for (const target of [undefined, null, {}, 'x', []]) {
      expect(isAddressedTo({ id: 'i', target: target as never }, known)).toBe(false);
    }
    const nobody: VortexUser = { id: 1, email: null, addresses: null };
    expect(isAddressedTo({ id: 'i', target: [{ type: 'email', value: 'null' }] }, nobody)).toBe(false);
  });

  test('who is none: an error', () => {
    expect(() => isAddressedTo({ id: 'i' }, { id: '' })).toThrow(expect.objectContaining({ code: 'BAD_AUTH_RESULT' }));
  });
});

test.each([
  ['console', {}, ['line', 'error']],
  ['winston', { child: () => {} }, ['line', 'error']],
  ['pino', { child: () => {}, fatal: () => {} }, ['error', 'line']],
])('the order in which %s wants a line and its error', (_, more, expected) => {
  const lines: unknown[][] = [];
  const log = logTo({
    warn: (...line) => lines.push(['warn', ...line]),
    error: (...line) => lines.push(line),
    ...more,
  });
  log('error', 'line', 'error');
  log('warn', 'alone');
  expect(lines).toEqual([expected, ['warn', 'alone']]);
});

describe('the store in memory', () => {
  test('has no more than it may, and forgets the oldest', () => {
    const store = memoryStore({ maxEvents: 2 });
    for (const id of ['a', 'b', 'a', 'c']) store.complete(id);
    expect(['a', 'b', 'c'].map((id) => store.claim(id, { owner: 'x', lease: 1000 }))).toEqual(['done', 'new', 'done']);
    for (const id of ['d', 'e', 'f']) store.complete(id);
    expect(['a', 'c', 'd', 'e', 'f'].map((id) => store.claim(id, { owner: 'y', lease: 1000 }))).toEqual([
      'new',
      'new',
      'new',
      'done',
      'done',
    ]);
  });

  test('forgets to the millisecond', () => {
    vi.useFakeTimers({ now: 0 });
    try {
      const store = memoryStore({ retention: 100 });
      store.complete('a');
      vi.setSystemTime(99);
      expect(store.claim('a', { owner: 'x', lease: 10 })).toBe('done');
      vi.setSystemTime(100);
      expect(store.claim('a', { owner: 'x', lease: 10 })).toBe('new');
      vi.setSystemTime(109);
      expect(store.claim('a', { owner: 'y', lease: 10 })).toBe('in-flight');
      vi.setSystemTime(110);
      expect(store.claim('a', { owner: 'y', lease: 10 })).toBe('new');
      const week = memoryStore();
      week.complete('a');
      vi.setSystemTime(110 + 7 * 86_400_000 - 1);
      expect(week.claim('a', { owner: 'x', lease: 10 })).toBe('done');
      vi.setSystemTime(110 + 7 * 86_400_000);
      expect(week.claim('a', { owner: 'x', lease: 10 })).toBe('new');
    } finally {
      vi.useRealTimers();
    }
  });

  test('lets go of what somebody holds for nobody else', () => {
    const store = memoryStore();
    store.claim('a', { owner: 'one', lease: 1000 });
    store.release('a', 'two');
    store.release('b', 'two');
    expect(store.claim('a', { owner: 'two', lease: 1000 })).toBe('in-flight');
    store.complete('a');
    store.release('a', 'one');
    expect(store.claim('a', { owner: 'two', lease: 1000 })).toBe('done');
  });
});
