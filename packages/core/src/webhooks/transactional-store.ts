import { requireOptions } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { callable } from '../lib/option-checks.js';
import { type MaybePromise, withTimeout } from '../lib/promises.js';
import { inFlight, storeFailed } from './claim.js';
import type { TransactionalStore } from './store.js';

declare const transactionOf: unique symbol;

/** The result of the work in a transaction. It has no members at run time: it carries the type of the transaction. */
export interface TransactionWork<Tx> {
  readonly [transactionOf]?: Tx | undefined;
}

export interface TransactionalStoreOptions<Tx> {
  /**
   * Runs `work` in a transaction of the database and returns its result. It commits once `work` resolves, rolls back if `work`
   * rejects, and rejects with that error. Most libraries have a function that does this.
   *
   * @example (work) => db.transaction(work)
   */
  transaction: (work: <T>(tx: T) => Promise<TransactionWork<T>>) => Promise<TransactionWork<Tx>>;
  /**
   * Inserts a row with this id unless there is one, and returns whether it did. The id must be the primary key or otherwise
   * unique; it is printable ASCII of at most 250 characters. The insert must wait for a transaction that has inserted the id
   * and is still open, as `INSERT … ON CONFLICT DO NOTHING` does. It is called before the handlers for the event and for a
   * random id, `probe:…`, which leaves a second row for each event. It is called for the random id once more after the
   * handlers, to prove that the transaction is still open: that call must return false. If it returns false for the event and
   * has never returned true in this process, the call for the random id finds out whether it can, and the transaction is
   * rolled back.
   */
  mark: (tx: NoInfer<Tx>, id: string) => MaybePromise<boolean>;
}

const checks = { transaction: callable, mark: callable };

/**
 * A store that marks an event in the transaction in which its handlers run, so that the event has its effects exactly once: a
 * process that dies and a handler that throws leave neither the mark nor the effects. Handlers get the transaction as third
 * argument, and only its effects count: a mail or a call of an API cannot be rolled back.
 *
 * @example
 * transactionalStore({ transaction: (work) => db.transaction(work), mark: (tx, id) => insertIfAbsent(tx, id) })
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function transactionalStore<Tx>(options: TransactionalStoreOptions<Tx>): TransactionalStore<Tx> {
  requireOptions(checks, options);
  const running = new Map<string, Promise<void>>();
  const proof: Proof = { hasMarked: false };
  return {
    async once(ids, work, timeout) {
      const key = ids.join();
      // Deliveries of one event to one process wait here, since a transaction that waits would hold a connection.
      for (let first = running.get(key); first; first = running.get(key)) {
        const isHandled = first.then(
          () => true,
          () => false,
        );
        if (await withTimeout(timeout, isHandled, inFlight)) return;
      }
      const handling = runOnce(options, proof, ids, work, timeout).finally(() => running.delete(key));
      running.set(key, handling);
      await handling;
    },
  };
}

interface Proof {
  /** True once `mark` has returned true. One that always returns false would pass each event for a handled one. */
  hasMarked: boolean;
}

/** Ends the work of a transaction that must be rolled back, and whose event is done. */
const done = new Error('Vortex: the event was handled before. This transaction must be rolled back.');

async function runOnce<Tx>(
  { transaction, mark }: TransactionalStoreOptions<Tx>,
  proof: Proof,
  ids: readonly string[],
  work: (tx: Tx) => Promise<unknown>,
  timeout: number,
): Promise<void> {
  /** The reason why the transaction can take no further mark. */
  let closed: (() => VortexError) | undefined;
  let failed: { error: unknown } | undefined;
  let isFinished = false;

  const insert = async (tx: Tx, id: string): Promise<boolean> => {
    const isNew: unknown = await mark(tx, id);
    if (closed) throw closed();
    if (typeof isNew !== 'boolean') throw wrong();
    proof.hasMarked ||= isNew;
    return isNew;
  };
  /** Returns whether the event is new. The probe is inserted if so. */
  const insertAll = async (tx: Tx, probe: string): Promise<boolean> => {
    let isNew = true;
    for (const id of ids) isNew = isNew && (await insert(tx, id));
    if (!isNew && proof.hasMarked) return false;
    if (!(await insert(tx, probe))) throw wrong('It returned false for an id that is new.');
    if (!isNew) throw done;
    return true;
  };
  const late = () => {
    closed = inFlight;
    return inFlight();
  };
  const neverBegun = () => {
    const error = storeFailed(undefined, noTransaction(timeout));
    closed = () => error;
    failed = { error };
    return error;
  };
  const attempt = async (tx: Tx) => {
    if (closed) throw closed();
    // Not an id of the event: without a transaction, the insertion of a probe is committed at once.
    const probe = `probe:${crypto.randomUUID()}`;
    const isNew = await Promise.resolve(withTimeout(timeout, insertAll(tx, probe), late)).catch((error) => {
      throw error === done || VortexError.is(error) ? error : storeFailed(error);
    });
    if (!isNew) return;
    await work(tx);
    // An aborted transaction of PostgreSQL answers COMMIT with success and rolls back. InnoDB and SQLite roll a transaction
    // back upon some errors, and commit each later statement on its own.
    const isGone = () => insert(tx, probe).catch((cause) => Promise.reject(ended(cause)));
    if (!(await isGone())) return;
    throw (await isGone()) ? wrong('It returned true for an id that it has inserted before.') : ended();
  };
  const run = async (tx: unknown) => {
    failed = undefined;
    try {
      await attempt(tx as Tx);
      isFinished = true;
      return {};
    } catch (error) {
      failed = { error };
      throw error;
    }
  };

  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  try {
    const ended = transaction((tx) => {
      begin();
      const running = run(tx);
      // If `transaction` does not wait for its work, the error is thrown below.
      running.catch(() => {});
      return running;
    });
    await withTimeout(timeout, Promise.race([begun, ended]), neverBegun);
    await ended;
  } catch (cause) {
    failed ??= { error: storeFailed(cause) };
  }
  closed ??= notAwaited;
  if (failed?.error === done) return;
  if (failed) throw failed.error;
  if (!isFinished) throw notAwaited();
}

function noTransaction(timeout: number): string {
  return `transaction has not called its work within ${timeout} ms. Either all connections of the pool are in use, or the database does not answer.`;
}

function notAwaited(): VortexError {
  return new VortexError('CONFIG', 'transaction must wait for its work, and return the result of the work.');
}

function wrong(how = 'It returned another value.'): VortexError {
  const rule = 'mark must return true if it has inserted the id, and false if the id was there. The id must be unique.';
  return new VortexError('CONFIG', `${rule} ${how}`);
}

function ended(cause?: unknown): VortexError {
  const hint = cause === undefined ? '' : ' See the cause.';
  return storeFailed(
    cause,
    `The transaction ended while the handlers ran. Either the database aborted it or rolled it back, for example after a deadlock, or a handler ended it. A handler that catches the error of a statement must throw it again; on PostgreSQL, it can use a savepoint instead.${hint}`,
  );
}
