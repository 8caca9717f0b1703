/** What a webhook must be to be believed, and what the compiler says of those who handle it. */

import { execFileSync } from 'node:child_process';
import {
  type AnalyticsEvent,
  type InvitationEventData,
  memoryStore,
  VortexWebhooks,
  type VortexWebhooksOptions,
  type WebhookEvent,
  type WebhookEventType,
  type WebhookHandlers,
} from '@vortex/core';
import { createWebhookEndpoint } from '@vortex/core/adapter';
import { redisStore } from '@vortex/core/redis';
import { signWebhook } from '@vortex/core/testing';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';

const SECRET = 'whsec_made_up';
const event = (fields: object = {}) =>
  JSON.stringify({ id: 'e-1', type: 'invitation.accepted', timestamp: '2026-02-25T12:00:00Z', data: {}, ...fields });
const construct = async (body: string, options: Partial<VortexWebhooksOptions> = {}) =>
  new VortexWebhooks({ secret: SECRET, ...options }).constructEvent(body, await signWebhook(body, SECRET));

describe('a signature', () => {
  test('is of every byte: any one that is flipped makes it another', async () => {
    const webhooks = new VortexWebhooks({ secret: SECRET });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 500 }), fc.nat(), fc.nat(7), async (body, at, bit) => {
        const signature = await signWebhook(body, SECRET);
        expect(await webhooks.verifySignature(body, signature)).toBe(true);
        const index = at % body.length;
        const flipped = Uint8Array.from(body, (byte, position) => (position === index ? byte ^ (1 << bit) : byte));
        expect(await webhooks.verifySignature(flipped, signature)).toBe(false);
        const digits = [...signature];
        digits[at % 64] = digits[at % 64] === '0' ? '1' : '0';
        expect(await webhooks.verifySignature(body, digits.join(''))).toBe(false);
      }),
    );
  });

  test('by either of two secrets will do, and by a third will not', async () => {
    const webhooks = new VortexWebhooks({ secret: ['new', 'old'] });
    const valid = async (secret: string) => webhooks.verifySignature('body', await signWebhook('body', secret));
    expect(await Promise.all(['new', 'old', 'other'].map(valid))).toEqual([true, true, false]);
  });

  test.each([[{ id: 'e-1' }], [null], [undefined], [1], [['a']]])(
    'of %o, which is no raw body, is an error',
    async (body) => {
      const verified = new VortexWebhooks({ secret: SECRET }).verifySignature(body as unknown as string, 'x');
      await expect(verified).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/raw body/u),
      });
    },
  );
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['an empty list', []],
  ['a list with an empty one', ['a', '']],
  ['a list of nothing', [undefined, undefined]],
  ['a number', 5],
  ['one padded in front', ' secret'],
  ['one with a line break', 'secret\n'],
  ['a padded one in a list', ['secret', 'other ']],
])('%s is no secret', (_, secret) => {
  const options = { secret: secret as string };
  for (const build of [() => new VortexWebhooks(options), () => createWebhookEndpoint(options)]) {
    expect(build).toThrow(expect.objectContaining({ code: 'CONFIG', message: expect.stringMatching(/secret/u) }));
  }
});

test('a list may have gaps, and a header may be a list', async () => {
  const webhooks = new VortexWebhooks({ secret: [process.env.NOBODY_HAS_SET_THIS, SECRET] });
  const signature = await signWebhook('body', SECRET);
  const header: string | string[] | undefined = Math.random() < 2 ? [signature] : signature;
  expect([await webhooks.verifySignature('body', signature), await webhooks.verifySignature('body', header)]).toEqual([
    true,
    false,
  ]);
});

test.each<[string, () => unknown]>([
  ['max', () => memoryStore({ maxEvents: 0 })],
  ['max', () => memoryStore({ maxEvents: Number.NaN })],
  ['retention', () => memoryStore({ retention: -1 })],
  ['retention', () => redisStore(new Redis({ lazyConnect: true }), { retention: Number.POSITIVE_INFINITY })],
  ['retention', () => redisStore(new Redis({ lazyConnect: true }), { retention: 1.5 })],
])('a store whose %s cannot be meant is not built', (option, build) => {
  expect(build).toThrow(expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining(option) }));
});

