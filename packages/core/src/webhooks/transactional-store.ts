import { requireOptions } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { callable } from '../lib/option-checks.js';
import { cacheSuccess, type MaybePromise, withTimeout } from '../lib/promises.js';
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
   * Inserts a row with this id unless there is one, and returns whether it did. It must use the transaction that it is given. The
   * id must be the primary key or otherwise unique; it is printable ASCII of at most 250 characters. The insert must wait for a
   * transaction that has inserted the id and is still open, and must not fail if the id is there, as `INSERT … ON CONFLICT DO
   * NOTHING` does: PostgreSQL aborts the transaction after an error, even if `mark` catches it.
   *
   * It is called before the handlers for the event and for a random id, `probe:…`, which leaves a second row for each event. It is
   * called for the random id once more after the handlers, to prove that the transaction is still open: that call must return
   * false. Before the first event of the store, it is called for another random id, in two transactions that are rolled back.
   */
  mark: (tx: NoInfer<Tx>, id: string) => MaybePromise<boolean>;
}

const checks = { transaction: callable, mark: callable };

/**
 * A store that marks an event in the transaction in which its handlers run, so that the event has its effects exactly once: a
 * process that dies and a handler that throws leave neither the mark nor the effects. Handlers get the transaction as third
 * argument, and only its effects count: a mail or a call of an API cannot be rolled back.
 *
 * Before the first event of the store, two transactions that are rolled back prove that `transaction` and `mark` work as their
 * documentation says. Otherwise each delivery fails with `CONFIG`, and its event is not marked.
 *
 * @example
 * transactionalStore({ transaction: (work) => db.transaction(work), mark: (tx, id) => insertIfAbsent(tx, id) })
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function transactionalStore<Tx>(options: TransactionalStoreOptions<Tx>): TransactionalStore<Tx> {
  requireOptions(checks, options);
  const running = new Map<string, Promise<void>>();
  const proved = cacheSuccess((timeout: number) => prove(options, timeout));
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
      const handling = proved(timeout)
        .then(() => runOnce(options, ids, work, timeout))
        .finally(() => running.delete(key));
      running.set(key, handling);
      await handling;
    },
  };
}

const newProbe = () => `probe:${crypto.randomUUID()}`;

/** Marks an event and runs `work` in a transaction, unless the event is marked. */
function runOnce<Tx>(
  options: TransactionalStoreOptions<Tx>,
  ids: readonly string[],
  work: (tx: Tx) => Promise<unknown>,
  timeout: number,
): Promise<void> {
  return runInTransaction(options, timeout, async ({ tx, insert, within }) => {
    // Not an id of the event: if the transaction is gone, the insertion of a probe is committed at once.
    const probe = newProbe();
    const isNew = await within(async () => {
      for (const id of ids) if (!(await insert(id))) return false;
      return insert(probe);
    }, inFlight);
    if (!isNew) return;
    await work(tx);
    // An aborted transaction of PostgreSQL answers COMMIT with success and rolls back. InnoDB and SQLite roll a transaction
    // back upon some errors, and commit each later statement on its own.
    const isGone = await insert(probe).catch((cause) => Promise.reject(ended(cause)));
    if (isGone) throw ended();
  });
}

/** Ends the transactions of the proof. The application may log it. */
const proofEnds = new Error(
  'Vortex: this error is no failure. It proves that transaction rolls back if its work rejects.',
);

/**
 * Proves that `mark` inserts an id once, that `transaction` rolls back, and that `mark` uses its transaction. Otherwise an event
 * whose handler throws would stay marked, or an event would be marked before it is handled. Leaves no row.
 */
