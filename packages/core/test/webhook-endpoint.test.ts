/** What becomes of an event when the store or a handler is slow, wrong or gone. Over HTTP it is the same, and slower. */

import { memoryStore, type WebhookMountOptions, type WebhookStore } from '@vortex/core';
import { createWebhookEndpoint, type ReceiveWebhook, type WebhookRequest } from '@vortex/core/adapter';
import { signWebhook } from '@vortex/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

type Log = NonNullable<WebhookRequest<undefined>['log']>;

const SECRET = 'whsec_made_up';
const LEASE = 3000;
const TIMEOUT = 1000;

/** Time passes when a test says so. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => {});
const after = <Value>(ms: number, value?: Value) =>
  new Promise<Value>((resolve) => setTimeout(resolve, ms, value as Value));

function setUp(options: Partial<WebhookMountOptions<undefined>> = {}, storeOf: Partial<WebhookStore> = {}) {
  const runs: string[] = [];
  const told: unknown[] = [];
  const logged: string[] = [];
  const memory = memoryStore();
  const store = { ...memory, ...storeOf };
  const receive = createWebhookEndpoint<undefined>({
    secret: SECRET,
    lease: LEASE,
    answerWithin: TIMEOUT,
    store,
    onEvent: (event) => runs.push(event.id),
    onError: ({ error }) => told.push(error),
    ...options,
  });
  const log: Log = (level, message) => logged.push(`${level}: ${message}`);
  return { runs, told, logged, memory, receive, log };
}

async function deliver(
  receive: ReceiveWebhook<undefined>,
  log: Log = () => {},
  waitUntil?: (work: Promise<unknown>) => void,
) {
  const body = new TextEncoder().encode(JSON.stringify({ id: 'e-1', type: 'invitation.accepted', data: {} }));
  const signature = await signWebhook(body, SECRET);
  const reply = await receive({
    method: 'POST',
    header: (name) => (name === 'x-vortex-signature' ? signature : undefined),
    body: async () => ({ kind: 'bytes', bytes: body }),
    log,
    waitUntil,
    context: undefined,
  });
  return [reply.status, JSON.parse(String(reply.body)).code];
}

/** Lets time pass, with pauses in which signatures are computed: those take no heed of the clock. */
async function pass(ms: number) {
  for (let passed = 0; passed < ms; passed += 50) {
    await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(50);
  }
}

/** The reply, after as much time as it takes. */
async function settled(delivery: Promise<unknown[]>): Promise<unknown[]> {
  let isOut = false;
  const out = delivery.finally(() => {
    isOut = true;
  });
  while (!isOut) await pass(50);
  return out;
}

const DONE = [200, undefined];
const IN_FLIGHT = [503, 'EVENT_IN_FLIGHT'];
const UNAVAILABLE = [503, 'STORE_UNAVAILABLE'];