test.each<[string, object]>([
  ['maxAge', { maxAge: -1 }],
  ['maxAge', { secret: () => SECRET, maxAge: -1 }],
  ['maxAge', { maxAge: Number.NaN }],
  ['maxAge', { maxAge: '5m' }],
  ['lease', { lease: 0 }],
  ['lease', { lease: Number.POSITIVE_INFINITY }],
  ['timeout', { timeout: 1.5 }],
  ['store', { store: { claim() {} } }],
  ['on', { on: () => {} }],
  ['on.invitation.accepted', { on: { 'invitation.accepted': 'yes' } }],
  ['onEvent', { onEvent: {} }],
  ['onevent', { onevent: () => {} }],
])('an option that is wrong is named: %s', (name, options) => {
  const build = () => createWebhookEndpoint({ secret: SECRET, ...options });
  expect(build).toThrow(expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining(name) }));
});

describe('the age of an event', () => {
  const now = () => Date.parse('2026-02-25T12:05:00Z');
  test.each<[string, unknown, number | undefined, boolean]>([
    ['any, unless asked', '1999-01-01T00:00:00Z', undefined, true],
    ['as old as may be', '2026-02-25T12:00:00Z', 300_000, true],
    ['a little older', '2026-02-25T11:59:59.999Z', 300_000, false],
    ['as far ahead as may be', '2026-02-25T12:10:00Z', 300_000, true],
    ['a little further', '2026-02-25T12:10:00.001Z', 300_000, false],
    ['unknown', undefined, 300_000, false],
    ['no date', 'yesterday', 300_000, false],
    ['a number', 1_772_021_100_000, 300_000, false],
  ])('%s', async (_, timestamp, maxAge, accepted) => {
    const constructed = construct(event({ timestamp }), { maxAge, now });
    if (accepted) await expect(constructed).resolves.toMatchObject({ id: 'e-1' });
    else await expect(constructed).rejects.toMatchObject({ code: 'STALE_EVENT', status: 400 });
  });

  test('is asked of what is no event at all', async () => {
    for (const body of ['null', '1', '[]']) {
      await expect(construct(body, { maxAge: 1 })).rejects.toMatchObject({ code: 'STALE_EVENT' });
    }
  });
});

