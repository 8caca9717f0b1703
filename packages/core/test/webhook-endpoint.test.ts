/** Deliveries whose store or handler is slow, fails or never settles. */
import { memoryStore, type WebhookStore } from '@vortex/core';
import { transactionalStore } from '@vortex/core/sql';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { acceptedEvent, memoryDatabase, mount, settle, type WebhookOptions } from './helpers.ts';

const LEASE = 3000;
const TIMEOUT = 1000;

/** The clock is fake, and advances only when a test says so. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => {});
const after = <Value>(ms: number, value?: Value) =>
  new Promise<Value>((resolve) => setTimeout(resolve, ms, value as Value));

function setUp(options: WebhookOptions = {}, storeOf: Partial<WebhookStore> = {}) {
  const runs: string[] = [];
  const memory = memoryStore();
  const mounted = mount({
    lease: LEASE,
    answerWithin: TIMEOUT,
    store: { ...memory, ...storeOf },
    onEvent: (event) => runs.push(event.id),
    ...options,
  });
  return { ...mounted, runs, memory };
}

/** Lets so many milliseconds pass. */
const pass = (ms: number) => settle(after(ms), 50);

/** Returns the status and the code of a reply, after as much time as it takes. */
async function settled(delivery: ReturnType<ReturnType<typeof mount>['deliver']>): Promise<unknown[]> {
  const { status, code } = await settle(delivery, 50);
  return [status, code];
}

/** The errors of the log. A handler that runs for longer than `answerWithin` adds a warning. */
const errorsOf = (logged: readonly unknown[][]) =>
  logged.flatMap(([level, , error]) => (level === 'error' ? [error] : []));

const DONE = [200, undefined];
const IN_FLIGHT = [503, 'EVENT_IN_FLIGHT'];
const UNAVAILABLE = [503, 'STORE_UNAVAILABLE'];

describe('a key that is a promise', () => {
  const bodies = ['e-1', 'e-2'].map((id) => JSON.stringify({ ...acceptedEvent, id }));

  test('an event whose key is the same promised text as that of another is not handled', async () => {
    const { deliver, runs } = setUp({ key: async () => 'the same' });
    for (const body of bodies) expect(await settled(deliver({ body }))).toEqual(DONE);
    expect(runs).toEqual(['e-1']);
  });

  test.each<[string, unknown[], string, () => Promise<string>]>([
    ['rejects', [500, 'INTERNAL'], 'key threw an error', () => Promise.reject(new Error('no key'))],
    ['never settles', [504, 'HOOK_TIMEOUT'], 'key did not settle within 1000 ms', never],
  ])('an event whose key %s is not handled, and the log names key', async (_, reply, sentence, key) => {
    const { deliver, runs, logged } = setUp({ key });
    expect(await settled(deliver())).toEqual(reply);
    expect(logged).toEqual([['error', expect.stringContaining(sentence), expect.any(Error)]]);
    expect(runs).toEqual([]);
  });
});

describe('claims', () => {
  test.each<[string, WebhookStore['claim']]>([
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['never settles', never],
    ['answers after the timeout', () => after(TIMEOUT + 100, 'new' as const)],
    ['answers after the lease', () => after(LEASE + 100, 'new' as const)],
    ['answers true', () => true as unknown as 'new'],
    ['answers nothing', () => undefined as unknown as 'new'],
    ['answers bytes', () => Buffer.from('new') as unknown as 'new'],
  ])('if a claim %s, the delivery is answered with 503 and no handler runs', async (_, claim) => {
    const { deliver, runs, reported, logged } = setUp({}, { claim });
    expect(await settled(deliver())).toEqual(UNAVAILABLE);
    expect([runs, reported.length, logged.length]).toEqual([[], 1, 1]);
  });

  test.each<[string, (memory: WebhookStore) => WebhookStore['claim']]>([
    [
      'rejects',
      (memory) =>
        async (...claim) =>
          Promise.reject(new Error(`after ${await memory.claim(...claim)}`)),
    ],
    [
      'answers after the timeout',
      (memory) =>
        async (...claim) =>
          after(TIMEOUT + 100, await memory.claim(...claim)),
    ],
  ])('a claim that %s and was granted all the same is released for the next delivery', async (_, claimOf) => {
    const memory = memoryStore();
    let isDown = true;
    const claim: WebhookStore['claim'] = (...given) => (isDown ? claimOf(memory)(...given) : memory.claim(...given));
    const { deliver, runs } = setUp({}, { ...memory, claim });
    expect(await settled(deliver())).toEqual(UNAVAILABLE);
    isDown = false;
    await pass(500);
    expect(await settled(deliver())).toEqual(DONE);
    expect(runs).toEqual(['e-1']);
  });
});

