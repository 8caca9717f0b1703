/** The verifier of webhooks, the store in memory, and the types of handlers. */
import { execFileSync } from 'node:child_process';
import {
  type AnalyticsEvent,
  type InvitationEventData,
  isAnalyticsEvent,
  isWebhookEvent,
  memoryStore,
  type NewerWebhookEvent,
  type VortexEvent,
  VortexWebhooks,
  type VortexWebhooksOptions,
  type WebhookEvent,
  type WebhookEventType,
  type WebhookHandlers,
} from '@vortex/core';
import { signWebhook } from '@vortex/core/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { acceptedEvent, SECRET } from './helpers.ts';

const event = (fields: object = {}) => JSON.stringify({ ...acceptedEvent, ...fields });
const construct = async (body: string, options: Partial<VortexWebhooksOptions> = {}) =>
  new VortexWebhooks({ secret: SECRET, ...options }).constructEvent(body, await signWebhook(body, SECRET));

describe('signatures', () => {
  test('a body with one flipped bit, and a signature with one changed digit, is refused', async () => {
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

  test('a signature by either of two secrets is accepted, and one by a third is refused', async () => {
    const webhooks = new VortexWebhooks({ secret: ['new', 'old'] });
    const valid = async (secret: string) => webhooks.verifySignature('body', await signWebhook('body', secret));
    expect(await Promise.all(['new', 'old', 'other'].map(valid))).toEqual([true, true, false]);
  });

  test('a signature with a digit more or less is refused', async () => {
    const webhooks = new VortexWebhooks({ secret: SECRET });
    const signature = await signWebhook('body', SECRET);
    expect(await webhooks.verifySignature('body', `${signature}0`)).toBe(false);
    expect(await webhooks.verifySignature('body', signature.slice(0, -1))).toBe(false);
  });

  test('a body may be bytes in any view', async () => {
    const webhooks = new VortexWebhooks({ secret: SECRET });
    const signature = await signWebhook('\u0101\u0102', SECRET);
    const { buffer } = Uint8Array.from(new TextEncoder().encode('\u0101\u0102'));
    for (const body of [buffer, new Uint8Array(buffer), new Uint16Array(buffer), new DataView(buffer)]) {
      expect(await webhooks.verifySignature(body as Uint8Array, signature)).toBe(true);
    }
  });

  test.each([[{ id: 'e-1' }], [{}], [null], [undefined], [1], [['a']]])(
    'verifying %o, which is not a raw body, rejects with INVALID_ARGUMENT',
    async (body) => {
      const verified = new VortexWebhooks({ secret: SECRET }).verifySignature(body as unknown as string, 'x');
      await expect(verified).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        reason: 'type',
        message: expect.stringMatching(/raw body/u),
      });
    },
  );
});

test('a list of secrets may have gaps', async () => {
  const webhooks = new VortexWebhooks({ secret: [process.env.UNSET_VARIABLE, SECRET] });
  expect(await webhooks.verifySignature('body', await signWebhook('body', SECRET))).toBe(true);
});

test('a header that is a list is refused', async () => {
  const webhooks = new VortexWebhooks({ secret: SECRET });
  const verify = (header: string | string[] | undefined) => webhooks.verifySignature('body', header);
  expect(await verify([await signWebhook('body', SECRET)])).toBe(false);
});

