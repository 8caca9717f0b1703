/** The contract of a store, as checks that any test runner can run. */
import type { MaybePromise } from '../lib/promises.js';
import type { TransactionalStore, WebhookStore } from './store.js';

/** One check of a store. `run` rejects if the store breaks it. */
export interface StoreCheck {
  readonly name: string;
  run(): Promise<void>;
}

const LONG = 60_000;
const SHORT = 100;
const id = () => `webhook:${crypto.randomUUID()}`;
const owner = () => crypto.randomUUID();

/**
 * Returns the checks of a store with claims. They use new ids and leave their events in the store. Some wait for the end of a lease.
 *
 * @param open returns the store under test, as one process has it. It is called for each check, several times
 *
 * @example for (const { name, run } of storeChecks(() => store)) test(name, run);
 */
export function storeChecks(open: () => MaybePromise<WebhookStore>): StoreCheck[] {
  const check = (name: string, body: (one: WebhookStore, two: WebhookStore) => Promise<void>): StoreCheck => ({
    name,
    run: async () => body(await open(), await open()),
  });
  const claimed = async (store: WebhookStore, event: string, by: string, lease = LONG) => {
    expect(await store.claim(event, { owner: by, lease }), 'new', 'claim');
  };
  /** Claims again and again until the lease of another owner has ended. */
  const takeOver = async (store: WebhookStore, event: string, by: string) => {
    const end = performance.now() + 20_000;
    while ((await store.claim(event, { owner: by, lease: LONG })) !== 'new') {
      if (performance.now() > end) throw new Error('claim: expected a lease of 100 ms to end within 20 s');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const state = (store: WebhookStore, event: string) => store.claim(event, { owner: owner(), lease: LONG });

  return [
    check('A claim is new, and the event is then in flight for other owners.', async (one, two) => {
      const event = id();
      await claimed(one, event, owner());
      expect(await state(two, event), 'in-flight', 'claim by another owner');
      expect(await state(one, event), 'in-flight', 'claim by another owner');
    }),
    check('The owner of a claim may claim again.', async (one, two) => {
      const event = id();
      const me = owner();
      await claimed(one, event, me);
      await claimed(two, event, me);
    }),
    check('A further claim of the owner renews the lease.', async (one, two) => {
      const [event, other] = [id(), id()];
      const me = owner();
      await claimed(one, event, me, SHORT);
      await claimed(one, event, me, LONG);
      // This lease begins later than the first and has the same duration.
      await claimed(one, other, me, SHORT);
      await takeOver(two, other, owner());
      expect(await state(two, event), 'in-flight', 'claim of the renewed event');
    }),
    check('Another owner can claim an event whose lease has ended.', async (one, two) => {
      const event = id();
      await claimed(one, event, owner(), SHORT);
      await takeOver(two, event, owner());
    }),
    check('An owner whose lease has ended cannot renew the claim of the next.', async (one, two) => {
      const event = id();
      const [first, second] = [owner(), owner()];
      await claimed(one, event, first, SHORT);
      await takeOver(two, event, second);
      expect(await one.claim(event, { owner: first, lease: LONG }), 'in-flight', 'claim by the first owner');
      await claimed(two, event, second);
    }),
    check('A release lets the next delivery claim the event.', async (one, two) => {
      const event = id();
      const me = owner();
      await claimed(one, event, me);
      await one.release(event, me);
      await claimed(two, event, owner());
    }),
    check('A release by another owner changes nothing.', async (one, two) => {
      const event = id();
      const [first, second] = [owner(), owner()];
      await claimed(one, event, first, SHORT);
      await takeOver(two, event, second);
      await one.release(event, first);
      expect(await state(one, event), 'in-flight', 'claim after a release by the owner of an ended lease');
    }),
    check('A release of an event without a claim changes nothing.', async (one) => {
      const event = id();
      await one.release(event, owner());
      await claimed(one, event, owner());
    }),
    check('A completed event is done for every owner.', async (one, two) => {
      const event = id();
      const me = owner();
      await claimed(one, event, me);
      await one.complete(event);
      expect(await two.claim(event, { owner: me, lease: LONG }), 'done', 'claim by the same owner');
      expect(await state(two, event), 'done', 'claim by another owner');
    }),
    check('A completed event stays done after a release and after the end of a lease.', async (one, two) => {
      const [event, other] = [id(), id()];
      const me = owner();
      await claimed(one, event, me, SHORT);
      await one.complete(event);
      await one.release(event, me);
      await claimed(one, other, me, SHORT);
      await takeOver(two, other, owner());
      expect(await state(two, event), 'done', 'claim');
    }),
    check('An event that is completed after its lease has ended is done.', async (one, two) => {
      const event = id();
      await claimed(one, event, owner(), SHORT);
      await takeOver(two, event, owner());
      await one.complete(event);
      expect(await state(two, event), 'done', 'claim');
    }),
    check('One of fifty simultaneous claims is new.', async (one, two) => {
      const event = id();
      const claims = Array.from({ length: 50 }, (_, index) => state(index % 2 === 0 ? one : two, event));
      const states = (await Promise.all(claims)).sort().join();
      expect(states, [...Array.from({ length: 49 }, () => 'in-flight'), 'new'].join(), 'claims');
    }),
    check('One of twenty simultaneous claims takes over an event whose lease has ended.', async (one, two) => {
      const [event, other] = [id(), id()];
      await claimed(one, event, owner(), SHORT);
      await claimed(one, other, owner(), SHORT);
      await takeOver(two, other, owner());
      const claims = Array.from({ length: 20 }, (_, index) => state(index % 2 === 0 ? one : two, event));
      const states = await Promise.all(claims);
      expect(states.filter((each) => each === 'new').length, 1, 'number of claims that were new');
    }),
    check('Ids of 250 characters that differ in one character or its case are different events.', async (one) => {
      const event = `webhook:${crypto.randomUUID()}`.padEnd(249, 'x');
      await claimed(one, `${event}a`, owner());
      await claimed(one, `${event}b`, owner());
      await claimed(one, `${event}A`, owner());
    }),
  ];
}

/** The part of an application's database that `transactionChecks` uses. */
export interface TransactionCheckTools<Tx> {
  /** Makes one effect in the transaction, such as a row with this text. */
  insert(tx: Tx, text: string): MaybePromise<unknown>;
  /** Counts the committed effects with this text. */
  count(text: string): MaybePromise<number>;
}

/**
 * Returns the checks of a store made by `transactionalStore`. They use new ids and leave their marks and effects in the database.
 *
 * @param open returns the store under test, as one process has it. It is called for each check, several times
 *
 * @example for (const { name, run } of transactionChecks(() => store, { insert, count })) test(name, run);
 */
export function transactionChecks<Tx>(
  open: () => MaybePromise<TransactionalStore<Tx>>,
  { insert, count }: TransactionCheckTools<Tx>,
): StoreCheck[] {
  type Store = TransactionalStore<Tx>;
  const check = (name: string, body: (event: string, one: Store, two: Store) => Promise<void>): StoreCheck => ({
    name,
    run: async () => body(id(), await open(), await open()),
  });
  const handle = (store: Store, event: string) => store.once([event], async (tx) => insert(tx, event), 20_000);
  const failure = new Error('thrown by the check');
  const fail = (store: Store, event: string, before: () => MaybePromise<unknown> = () => {}) =>
    store.once(
      [event],
      async (tx) => {
        await insert(tx, event);
        await before();
        throw failure;
      },
      20_000,
    );
  const rejected = async (work: Promise<void>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error, failure, 'error of a handler that throws');
  };

  return [
    check('An event that is delivered twice has its effects once.', async (event, one, two) => {
      await handle(one, event);
      await handle(two, event);
      await handle(one, event);
      expect(await count(event), 1, 'number of effects');
    }),
    check('A handler that throws leaves no effect, and the next delivery is handled.', async (event, one, two) => {
      await rejected(fail(one, event));
      expect(await count(event), 0, 'number of effects after the error');
      await handle(two, event);
      expect(await count(event), 1, 'number of effects');
    }),
    check('Twenty simultaneous deliveries have the effects once.', async (event, one, two) => {
      await Promise.all(Array.from({ length: 20 }, (_, index) => handle(index % 2 === 0 ? one : two, event)));
      expect(await count(event), 1, 'number of effects');
    }),
    check('A delivery that waits for one that rolls back is handled.', async (event, one, two) => {
      let next: Promise<void> | undefined;
      await rejected(
        fail(one, event, () => {
          next = handle(two, event);
        }),
      );
      await next;
      expect(await count(event), 1, 'number of effects');
    }),
    check('Twenty events at once each have their effects.', async (event, one, two) => {
      const events = Array.from({ length: 20 }, (_, index) => `${event}-${index}`);
      await Promise.all(events.map((each, index) => handle(index % 2 === 0 ? one : two, each)));
      for (const each of events) expect(await count(each), 1, `number of effects of ${each}`);
    }),
  ];
}

function expect(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, but got ${String(actual)}`);
}