test('a delivery whose body does not arrive is answered with 408, and its connection is closed', async () => {
  const { deliver, reported } = setUp({ bodyTimeout: 200 });
  const { status, code, headers } = await settle(deliver({ read: never }), 50);
  expect([status, code, headers.connection, reported]).toEqual([408, 'REQUEST_TIMEOUT', 'close', []]);
});

test('a delivery whose secret does not settle is answered with 504 HOOK_TIMEOUT', async () => {
  const { deliver, reported } = setUp({ secret: never });
  expect(await settled(deliver())).toEqual([504, 'HOOK_TIMEOUT']);
  expect(reported).toMatchObject([{ message: `secret did not settle within ${TIMEOUT} ms.` }]);
});

test('a slow claim and a slow handler have answerWithin together', async () => {
  const memory = memoryStore();
  const claim: WebhookStore['claim'] = (...given) => after(TIMEOUT / 2).then(() => memory.claim(...given));
  const { deliver } = setUp({ onEvent: never }, { ...memory, claim });
  const start = performance.now();
  expect(await settled(deliver())).toEqual(IN_FLIGHT);
  expect(performance.now() - start).toBeLessThan(1.4 * TIMEOUT);
});

test('handlers that run for longer than answerWithin are logged once', async () => {
  const { deliver, logged } = setUp({ onEvent: never });
  for (const id of ['a', 'b'])
    expect(await settled(deliver({ body: JSON.stringify({ id, type: 't' }) }))).toEqual(IN_FLIGHT);
  expect(logged).toEqual([['warn', expect.stringContaining('With transactionalStore, use the third argument')]]);
});

test('a claim that never settles is given to onError with its deadline', async () => {
  const { deliver, reported } = setUp({}, { claim: never });
  await settled(deliver());
  const cause = { message: `The store did not answer within ${TIMEOUT} ms.` };
  expect(reported).toMatchObject([{ code: 'STORE_UNAVAILABLE', cause }]);
});

describe('completion', () => {
  test('a completion that fails twice is tried again, so that the event is not handled again', async () => {
    let failures = 2;
    const memory = memoryStore();
    const complete = (id: string) => {
      failures -= 1;
      if (failures >= 0) throw new Error('down');
      return memory.complete(id);
    };
    const { deliver, runs, logged } = setUp({}, { ...memory, complete });
    const start = performance.now();
    expect(await settled(deliver())).toEqual(DONE);
    // A store that is down for a moment is up at the third attempt.
    expect(performance.now() - start).toBeGreaterThanOrEqual(600);
    expect(logged.map(([level]) => level)).toEqual(['error', 'error']);
    await pass(LEASE + 1000);
    expect(await settled(deliver())).toEqual(DONE);
    expect(runs).toEqual(['e-1']);
  });

  test('a delivery is answered with 200 if its event was handled and cannot be completed', async () => {
    const { deliver, runs, reported } = setUp({}, { complete: () => Promise.reject(new Error('down')) });
    expect(await settled(deliver())).toEqual(DONE);
    expect([runs, reported]).toEqual([['e-1'], []]);
  });

  test('a delivery is answered with 503 at its timeout if the completion never settles', async () => {
    const { deliver, logged } = setUp({}, { complete: never });
    expect(await settled(deliver())).toEqual(IN_FLIGHT);
    await pass(TIMEOUT);
    expect(errorsOf(logged)).toMatchObject([{ message: `The store did not answer within ${TIMEOUT} ms.` }]);
  });
});