describe('a store that cannot be asked', () => {
  test.each<[string, WebhookStore['claim']]>([
    ['fails', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['hangs', never],
    ['answers late', () => after(TIMEOUT + 100, 'new' as const)],
    ['answers after the lease', () => after(LEASE + 100, 'new' as const)],
    ['answers true', () => true as unknown as 'new'],
    ['answers nothing', () => undefined as unknown as 'new'],
    ['answers bytes', () => Buffer.from('new') as unknown as 'new'],
  ])('and %s: the sender shall come again, and no handler runs', async (_, claim) => {
    const { receive, runs, told, logged, log } = setUp({}, { claim });
    expect(await settled(deliver(receive, log))).toEqual(UNAVAILABLE);
    expect([runs, told.length, logged.length]).toEqual([[], 1, 1]);
  });

  test.each<[string, (memory: WebhookStore) => WebhookStore['claim']]>([
    [
      'fails',
      (memory) =>
        async (...claim) =>
          Promise.reject(new Error(`after ${await memory.claim(...claim)}`)),
    ],
    [
      'answers late',
      (memory) =>
        async (...claim) =>
          after(TIMEOUT + 100, await memory.claim(...claim)),
    ],
  ])('and claims all the same when it %s: the next delivery does not wait for the lease', async (_, claimOf) => {
    const memory = memoryStore();
    let isDown = true;
    const claim: WebhookStore['claim'] = (...given) => (isDown ? claimOf(memory)(...given) : memory.claim(...given));
    const { receive, runs } = setUp({}, { ...memory, claim });
    expect(await settled(deliver(receive))).toEqual(UNAVAILABLE);
    isDown = false;
    await pass(500);
    expect(await settled(deliver(receive))).toEqual(DONE);
    expect(runs).toEqual(['e-1']);
  });
});

describe('a mark that cannot be made', () => {
  test('is tried again, so that a moment’s trouble makes nothing happen twice', async () => {
    let failures = 2;
    const memory = memoryStore();
    const complete = (id: string) => {
      failures -= 1;
      if (failures >= 0) throw new Error('down');
      return memory.complete(id);
    };
    const { receive, runs, logged, log } = setUp({}, { ...memory, complete });
    expect(await settled(deliver(receive, log))).toEqual(DONE);
    const line = 'error: Vortex: the webhook store could not complete an event.';
    expect(logged).toEqual([line, line]);
    await pass(LEASE + 1000);
    expect(await settled(deliver(receive))).toEqual(DONE);
    expect(runs).toEqual(['e-1']);
  });

  test('does not make the sender come again for what has been handled', async () => {
    const { receive, runs, told } = setUp({}, { complete: () => Promise.reject(new Error('down')) });
    expect(await settled(deliver(receive))).toEqual(DONE);
    expect([runs, told]).toEqual([['e-1'], []]);
  });

  test('nor hold the answer for ever', async () => {
    const { receive } = setUp({}, { complete: never });
    expect(await settled(deliver(receive))).toEqual(IN_FLIGHT);
  });
});

describe('a handler that throws', () => {
  const failing = { onEvent: () => Promise.reject(new Error('no database')) };

  test('is told of, though the store does not take its event back', async () => {
    const { receive, told } = setUp(failing, { release: never });
    expect(await settled(deliver(receive))).toEqual(IN_FLIGHT);
    await pass(2 * TIMEOUT);
    expect(told).toMatchObject([{ message: 'no database' }]);
  });

  test('after the sender has been answered is told of too, and its event is free', async () => {
    let isBroken = true;
    const onEvent = async () => {
      await after(2 * TIMEOUT);
      if (isBroken) throw new Error('no database');
    };
    const work: Promise<unknown>[] = [];
    const { receive, told, logged, log } = setUp({ onEvent });
    const reply = deliver(receive, log, (promise) => work.push(promise));
    expect(await settled(reply)).toEqual(IN_FLIGHT);
    expect(told).toEqual([]);
    await Promise.all([...work, pass(2 * TIMEOUT)]);
    expect(told).toMatchObject([{ message: 'no database' }]);
    expect(logged).toEqual([expect.stringContaining('A webhook handler threw')]);
    isBroken = false;
    expect(await settled(deliver(receive))).toEqual(IN_FLIGHT);
    await pass(2 * TIMEOUT);
    expect(await settled(deliver(receive))).toEqual(DONE);
  });

  test.each<[string, () => unknown]>([
    ['throws', () => Promise.reject(new Error('onError is broken'))],
    ['never settles', never],
  ])('and an onError that %s: 500 all the same', async (_, onError) => {
    const { receive, logged, log } = setUp({ ...failing, onError });
    expect(await settled(deliver(receive, log))).toEqual([500, 'INTERNAL']);
    expect(logged).toHaveLength(2);
  });

  test('and a log that throws: 500 all the same', async () => {
    const { receive } = setUp(failing);
    const broken = () => {
      throw new Error('the log is broken');
    };
    expect(await settled(deliver(receive, broken))).toEqual([500, 'INTERNAL']);
  });
});

describe('a handler that takes its time', () => {
  test('keeps its event for ten leases, and not for ever', async () => {
    const { receive, memory } = setUp({ onEvent: never });
    expect(await settled(deliver(receive))).toEqual(IN_FLIGHT);
    await pass(9 * LEASE);
    expect(memory.claim('webhook:e-1', { owner: 'another', lease: LEASE })).toBe('in-flight');
    await pass(3 * LEASE);
    expect(memory.claim('webhook:e-1', { owner: 'another', lease: LEASE })).toBe('new');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has one renewal at a time under way, and none after its event is free', async () => {
    const memory = memoryStore();
    const renewals: string[] = [];
    let claims = 0;
    const claim: WebhookStore['claim'] = async (...given) => {
      claims += 1;
      if (claims > 1) {
        renewals.push('begun');
        await after(LEASE / 2);
        renewals.push('ended');
      }
      return memory.claim(...given);
    };
    const onEvent = async () => {
      await after(LEASE);
      throw new Error('no database');
    };
    const { receive } = setUp({ onEvent, answerWithin: 2 * LEASE }, { ...memory, claim });
    expect(await settled(deliver(receive))).toEqual([500, 'INTERNAL']);
    expect(renewals.slice(0, 4)).toEqual(['begun', 'ended', 'begun', 'ended']);
    expect(memory.claim('webhook:e-1', { owner: 'another', lease: LEASE })).toBe('new');
  });

  test('and loses its lease, is written of', async () => {
    const memory = memoryStore();
    let claims = 0;
    const claim: WebhookStore['claim'] = (...given) => {
      claims += 1;
      return claims === 1 ? memory.claim(...given) : 'in-flight';
    };
    const { receive, logged, log } = setUp(
      { onEvent: () => after(LEASE / 2), answerWithin: LEASE },
      { ...memory, claim },
    );
    expect(await settled(deliver(receive, log))).toEqual(DONE);
    expect(logged).toEqual([
      'error: Vortex: the lease of a webhook event ended while its handler ran; it may be handled twice.',
    ]);
  });
});