async function prove<Tx>(options: TransactionalStoreOptions<Tx>, timeout: number): Promise<void> {
  const probe = newProbe();
  const rollBack = (steps: (insert: Insert) => Promise<void>) => {
    let isProved = false;
    return runInTransaction(options, timeout, async ({ insert, within }) => {
      // A transaction that tries again after any error.
      if (isProved) return;
      await within(
        () => steps(insert),
        () => noAnswer(timeout),
      );
      isProved = true;
      throw proofEnds;
    }).catch((error) => {
      if (error !== proofEnds) throw error;
    });
  };
  const steps = async () => {
    await rollBack(async (insert) => {
      if (!(await insert(probe))) throw wrong('It returned false for an id that is new.');
      // Twice, since PostgreSQL fails the statement after an error that `mark` has caught.
      for (const _time of [1, 2]) {
        const isNew = await insert(probe).catch((cause) =>
          Promise.reject(VortexError.is(cause) ? cause : failsIfThere(cause)),
        );
        if (isNew) throw wrong('It returned true for an id that it has inserted before.');
      }
    });
    await rollBack(async (insert) => {
      if (!(await insert(probe))) throw notRolledBack();
    });
  };
  // A ROLLBACK that is never answered must not hold all later events.
  await withTimeout(timeout, steps(), () => noAnswer(timeout));
}

type Insert = (id: string) => Promise<boolean>;

interface OpenTransaction<Tx> {
  readonly tx: Tx;
  /** Calls `mark`. */
  readonly insert: Insert;
  /** Runs steps that insert. Rejects with `late()` after the timeout, and then lets no further step begin. */
  within<Result>(steps: () => Promise<Result>, late: () => VortexError): Promise<Result>;
}

/** Runs `body` in a transaction of the application. Rejects with the error of `body`, or if the transaction fails. */
async function runInTransaction<Tx>(
  { transaction, mark }: TransactionalStoreOptions<Tx>,
  timeout: number,
  body: (open: OpenTransaction<Tx>) => Promise<void>,
): Promise<void> {
  /** The reason why the transaction can take no further mark. */
  let closed: (() => VortexError) | undefined;
  let failed: { error: unknown } | undefined;
  let isFinished = false;

  const open = (tx: Tx): OpenTransaction<Tx> => ({
    tx,
    async insert(id) {
      const isNew: unknown = await mark(tx, id);
      if (closed) throw closed();
      if (typeof isNew !== 'boolean') throw wrong();
      return isNew;
    },
    async within(steps, late) {
      const close = () => {
        closed = late;
        return late();
      };
      try {
        return await withTimeout(timeout, steps(), close);
      } catch (error) {
        throw VortexError.is(error) ? error : storeFailed(error);
      }
    },
  });
  const neverBegun = () => {
    const error = storeFailed(undefined, noTransaction(timeout));
    closed = () => error;
    failed = { error };
    return error;
  };
  const run = async (tx: unknown) => {
    failed = undefined;
    try {
      if (closed) throw closed();
      await body(open(tx as Tx));
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
  if (failed) throw failed.error;
  if (!isFinished) throw notAwaited();
}

function noTransaction(timeout: number): string {
  return `transaction has not called its work within ${timeout} ms. Either all connections of the pool are in use, or the database does not answer.`;
}

function noAnswer(timeout: number): VortexError {
  return storeFailed(
    undefined,
    `The proof of transaction and mark has not ended within ${timeout} ms. Either the database does not answer, or mark waits for another connection: it must use the transaction that it is given.`,
  );
}

function notAwaited(): VortexError {
  return new VortexError('CONFIG', 'transaction must wait for its work, and return the result of the work.');
}

const RULE = 'mark must return true if it has inserted the id, and false if the id was there. The id must be unique.';

function wrong(how = 'It returned another value.'): VortexError {
  return new VortexError('CONFIG', `${RULE} ${how}`);
}

function failsIfThere(cause: unknown): VortexError {
  const how =
    'It failed for an id that it has inserted before; see the cause. Use INSERT … ON CONFLICT DO NOTHING or the like: PostgreSQL aborts the transaction after an error, even if mark catches it.';
  return new VortexError('CONFIG', `${RULE} ${how}`, { cause });
}

function notRolledBack(): VortexError {
  return new VortexError(
    'CONFIG',
    'transaction must roll back if its work rejects, and mark must use the transaction that it is given. An id was still there after its transaction had failed. A library for SQLite with a synchronous driver commits before asynchronous work is done: use sqlStore with it.',
  );
}

function ended(cause?: unknown): VortexError {
  const hint = cause === undefined ? '' : ' See the cause.';
  return storeFailed(
    cause,
    `The transaction ended while the handlers ran. Either the database aborted it or rolled it back, for example after a deadlock, or a handler ended it. A handler that catches the error of a statement must throw it again; on PostgreSQL, it can use a savepoint instead.${hint}`,
  );
}
