/** The mount of webhooks, without a framework; the rule about addresses; the order of the arguments of a logger. */
import { createHash } from 'node:crypto';
import {
  isAddressedTo,
  memoryStore,
  VortexError,
  type VortexErrorCode,
  type VortexUser,
  type WebhookStore,
} from '@vortex/core';
import { bodyFromKept, logTo, TooLargeError } from '@vortex/core/adapter';
import { describe, expect, test, vi } from 'vitest';
import { acceptedEvent, type Delivery, mount, SECRET, type WebhookOptions } from './helpers.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('deliveries', () => {
  test.each<[string, Delivery, number, VortexErrorCode]>([
    ['by GET', { method: 'GET' }, 405, 'METHOD_NOT_ALLOWED'],
    ['without a signature', { headers: { 'x-vortex-signature': '' } }, 401, 'INVALID_SIGNATURE'],
    ['with two signatures', { headers: { 'x-vortex-signature': 'a, b' } }, 400, 'INVALID_REQUEST'],
    ['signed with another secret', { secret: 'other' }, 401, 'INVALID_SIGNATURE'],
    ['that is not JSON', { body: '{' }, 400, 'INVALID_REQUEST'],
    ['with a byte order mark', { body: '\ufeff{}' }, 400, 'INVALID_REQUEST'],
    [
      'too long by its Content-Length',
      { headers: { 'content-length': String(1024 * 1024 + 1) } },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'too long by its bytes',
      { read: () => Promise.reject(new TooLargeError('over 1048576 bytes')) },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'too long as bytes from a parser of the host',
      { read: async () => bodyFromKept(Buffer.alloc(1024 * 1024 + 1)) },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['parsed by the host', { read: async () => bodyFromKept({}) }, 500, 'RAW_BODY_REQUIRED'],
    ['that breaks off', { read: () => Promise.reject(new Error('reset')) }, 499, 'ABORTED'],
  ])('a delivery %s is refused, and no handler runs', async (_, delivery, status, code) => {
    const onEvent = vi.fn();
    const reply = await mount({ onEvent }).deliver(delivery);
    expect(reply).toMatchObject({ status, code, error: expect.any(String) });
    expect(onEvent).not.toHaveBeenCalled();
    expect(reply.headers.allow).toBe(code === 'METHOD_NOT_ALLOWED' ? 'POST' : undefined);
  });

  test.each<[string, Delivery, WebhookOptions, VortexErrorCode]>([
    ['a delivery without a signature', { headers: { 'x-vortex-signature': '' } }, {}, 'INVALID_SIGNATURE'],
    ['a delivery with two signatures', { headers: { 'x-vortex-signature': 'a, b' } }, {}, 'INVALID_REQUEST'],
    ['a signed delivery that is not JSON', { body: '{' }, {}, 'INVALID_REQUEST'],
    ['a signed delivery with a stale event', {}, { maxAge: 60_000 }, 'STALE_EVENT'],
    ['a delivery that is too long', { headers: { 'content-length': '9999999' } }, {}, 'PAYLOAD_TOO_LARGE'],
  ])('%s is given to onError each time, and logged once', async (_, delivery, options, code) => {
    const { deliver, reported, logged } = mount({ onEvent: () => {}, ...options });
    for (let count = 0; count < 3; count += 1) expect((await deliver(delivery)).code).toBe(code);
    expect(reported).toMatchObject([{ code }, { code }, { code }]);
    expect(logged).toEqual([['warn', expect.stringContaining(code)]]);
  });

  test('a delivery without a signature does not use up the warning of a wrong one', async () => {
    const { deliver, logged } = mount({ onEvent: () => {} });
    await deliver({ headers: { 'x-vortex-signature': '' } });
    await deliver({ secret: 'other' });
    expect(logged).toEqual([
      ['warn', expect.stringContaining('has no header')],
      ['warn', expect.stringContaining('Check that secret')],
    ]);
  });

  test('a delivery that breaks off is neither logged nor given to onError', async () => {
    const { deliver, reported, logged } = mount({ onEvent: () => {} });
    expect((await deliver({ read: () => Promise.reject(new Error('reset')) })).code).toBe('ABORTED');
    expect([reported, logged]).toEqual([[], []]);
  });

  test('a delivery with Content-Length 0 is empty, and its body is not read', async () => {
    const read = vi.fn();
    const delivery = { body: '', headers: { 'content-length': '0' }, read };
    expect(await mount().deliver(delivery)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect(read).not.toHaveBeenCalled();
  });

  test('a delivery of 1 MB is read', async () => {
    const body = JSON.stringify({ ...acceptedEvent, data: '' });
    const whole = body.replace('""', `"${'x'.repeat(1024 * 1024 - body.length)}"`);
    expect(await mount().deliver({ body: whole })).toMatchObject({ status: 200 });
  });

  test('a reply has no Connection and no Retry-After unless its error needs one', async () => {
    const { headers } = await mount().deliver({ secret: 'other' });
    expect(headers).not.toHaveProperty('connection');
    expect(headers).not.toHaveProperty('retry-after');
  });

  test('every invalid signature is given to onError, and the first is logged', async () => {
    const { deliver, reported, logged } = mount({ onEvent: () => {} });
    await deliver({ secret: 'other' });
    await deliver({ secret: 'other' });
    const error = { name: 'VortexWebhookSignatureError', code: 'INVALID_SIGNATURE' };
    expect(reported).toMatchObject([error, error]);
    expect(logged).toEqual([['warn', expect.stringContaining('secret')]]);
  });

  test.each<[string, Delivery, WebhookOptions, object, VortexErrorCode]>([
    [
      'a body that the host parsed',
      { read: async () => bodyFromKept({}) },
      {},
      { code: 'RAW_BODY_REQUIRED' },
      'RAW_BODY_REQUIRED',
    ],
    [
      'a handler that throws',
      {},
      { onEvent: () => Promise.reject(new Error('no database')) },
      { name: 'Error', message: 'no database' },
      'INTERNAL',
    ],
    [
      'a secret function that throws',
      {},
      {
        secret: () => {
          throw new Error('no secret');
        },
      },
      { code: 'CONFIG', cause: { message: 'no secret' } },
      'CONFIG',
    ],
    ['a secret function that returns an invalid secret', {}, { secret: () => '' }, { code: 'CONFIG' }, 'CONFIG'],
  ])('the error of %s is given to onError, and logged with its code', async (_, delivery, options, error, code) => {
    const { deliver, reported, logged } = mount({ onEvent: () => {}, ...options });
    await deliver(delivery);
    expect(reported).toMatchObject([error]);
    expect(logged).toEqual([['error', expect.stringContaining(code), expect.any(VortexError)]]);
  });

  test('an event without a handler is answered with 200, and not claimed', async () => {
    const store = { ...memoryStore(), claim: vi.fn() };
    const { deliver } = mount({ store, onAnalyticsEvent: () => {} });
    expect(await deliver()).toMatchObject({ status: 200, received: true });
    expect(store.claim).not.toHaveBeenCalled();
  });

  test('a delivery is handled on a runtime whose timers are numbers', async () => {
    vi.stubGlobal('setInterval', () => 7);
    try {
      expect((await mount({ onEvent() {} }).deliver()).status).toBe(200);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('an event in flight is answered with 503 and Retry-After, and not reported', async () => {
    const { deliver, reported, logged } = mount({
      onEvent: () => {},
      store: { ...memoryStore(), claim: () => 'in-flight' },
    });
    expect(await deliver()).toMatchObject({
      status: 503,
      code: 'EVENT_IN_FLIGHT',
      headers: { 'retry-after': '5' },
    });
    expect([reported, logged]).toEqual([[], []]);
  });

  test('an event that is done is answered with 200, and no handler runs', async () => {
    const onEvent = vi.fn();
    const { deliver } = mount({ onEvent, store: { ...memoryStore(), claim: () => 'done' } });
    expect(await deliver()).toMatchObject({ status: 200, received: true });
    expect(onEvent).not.toHaveBeenCalled();
  });

  test.each<[string, WebhookStore['claim']]>([
    ['rejects', () => Promise.reject(new Error('down'))],
    ['answers an unknown state', () => 'yes' as 'new'],
  ])('a delivery is answered with 503 and Retry-After if the claim of the store %s', async (_, claim) => {
    const { deliver, reported } = mount({ onEvent: () => {}, store: { ...memoryStore(), claim } });
    expect(await deliver()).toMatchObject({
      status: 503,
      code: 'STORE_UNAVAILABLE',
      headers: { 'retry-after': '5' },
    });
    expect(reported).toMatchObject([{ code: 'STORE_UNAVAILABLE' }]);
  });

  test.each<[string, object, string]>([
    ['its kind and its id', acceptedEvent, 'webhook:e-1'],
    ['its kind and its id, if it is an analytics event', { ...acceptedEvent, name: 'widget_loaded' }, 'analytics:e-1'],
    ['an id of 200 characters', { ...acceptedEvent, id: 'x'.repeat(200) }, `webhook:${'x'.repeat(200)}`],
    [
      'the hash of its id, if that is longer',
      { ...acceptedEvent, id: 'x'.repeat(201) },
      `webhook:${sha256('x'.repeat(201))}`,
    ],
    ['the hash of its bytes, if its id is empty', { ...acceptedEvent, id: '' }, 'webhook:#'],
    ['the hash of its bytes, if its id is not text', { ...acceptedEvent, id: 5 }, 'webhook:#'],
    ['the hash of its bytes, if it has no id', { type: 'invitation.accepted' }, 'webhook:#'],
  ])('an event is claimed by %s', async (_, event, id) => {
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
    expect(claimed).toEqual([id.replace('#', sha256(body))]);
  });

  test('a transactional store is given the id of an event and the deadline, and gives the transaction to the handler', async () => {
    const onEvent = vi.fn();
    const once = vi.fn(
      async (_ids: readonly string[], work: (tx: string) => Promise<unknown>) => void (await work('tx')),
    );
    const { deliver } = mount<string>({ store: { once }, answerWithin: 2000, onEvent });
    expect((await deliver()).status).toBe(200);
    expect(once.mock.calls).toEqual([[['webhook:e-1'], expect.any(Function), 2000]]);
    expect(onEvent).toHaveBeenCalledWith(acceptedEvent, 'the context', 'tx');
  });

  test('an event goes to the handler of its type and then to onEvent, with the context', async () => {
    const calls: unknown[] = [];
    const note = (handler: string) => (event: { id: string }, context: string) =>
      calls.push([handler, event.id, context]);
    const handlers: WebhookOptions = {
      on: { 'invitation.accepted': note('on') },
      onEvent: note('onEvent'),
      onAnalyticsEvent: note('onAnalyticsEvent'),
    };
    const { deliver } = mount(handlers);
    await deliver();
    await deliver();
    await deliver({ body: JSON.stringify({ ...acceptedEvent, id: 'e-2', type: 'toString' }) });
    await deliver({ body: JSON.stringify({ ...acceptedEvent, id: 'e-3', name: null }) });
    await deliver({ body: '[]' });
    expect(calls).toEqual([
      ['on', 'e-1', 'the context'],
      ['onEvent', 'e-1', 'the context'],
      ['onEvent', 'e-2', 'the context'],
      ['onAnalyticsEvent', 'e-3', 'the context'],
    ]);
  });

  test('a secret function is called for each request, with the context', async () => {
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
    expect((await deliver({ body: JSON.stringify({ ...acceptedEvent, id: 'e-2' }) })).status).toBe(200);
    current = ['b'];
    expect((await deliver()).status).toBe(401);
    expect(given).toEqual(['the context', 'the context', 'the context']);
  });

  test('a secret function may return more secrets than are cached', async () => {
    let index = 0;
    const { deliver } = mount({ secret: () => `s-${index}`, onEvent: () => {} });
    for (index = 0; index < 250; index += 1) {
      const status = async (secret: string) => (await deliver({ secret })).status;
      expect([await status(`s-${index}`), await status('another')]).toEqual([200, 401]);
    }
  });

  test('an event is stale by the clock of the option now', async () => {
    const now = () => Date.parse('2026-02-25T12:00:02Z');
    const late = mount({ maxAge: 1000, now, secret: () => SECRET, onEvent: () => {} });
    expect(await late.deliver()).toMatchObject({
      status: 400,
      code: 'STALE_EVENT',
    });
    expect((await mount({ maxAge: 2000, now, onEvent: () => {} }).deliver()).status).toBe(200);
  });
});

describe('isAddressedTo', () => {
  const known = {
    id: 7,
    email: 'Ann@Harbor.example',
    phone: '+1 (555) 010-2030',
    addresses: ['a@b.example', '+44 20', 'u-9', 'a@xn--bcher-kva.example', 'a@xn--r8jz45g.xn--zckzah'],
  };
  test.each<[boolean, unknown]>([
    [true, { type: 'email', value: 'ann@harbor.EXAMPLE' }],
    [true, { type: 'email', value: 'A@b.example' }],
    [false, { type: 'email', value: 'x@b.example' }],
    [false, { type: 'email', value: 'u-9' }],
    [false, { type: 'email', value: '\u212A@b.example' }],
    [true, { type: 'email', value: 'a@b\u00fccher.example' }],
    [true, { type: 'email', value: 'a@XN--BCHER-KVA.example' }],
    [true, { type: 'email', value: 'a@\u4f8b\u3048\u3002\u30c6\u30b9\u30c8' }],
    // What a URL would leave out belongs to the address.
    [false, { type: 'email', value: 'a@xn--bcher-kva.example/' }],
    [false, { type: 'email', value: 'a@b\u00fccher.example/' }],
    [false, { type: 'email', value: 'a@/b\u00fccher.example' }],
    [false, { type: 'email', value: 'a@b\u00fccher.example:80' }],
    [false, { type: 'email', value: 'a@x:b\u00fccher.example' }],
    [true, { type: 'phone', value: '15550102030' }],
    [true, { type: 'sms', value: '+1.555.010.2030' }],
    [true, { type: 'phoneNumber', value: '4420' }],
    [false, { type: 'phone', value: 'u-15550102030' }],
    [false, { type: 'phone', value: '15550102030x' }],
    [false, { type: 'phone', value: '+' }],
    [false, { type: 'phone', value: '' }],
    [true, { type: 'internal', value: '7' }],
    [false, { type: 'internal', value: 7 }],
    [false, { type: 'internal', value: '8' }],
    [false, { type: 'share', value: '7' }],
    [false, { type: 'email' }],
    [false, { value: 'ann@harbor.example' }],
    [false, null],
    [false, 'ann@harbor.example'],
  ])('isAddressedTo is %s for an invitation with the target %j', (expected, target) => {
    const other = { type: 'email', value: 'other@b.example' };
    for (const targets of [[target], [other, target], [target, other]]) {
      expect(isAddressedTo({ id: 'i', target: targets as never }, known)).toBe(expected);
    }
  });

  test.each([[undefined], [null], [{}], ['x'], [[]]])(
    'isAddressedTo is false for an invitation whose targets are %j',
    (target) => {
      expect(isAddressedTo({ id: 'i', target: target as never }, known)).toBe(false);
    },
  );

  test('isAddressedTo does not take an address that is null for the text null', () => {
    const user: VortexUser = { id: 1, email: null, addresses: null };
    expect(isAddressedTo({ id: 'i', target: [{ type: 'email', value: 'null' }] }, user)).toBe(false);
  });

  test('isAddressedTo throws BAD_AUTH_RESULT for a user without an id', () => {
    expect(() => isAddressedTo({ id: 'i' }, { id: '' })).toThrow(expect.objectContaining({ code: 'BAD_AUTH_RESULT' }));
  });
});

test.each([
  ['console', {}, ['line', 'error']],
  ['winston', { child: () => {} }, ['line', 'error']],
  ['winston with a level fatal', { child: () => {}, fatal: () => {}, transports: [] }, ['line', 'error']],
  ['tslog', { child: () => {}, fatal: () => {}, getSubLogger: () => {} }, ['line', 'error']],
  ['pino', { child: () => {}, fatal: () => {} }, ['error', 'line']],
  ['bunyan', { child: () => {}, fatal: () => {}, fields: {} }, ['error', 'line']],
])('a logger like %s is given the line and the error in its own order', (_, more, expected) => {
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

test.each([
  ['winston', { transports: [] }, 1],
  ['bunyan', { child: () => {}, fatal: () => {}, fields: {} }, 0],
])('a logger like %s, which prints no cause, is given the causes in the stack of the error', (_, more, index) => {
  const error = vi.fn();
  const cause = new Error('database down', { cause: 'no route' });
  logTo({ warn() {}, error, ...more })('error', 'line', new VortexError('INTERNAL', 'It failed.', { cause }));
  const shown = error.mock.calls[0]?.[index] as VortexError;
  expect(shown).toMatchObject({ message: 'It failed.', code: 'INTERNAL', status: 500 });
  expect(shown).toBeInstanceOf(VortexError);
  expect(shown.stack).toMatch(
    /VortexError: It failed\.[\s\S]*Caused by: Error: database down[\s\S]*Caused by: no route$/u,
  );
});

test.each([{}, { child: () => {}, fatal: () => {} }])(
  'a logger with the further methods %o and without debug is given no line of that level',
  (more) => {
    const [warn, error] = [vi.fn(), vi.fn()];
    const log = logTo({ warn, error, ...more });
    log('debug', 'line');
    log('debug', 'line', 'error');
    expect([warn.mock.calls, error.mock.calls]).toEqual([[], []]);
  },
);