describe('handlers that throw', () => {
  const failing = { onEvent: () => Promise.reject(new Error('no database')) };

  test('the error of a handler is given to onError even if the release never settles', async () => {
    const { deliver, reported } = setUp(failing, { release: never });
    expect(await settled(deliver())).toEqual(IN_FLIGHT);
    await pass(2 * TIMEOUT);
    expect(reported).toMatchObject([{ message: 'no database' }]);
  });

  test('the error of a handler that throws after the reply is given to onError, and its event is released', async () => {
    let isBroken = true;
    const onEvent = async () => {
      await after(2 * TIMEOUT);
      if (isBroken) throw new Error('no database');
    };
    const work: Promise<unknown>[] = [];
    const { deliver, reported, logged } = setUp({ onEvent });
    const reply = deliver({ waitUntil: (promise) => work.push(promise) });
    expect(await settled(reply)).toEqual(IN_FLIGHT);
    expect(reported).toEqual([]);
    await Promise.all([...work, pass(2 * TIMEOUT)]);
    expect(reported).toMatchObject([{ message: 'no database' }]);
    expect(errorsOf(logged)).toMatchObject([{ code: 'INTERNAL' }]);
    isBroken = false;
    expect(await settled(deliver())).toEqual(IN_FLIGHT);
    await pass(2 * TIMEOUT);
    expect(await settled(deliver())).toEqual(DONE);
  });

  test.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('onError is broken'))],
    ['never settles', never],
  ])('a delivery whose handler throws is answered with 500 if onError %s', async (_, onError) => {
    const { deliver, logged } = setUp({ ...failing, onError });
    expect(await settled(deliver())).toEqual([500, 'INTERNAL']);
    expect(logged).toHaveLength(2);
  });

  test('a delivery whose handler throws is answered with 500 if the log throws', async () => {
    const { deliver } = setUp(failing);
    const broken = () => {
      throw new Error('the log is broken');
    };
    expect(await settled(deliver({ log: broken }))).toEqual([500, 'INTERNAL']);
  });
});