describe('maxAge', () => {
  const now = () => Date.parse('2026-02-25T12:05:00Z');
  test.each<[string, unknown, number | undefined]>([
    ['27 years old and there is no maxAge', '1999-01-01T00:00:00Z', undefined],
    ['exactly the maxAge before now', '2026-02-25T12:00:00Z', 300_000],
    ['exactly the maxAge after now', '2026-02-25T12:10:00Z', 300_000],
  ])('a timestamp is accepted if it is %s', async (_, timestamp, maxAge) => {
    await expect(construct(event({ timestamp }), { maxAge, now })).resolves.toMatchObject({ id: 'e-1' });
  });

  test.each<[string, unknown]>([
    ['1 ms more than the maxAge before now', '2026-02-25T11:59:59.999Z'],
    ['1 ms more than the maxAge after now', '2026-02-25T12:10:00.001Z'],
    ['undefined', undefined],
    ['text that is not a date', 'yesterday'],
    ['a number', 1_772_021_100_000],
  ])('a timestamp rejects with STALE_EVENT if it is %s', async (_, timestamp) => {
    const constructed = construct(event({ timestamp }), { maxAge: 300_000, now });
    await expect(constructed).rejects.toMatchObject({ code: 'STALE_EVENT', status: 400 });
  });

  test('an object that is no event rejects with STALE_EVENT', async () => {
    await expect(construct('{}', { maxAge: 1 })).rejects.toMatchObject({ code: 'STALE_EVENT' });
  });
});

test('a number is no timestamp, even if it reads as a year', async () => {
  const now = () => Date.parse('2026-01-01T00:00:00Z');
  const constructed = construct(event({ timestamp: 2026 }), { maxAge: 300_000, now });
  await expect(constructed).rejects.toMatchObject({ code: 'STALE_EVENT' });
});

test('a signed body that is not JSON rejects with INVALID_REQUEST, with the cause', async () => {
  await expect(construct('{')).rejects.toMatchObject({ code: 'INVALID_REQUEST', cause: expect.any(SyntaxError) });
});

test.each(['null', '1', '[]', '["type"]', '"type"', 'true'])(
  'the signed body %s, which is not a JSON object, rejects with INVALID_REQUEST',
  async (body) => {
    for (const options of [{}, { maxAge: 1 }]) {
      await expect(construct(body, options)).rejects.toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
    }
  },
);

describe('handleEvent with a store', () => {
  const accepted = acceptedEvent as WebhookEvent;
  const handling = (options: Partial<VortexWebhooksOptions> = {}) => {
    const handled: string[] = [];
    const webhooks = new VortexWebhooks({ secret: SECRET, store: memoryStore(), ...options });
    // No two deliveries have the same content.
    const handle = (id: string) =>
      webhooks.handleEvent(
        { ...accepted, id, timestamp: crypto.randomUUID() },
        { onEvent: () => void handled.push(id) },
      );
    return { webhooks, handle, handled };
  };

  test('handleEvent handles an event once, by its id', async () => {
    const { handle, handled } = handling();
    for (const id of ['a', 'b', 'a']) await handle(id);
    expect(handled).toEqual(['a', 'b']);
  });

  test('handleEvent handles an event once, by the key that the application gives', async () => {
    const { handle, handled } = handling({ key: ({ id }) => id[0] ?? '' });
    for (const id of ['a-1', 'a-2', 'b-1']) await handle(id);
    expect(handled).toEqual(['a-1', 'b-1']);
  });

  test('handleEvent waits for a key that is a promise, and rejects with the error of one that rejects', async () => {
    const { handle, handled } = handling({ key: async () => 'the same' });
    for (const id of ['a', 'b']) await handle(id);
    expect(handled).toEqual(['a']);
    const failing = handling({ key: () => Promise.reject(new Error('no key')) });
    await expect(failing.handle('a')).rejects.toThrow('no key');
    expect(failing.handled).toEqual([]);
  });

  test('handleEvent handles an event whose key is empty once, by its content', async () => {
    const { webhooks } = handling({ key: () => '' });
    const handled: string[] = [];
    const onEvent = ({ id }: WebhookEvent) => void handled.push(id);
    for (const id of ['a', 'b', 'a']) await webhooks.handleEvent({ ...accepted, id }, { onEvent });
    expect(handled).toEqual(['a', 'b']);
  });

  test('handleEvent claims no event that has no handler', async () => {
    const { webhooks, handle, handled } = handling();
    await webhooks.handleEvent({ ...accepted, id: 'a' }, { onAnalyticsEvent() {} });
    await handle('a');
    expect(handled).toEqual(['a']);
  });
});