describe('the default store', () => {
  test('lets one in, and the others when it is done or gone', () => {
    vi.useFakeTimers();
    try {
      const store = memoryStore({ retention: 1000 });
      expect(store.claim('a', { owner: 'one', lease: 100 })).toBe('new');
      expect(store.claim('a', { owner: 'two', lease: 100 })).toBe('in-flight');
      expect(store.claim('b', { owner: 'two', lease: 100 })).toBe('new');
      vi.advanceTimersByTime(60);
      expect(store.claim('a', { owner: 'one', lease: 100 })).toBe('new');
      vi.advanceTimersByTime(60);
      expect(store.claim('a', { owner: 'two', lease: 100 })).toBe('in-flight');
      vi.advanceTimersByTime(60);
      expect(store.claim('a', { owner: 'two', lease: 100 })).toBe('new');
      store.release('a', 'one');
      expect(store.claim('a', { owner: 'three', lease: 100 })).toBe('in-flight');
      store.release('a', 'two');
      expect(store.claim('a', { owner: 'three', lease: 100 })).toBe('new');
      store.complete('a');
      expect(store.claim('a', { owner: 'four', lease: 100 })).toBe('done');
      vi.advanceTimersByTime(1001);
      expect(store.claim('a', { owner: 'four', lease: 100 })).toBe('new');
    } finally {
      vi.useRealTimers();
    }
  });

  test('forgets what is too old, whether it is full or not', () => {
    vi.useFakeTimers();
    try {
      const store = memoryStore({ retention: 1000 });
      store.complete('a');
      vi.advanceTimersByTime(600);
      store.complete('a');
      store.complete('b');
      vi.advanceTimersByTime(600);
      expect(['a', 'b'].map((id) => store.claim(id, { owner: 'x', lease: 1 }))).toEqual(['done', 'done']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('forgets the oldest when it is full', () => {
    const store = memoryStore({ maxEvents: 3 });
    for (const id of ['a', 'b', 'c', 'd']) store.complete(id);
    expect(['a', 'b', 'c', 'd'].map((id) => store.claim(id, { owner: 'x', lease: 1000 }))).toEqual([
      'new',
      'done',
      'done',
      'done',
    ]);
  });
});

test('ten thousand events take less than 5 MB of the default store, and as many again no more', { timeout: 60_000 }, ({
  task,
}) => {
  const program = `
    import { signWebhook } from '@vortex/core/testing';
    import { createWebhookEndpoint } from '@vortex/core/adapter';
    const receive = createWebhookEndpoint({ secret: 's', onEvent() {} });
    const deliver = async (count) => {
      for (let index = 0; index < count; index += 1) {
        const body = new TextEncoder().encode(JSON.stringify({ id: crypto.randomUUID(), type: 'invitation.accepted' }));
        const signature = await signWebhook(body, 's');
        const { status } = await receive({ method: 'POST', header: (name) => name === 'x-vortex-signature' ? signature : undefined, body: async () => ({ kind: "bytes", bytes: body }), log: console.error });
        if (status !== 200) throw new Error(status);
      }
    };
    const inUse = () => (gc(), gc(), process.memoryUsage().heapUsed);
    await deliver(500);
    const before = inUse();
    await deliver(9500);
    const full = inUse() - before;
    await deliver(10_000);
    console.log(JSON.stringify([full, inUse() - before]));
    await deliver(1);`;
  const printed = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  const megabytes = (JSON.parse(printed) as number[]).map((bytes) => bytes / 2 ** 20);
  for (const each of megabytes) expect(each).toBeLessThan(5);
  const [first, later] = megabytes.map((each) => each.toFixed(1));
  Object.assign(task.meta, {
    report: `Webhook store in memory: ${first} MB at 10,000 events, ${later} MB after 20,000`,
  });
});

describe('types', () => {
  test('an event is what its type says', () => {
    const handlers: WebhookHandlers<{ env: string }> = {
      on: {
        'invitation.accepted': (event, context) => {
          expectTypeOf(event.type).toEqualTypeOf<'invitation.accepted'>();
          expectTypeOf(event.data).toEqualTypeOf<InvitationEventData>();
          expectTypeOf(event.data.user?.email).toEqualTypeOf<string | undefined>();
          expectTypeOf(context).toEqualTypeOf<{ env: string }>();
        },
        'invitation.deactivated': undefined,
        'deployment.created': (event) => {
          expectTypeOf(event.data).toEqualTypeOf<Record<string, unknown>>();
        },
        // @ts-expect-error: there is no such type
        'invitation.acepted': () => {},
      },
      onEvent: (event) => {
        expectTypeOf(event.type).toExtend<string>();
        if (event.type === 'invitation.accepted') expectTypeOf(event.data).toEqualTypeOf<InvitationEventData>();
        switch (event.type) {
          case 'group.member.added':
            expectTypeOf(event.data.scopeName).toEqualTypeOf<string | undefined>();
            break;
          // @ts-expect-error: there is no such type
          case 'group.member.aded':
            break;
          default:
            expectTypeOf(event.type).toExtend<string>();
        }
      },
      onAnalyticsEvent: (event) => {
        expectTypeOf(event).toEqualTypeOf<AnalyticsEvent>();
        // Names are open: a new one is no error.
        expectTypeOf<'something_new'>().toExtend<typeof event.name>();
      },
    };
    expect(handlers).toBeDefined();
  });

  test('what comes from outside has to be narrowed', async () => {
    const constructed = await construct(event());
    // @ts-expect-error: it may be an analytics event
    expect(constructed.data).toEqual({});
    expectTypeOf<WebhookEvent['data']>().toExtend<object>();
    expectTypeOf<WebhookEventType>().toExtend<string>();
    // @ts-expect-error: a secret is not optional
    expect(() => new VortexWebhooks({})).toThrow();
  });

  test('without a context there is none to give', () => {
    const webhooks = new VortexWebhooks({ secret: SECRET });
    const handlers: WebhookHandlers<Request> = {};
    // @ts-expect-error: these handlers want a Request
    const call = () => webhooks.handleEvent({} as WebhookEvent, handlers);
    expect(call).toBeTypeOf('function');
  });
});