describe('slow handlers', () => {
  test('a handler that runs for longer than ten leases is reported as stuck, and no other starts beside it', async () => {
    let finish = () => {};
    let starts = 0;
    const onEvent = () => {
      starts += 1;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const { deliver, memory, reported } = setUp({ onEvent });
    expect(await settled(deliver())).toEqual(IN_FLIGHT);
    await pass(9 * LEASE);
    expect(reported).toEqual([]);
    await pass(30 * LEASE);
    expect(reported).toMatchObject([{ code: 'HOOK_TIMEOUT', message: expect.stringContaining('30000 ms') }]);
    expect(memory.claim('webhook:e-1', { owner: 'another', lease: LEASE })).toBe('in-flight');
    expect(await settled(deliver())).toEqual(IN_FLIGHT);
    finish();
    await pass(LEASE);
    expect(await settled(deliver())).toEqual(DONE);
    expect([starts, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test('the event of a handler that fails after it was reported as stuck is handled by the next delivery', async () => {
    let starts = 0;
    const onEvent = async () => {
      starts += 1;
      await after(starts === 1 ? 12 * LEASE : 0);
      if (starts === 1) throw new Error('no database');
    };
    const { deliver } = setUp({ onEvent });
    expect(await settled(deliver())).toEqual(IN_FLIGHT);
    await pass(13 * LEASE);
    expect(await settled(deliver())).toEqual(DONE);
    expect(starts).toBe(2);
  });

  test('a store that takes all of answerWithin leaves no negative time for the handler', async () => {
    const memory = memoryStore();
    const claim: WebhookStore['claim'] = (...given) => {
      vi.advanceTimersByTime(2 * TIMEOUT);
      return memory.claim(...given);
    };
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const { deliver } = setUp({ onEvent: () => after(0) }, { ...memory, claim });
    expect(await settled(deliver())).toEqual(DONE);
    expect(timers.mock.calls.filter(([, delay]) => Number(delay) < 0)).toEqual([]);
    timers.mockRestore();
  });

  test('idle waits for a running handler, but not for one that is stuck', async () => {
    const { deliver, idle } = setUp({ onEvent: never });
    await settled(deliver());
    let isIdle = false;
    const waiting = idle().then(() => {
      isIdle = true;
    });
    await pass(9 * LEASE);
    expect(isIdle).toBe(false);
    await pass(2 * LEASE);
    await waiting;
  });

  test.each<[string, WebhookOptions<Set<string>>['onEvent'], () => unknown]>([
    ['a handler', never, () => {}],
    ['the COMMIT', () => {}, never],
  ])(
    'with a transactional store, %s that never settles is reported, and idle does not wait for it',
    async (_, onEvent, commit) => {
      const db = memoryDatabase();
      const store = transactionalStore<Set<string>>({
        transaction: (work) =>
          db.transaction(async (tx) => {
            const result = await work(tx);
            await commit();
            return result;
          }),
        mark: db.mark,
      });
      const { deliver, idle, reported, logged } = mount({ lease: LEASE, answerWithin: TIMEOUT, store, onEvent });
      expect(await settled(deliver())).toEqual(IN_FLIGHT);
      await pass(9 * LEASE);
      expect(reported).toEqual([]);
      await pass(2 * LEASE);
      await idle();
      expect(reported).toMatchObject([{ code: 'HOOK_TIMEOUT', message: expect.stringContaining('30000 ms') }]);
      expect(errorsOf(logged)).toHaveLength(1);
      expect(await settled(deliver())).toEqual(IN_FLIGHT);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  test('a lease is renewed once at a time, and not after its event is released', async () => {
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
    const { deliver } = setUp({ onEvent, answerWithin: 2 * LEASE }, { ...memory, claim });
    expect(await settled(deliver())).toEqual([500, 'INTERNAL']);
    expect(renewals.slice(0, 4)).toEqual(['begun', 'ended', 'begun', 'ended']);
    expect(memory.claim('webhook:e-1', { owner: 'another', lease: LEASE })).toBe('new');
  });

  /** Delivers to a handler that runs for half a lease, with a store that answers renewals like this. */
  async function renewing(renew: WebhookStore['claim']) {
    const memory = memoryStore();
    let claims = 0;
    const claim: WebhookStore['claim'] = (...given) => {
      claims += 1;
      return (claims === 1 ? memory.claim : renew)(...given);
    };
    const { deliver, logged } = setUp({ onEvent: () => after(LEASE / 2), answerWithin: LEASE }, { ...memory, claim });
    return { reply: await settled(deliver()), logged };
  }

  test.each(['in-flight', 'done'] as const)(
    'a lease that is lost while a handler runs is logged, and the delivery is answered with 200, if its event is %s',
    async (state) => {
      const { reply, logged } = await renewing(() => state);
      expect(reply).toEqual(DONE);
      expect(logged).toEqual([['error', expect.stringContaining('lease')]]);
    },
  );

  test('a renewal that fails is logged, and the delivery is answered with 200', async () => {
    const down = new Error('down');
    const { reply, logged } = await renewing(() => Promise.reject(down));
    expect(reply).toEqual(DONE);
    expect(logged).toEqual([['error', 'Vortex: the webhook store failed to renew an event.', down]]);
  });
});