test('handleEvent warns of the names of events that are not known, once per instance', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const webhooks = new VortexWebhooks({ secret: SECRET });
  const handle = (name: string) => webhooks.handleEvent(acceptedEvent as WebhookEvent, { on: { [name]: () => {} } });
  await handle('invitation.accepted');
  expect(warn).not.toHaveBeenCalled();
  await handle('x.y');
  await handle('x.z');
  expect(warn.mock.calls).toEqual([[expect.stringContaining('x.y')]]);
  warn.mockRestore();
});

test('handleEvent gives the error of a handler to onError, and rejects with it', async () => {
  const reported: unknown[] = [];
  const error = new Error('no database');
  const handled = new VortexWebhooks({ secret: SECRET }).handleEvent(acceptedEvent as WebhookEvent, {
    onEvent: () => Promise.reject(error),
    onError: (one) => reported.push(one),
  });
  await expect(handled).rejects.toBe(error);
  expect(reported).toEqual([error]);
});

describe('the store in memory', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  const passUntil = (milliseconds: number) => void vi.advanceTimersByTime(milliseconds - Date.now());
  afterEach(() => void vi.useRealTimers());

  test('a claim of an event is in flight for other owners until its lease ends or it is released', () => {
    const store = memoryStore();
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
  });

  test('a release by another owner, or of a completed event, does nothing', () => {
    const store = memoryStore();
    store.claim('a', { owner: 'one', lease: 1000 });
    store.release('a', 'two');
    store.release('b', 'two');
    expect(store.claim('a', { owner: 'two', lease: 1000 })).toBe('in-flight');
    store.complete('a');
    store.release('a', 'one');
    expect(store.claim('a', { owner: 'two', lease: 1000 })).toBe('done');
  });

  test.each([3_600_000, -3_600_000])('a clock that jumps by %i ms neither ends a lease nor prolongs it', (jump) => {
    const store = memoryStore();
    store.claim('a', { owner: 'x', lease: 1000 });
    vi.setSystemTime(Date.now() + jump);
    expect(store.claim('a', { owner: 'y', lease: 1000 })).toBe('in-flight');
    vi.advanceTimersByTime(1000);
    expect(store.claim('a', { owner: 'y', lease: 1000 })).toBe('new');
  });

  test('a completed event is done until its retention ends, to the millisecond', () => {
    const store = memoryStore({ retention: 100 });
    store.complete('a');
    passUntil(99);
    expect(store.claim('a', { owner: 'x', lease: 10 })).toBe('done');
    passUntil(100);
    expect(store.claim('a', { owner: 'x', lease: 10 })).toBe('new');
    passUntil(109);
    expect(store.claim('a', { owner: 'y', lease: 10 })).toBe('in-flight');
    passUntil(110);
    expect(store.claim('a', { owner: 'y', lease: 10 })).toBe('new');
  });

  test('the default retention is 7 days', () => {
    const store = memoryStore();
    store.complete('a');
    passUntil(7 * 86_400_000 - 1);
    expect(store.claim('a', { owner: 'x', lease: 10 })).toBe('done');
    passUntil(7 * 86_400_000);
    expect(store.claim('a', { owner: 'x', lease: 10 })).toBe('new');
  });

  test('the retention of an event begins anew when it is completed again', () => {
    const store = memoryStore({ retention: 1000 });
    store.complete('a');
    vi.advanceTimersByTime(600);
    store.complete('a');
    store.complete('b');
    vi.advanceTimersByTime(600);
    expect(['a', 'b'].map((id) => store.claim(id, { owner: 'x', lease: 1 }))).toEqual(['done', 'done']);
  });

  test('the oldest events are forgotten if there are more than max', () => {
    const store = memoryStore({ maxEvents: 3 });
    for (const id of ['a', 'b', 'c', 'd']) store.complete(id);
    expect(['a', 'b', 'c', 'd'].map((id) => store.claim(id, { owner: 'x', lease: 1000 }))).toEqual([
      'new',
      'done',
      'done',
      'done',
    ]);
  });

  test('an event completed again counts as the newest, and the store can be filled anew', () => {
    const store = memoryStore({ maxEvents: 2 });
    for (const id of ['a', 'b', 'a', 'c']) store.complete(id);
    expect(['a', 'b', 'c'].map((id) => store.claim(id, { owner: 'x', lease: 1000 }))).toEqual(['done', 'new', 'done']);
    for (const id of ['d', 'e', 'f']) store.complete(id);
    const states = ['a', 'c', 'd', 'e', 'f'].map((id) => store.claim(id, { owner: 'y', lease: 1000 }));
    expect(states).toEqual(['new', 'new', 'new', 'done', 'done']);
  });
});

test.each([undefined, {}, { getBuiltinModule: () => undefined }])(
  'the store in memory needs nothing of a runtime whose process is %o',
  (process) => {
    vi.stubGlobal('process', process);
    try {
      memoryStore();
    } finally {
      vi.unstubAllGlobals();
    }
  },
);

test('the store in memory stays below 5 MB, after 10,000 events and after 20,000', ({ task }) => {
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

/** The compiler is the judge: `tsc -b` fails where a type is not as it says here, and nothing has to run. */
describe('types', () => {
  const compiles = (build: () => unknown) => expectTypeOf(build).toBeFunction();

  test('a handler gets an event whose data is typed by its type', () => {
    const on: WebhookHandlers<{ env: string }>['on'] = {
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
    };
    compiles(() => on);
  });

  test('onEvent narrows the data of an event by its type, and keeps types that are not known yet', () => {
    const onEvent: WebhookHandlers['onEvent'] = (event) => {
      expectTypeOf(event).toEqualTypeOf<WebhookEvent>();
      if (event.type === 'invitation.accepted') expectTypeOf(event.data).toEqualTypeOf<InvitationEventData>();
      switch (event.type) {
        case 'group.member.added':
          expectTypeOf(event.data.scopeName).toEqualTypeOf<string | undefined>();
          break;
        // @ts-expect-error: there is no such type
        case 'group.member.aded':
          break;
      }
      expectTypeOf<Exclude<typeof event, { type: WebhookEventType }>>().toEqualTypeOf<NewerWebhookEvent>();
    };
    compiles(() => onEvent);
  });

  test('onAnalyticsEvent gets an event whose name may be any text', () => {
    const onAnalyticsEvent: WebhookHandlers['onAnalyticsEvent'] = (event) => {
      expectTypeOf(event).toEqualTypeOf<AnalyticsEvent>();
      expectTypeOf<'something_new'>().toExtend<typeof event.name>();
    };
    compiles(() => onAnalyticsEvent);
  });

  test('a constructed event may be an analytics event, which has no data, and whose name may be null', () => {
    expectTypeOf<Extract<VortexEvent, AnalyticsEvent>['name']>().extract<null>().toEqualTypeOf<null>();
    // @ts-expect-error: it may be an analytics event
    compiles(async () => (await construct(event())).data);
  });

  test('an event that is not about analytics may be of neither kind', () => {
    const event = JSON.parse('{"id":"e-1"}') as VortexEvent;
    if (isAnalyticsEvent(event)) throw new Error('It has no name.');
    expectTypeOf(event.type).extract<undefined>().toEqualTypeOf<undefined>();
    expect([event.id, event.type, isWebhookEvent(event)]).toEqual(['e-1', undefined, false]);
  });

  test('the types of webhook events are a closed list', () => {
    expectTypeOf<'invitation.accepted'>().toExtend<WebhookEventType>();
    expectTypeOf<string>().not.toExtend<WebhookEventType>();
  });

  test('a verifier needs a secret', () => {
    // @ts-expect-error: a secret is not optional
    compiles(() => new VortexWebhooks({}));
  });

  test('handlers that want a context need one', () => {
    const webhooks = new VortexWebhooks({ secret: SECRET });
    const handlers: WebhookHandlers<Request> = {};
    compiles(() => webhooks.handleEvent({} as WebhookEvent, handlers, new Request('https://app.example')));
    // @ts-expect-error: these handlers want a Request
    compiles(() => webhooks.handleEvent({} as WebhookEvent, handlers));
  });
});
