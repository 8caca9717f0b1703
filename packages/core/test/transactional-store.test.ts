/** The transactional store over real databases: the mark and the effects of an event are committed together, or neither is. */
import { once } from 'node:events';
import { inTransaction, needsPostgres } from '@vortex/conformance/postgres';
import { VortexWebhooks, type WebhookEvent, type WebhookHandlerMap } from '@vortex/core';
import { transactionalStore } from '@vortex/core/sql';
import { transactionChecks } from '@vortex/core/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { libraries, type Opened, openDrizzle, openKysely, openPg, openPool, useDatabases } from './databases.ts';
import { acceptedEvent, memoryDatabase, mount, SECRET } from './helpers.ts';

useDatabases();

const body = (id: string) => ({ body: JSON.stringify({ ...acceptedEvent, id }) });
const statuses = (replies: { status: number }[]) => replies.map(({ status }) => status).sort();

/** A gate that a handler waits at until the test opens it. */
function gate() {
  const target = new EventTarget();
  const reached = once(target, 'reached');
  const opened = once(target, 'open');
  return {
    reached,
    open: () => target.dispatchEvent(new Event('open')),
    pass: async () => {
      target.dispatchEvent(new Event('reached'));
      await opened;
    },
  };
}

describe.each(libraries.map(([name, library, missing]) => [`${name}${missing}`, library, missing] as const))(
  '%s',
  (name, library, missing) => {
    // Several libraries share one server.
    const named = (id: string) => `${name}-${id}`;
    const of = (id: string) => body(named(id));
    const effects = (id: string) => library.effects(named(id));
    describe.skipIf(missing !== '')('transactions', () => {
      let one: Opened;
      let two: Opened;
      beforeAll(async () => {
        [one, two] = await Promise.all([library.open(), library.open()]);
      });
      afterAll(() => Promise.all([one?.close(), two?.close()]));

      let turn = 0;
      const contract = transactionChecks(
        () => {
          turn += 1;
          return (turn % 2 === 0 ? one : two).store;
        },
        { insert: (tx, text) => one.insert(tx, text), count: (text) => library.effects(text) },
      );
      for (const { name, run } of contract) test(name.replace(/\.$/u, ''), run);

      /** Mounts a handler that inserts the event, and then fails the first time that it is called. */
      const mountFailingOnce = (fail: (tx: unknown) => unknown) => {
        let runs = 0;
        const mounted = mount({
          store: one.store,
          onEvent: async ({ id }, _context, tx) => {
            await one.insert(tx, id);
            runs += 1;
            if (runs === 1) await fail(tx);
          },
        });
        return { ...mounted, runs: () => runs };
      };

      test('an event that is delivered three times, to two processes, has its effect once', async () => {
        const [first, second] = [one, two].map(({ store, insert }) =>
          mount({ store, onEvent: ({ id }, _context, tx) => insert(tx, id) }),
        );
        const sent = [first, second, first].map((each) => () => each?.deliver(of('thrice')));
        for (const send of sent) expect(await send()).toMatchObject({ status: 200 });
        expect(await effects('thrice')).toBe(1);
      });

      test('a handler that throws leaves no effect and no mark, and the next delivery is handled', async () => {
        const { deliver, reported } = mountFailingOnce(() => {
          throw new Error('handler');
        });
        expect(await deliver(of('throws'))).toMatchObject({ status: 500, code: 'INTERNAL' });
        expect([reported, await effects('throws')]).toEqual([[new Error('handler')], 0]);
        expect(await deliver(of('throws'))).toMatchObject({ status: 200 });
        expect(await effects('throws')).toBe(1);
      });

      test('a delivery whose handler catches an error upon which the database ends the transaction fails, and the next is handled', async () => {
        const { deliver, reported, runs } = mountFailingOnce((tx) => expect(one.fail(tx)).rejects.toThrow());
        expect(await deliver(of('aborted'))).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
        const message = expect.stringMatching(/^The transaction ended .* must throw it again/u);
        expect([reported, await effects('aborted')]).toEqual([[expect.objectContaining({ message })], 0]);
        expect(await deliver(of('aborted'))).toMatchObject({ status: 200 });
        expect([runs(), await effects('aborted')]).toEqual([2, 1]);
      });

      test.each(['commits', 'rolls back'])(
        'a delivery to another process waits until the first %s, and is then done or handled',
        async (end) => {
          const id = `first ${end}`;
          const { reached, open, pass } = gate();
          const first = mount({
            store: one.store,
            onEvent: async (event, _context, tx) => {
              await one.insert(tx, event.id);
              await pass();
              if (end !== 'commits') throw new Error('handler');
            },
          });
          const second = mount({ store: two.store, onEvent: (event, _context, tx) => two.insert(tx, event.id) });
          const sent = first.deliver(of(id));
          await reached;
          const waiting = second.deliver(of(id));
          open();
          expect(statuses([await sent, await waiting])).toEqual(end === 'commits' ? [200, 200] : [200, 500]);
          expect(await effects(id)).toBe(1);
        },
      );

      test('fifty deliveries at once to two processes have one effect, and each is answered with 200', async () => {
        const mounts = [one, two].map(({ store, insert }) =>
          mount({ store, onEvent: ({ id }, _context, tx) => insert(tx, id) }),
        );
        const replies = await Promise.all(
          Array.from({ length: 50 }, (_value, index) => mounts[index % 2]?.deliver(of('fifty'))),
        );
        expect(new Set(replies.map((reply) => reply?.status))).toEqual(new Set([200]));
        expect(await effects('fifty')).toBe(1);
      });

      test('a delivery waits no longer than answerWithin, and is then answered with 503', async () => {
        const { reached, open, pass } = gate();
        const slow = mount({
          store: one.store,
          onEvent: async ({ id }, _context, tx) => {
            await one.insert(tx, id);
            await pass();
          },
        });
        const hasty = mount({ store: one.store, answerWithin: 50, onEvent: () => {} });
        const sent = slow.deliver(of('slow'));
        await reached;
        expect(await hasty.deliver(of('slow'))).toMatchObject({ status: 503, code: 'EVENT_IN_FLIGHT' });
        open();
        expect(await sent).toMatchObject({ status: 200 });
        expect(await effects('slow')).toBe(1);
      });

      test('a process whose first delivery is a duplicate answers with 200 and does not handle it', async () => {
        const first = mount({ store: one.store, onEvent: ({ id }, _context, tx) => one.insert(tx, id) });
        expect(await first.deliver(of('restarted'))).toMatchObject({ status: 200 });
        const later = await library.open();
        const second = mount({ store: later.store, onEvent: ({ id }, _context, tx) => later.insert(tx, id) });
        expect(await second.deliver(of('restarted'))).toMatchObject({ status: 200 });
        expect(await second.deliver(of('started'))).toMatchObject({ status: 200 });
        expect([await effects('restarted'), await effects('started')]).toEqual([1, 1]);
        await later.close();
      });

      test('an event of a tenant during a rotation of secrets is done under each of its secrets', async () => {
        const runs: string[] = [];
        const receiver = (secret: string[]) =>
          mount({ store: one.store, secret: () => secret, onEvent: ({ id }) => runs.push(id) });
        const both = receiver([SECRET, 'older']);
        const next = receiver([SECRET]);
        expect(await both.deliver(of('rotated'))).toMatchObject({ status: 200 });
        expect(await next.deliver(of('rotated'))).toMatchObject({ status: 200 });
        expect(runs).toEqual([named('rotated')]);
      });

      test('an event of a tenant whose secret is listed twice is handled once', async () => {
        const runs: string[] = [];
        const { deliver } = mount({
          store: one.store,
          secret: () => [SECRET, SECRET],
          onEvent: ({ id }) => runs.push(id),
        });
        for (const _delivery of [1, 2]) expect(await deliver(of('listed twice'))).toMatchObject({ status: 200 });
        expect(runs).toEqual([named('listed twice')]);
      });

      test('handleEvent of VortexWebhooks gives the transaction and handles an event once', async () => {
        const webhooks = new VortexWebhooks({ secret: SECRET, store: one.store });
        const event = { ...acceptedEvent, id: named('queued') } as WebhookEvent;
        for (const _time of [1, 2]) {
          await webhooks.handleEvent(event, { onEvent: ({ id }, _context, tx) => one.insert(tx, id) });
        }
        const failing = { onEvent: () => Promise.reject(new Error('handler')) };
        await expect(webhooks.handleEvent({ ...event, id: 'other' }, failing)).rejects.toThrow('handler');
        expect(await effects('queued')).toBe(1);
      });
    });
  },
);

describe.skipIf(needsPostgres !== '')(`PostgreSQL${needsPostgres}`, () => {
  let pool: pg.Pool;
  let opened: Opened;
  beforeAll(() => {
    pool = openPool(2);
    opened = openPg(pool);
  });
  afterAll(() => pool?.end());

  test('a delivery that gave up waiting in another process leaves no mark, and its connection returns to the pool', async () => {
    const { reached, open, pass } = gate();
    const other = openPg(openPool(1));
    const second = mount({
      store: other.store,
      answerWithin: 1000,
      secret: () => [SECRET, 'older'],
      onEvent: () => {},
    });
    const first = mount({ store: opened.store, secret: () => [SECRET, 'older'], onEvent: pass });
    const sent = first.deliver(body('given up'));
    await reached;
    expect(await second.deliver(body('given up'))).toMatchObject({ status: 503, code: 'EVENT_IN_FLIGHT' });
    open();
    expect(await sent).toMatchObject({ status: 200 });
    expect(await second.deliver(body('given up'))).toMatchObject({ status: 200 });
    await other.close();
  });

  test('simultaneous deliveries of one event hold one connection of a process', async () => {
    const { reached, open, pass } = gate();
    const narrow = openPool(2);
    const { deliver } = mount({ store: openPg(narrow).store, onEvent: pass });
    const sent = Array.from({ length: 20 }, () => deliver(body('narrow')));
    await reached;
    expect([narrow.totalCount, narrow.waitingCount]).toEqual([1, 0]);
    open();
    expect(new Set(statuses(await Promise.all(sent)))).toEqual(new Set([200]));
    await narrow.end();
  });

  test('events that are as many as the connections are handled at once by handlers that use their transaction', async () => {
    const own = openPool(3);
    await own.query('CREATE TABLE members (team text, account_id text, role text, PRIMARY KEY (team, account_id))');
    await own.query("INSERT INTO members VALUES ('harbor', 'u-1', 'admin')");
    const store = transactionalStore({
      transaction: (work) => inTransaction(own, work),
      mark: async (client, id) =>
        (await client.query('INSERT INTO webhooks (id) VALUES ($1) ON CONFLICT DO NOTHING', [id])).rowCount === 1,
    });
    const on: WebhookHandlerMap<unknown, pg.PoolClient> = {
      'group.member.added': async ({ data: { scope, user, foreignCreatorId } }, _request, tx) => {
        // Shortened: see the six checks of the guide.
        if (!scope || !user?.id || (await roleIn(tx, scope, foreignCreatorId ?? '')) !== 'admin') return;
        const insert = 'INSERT INTO members (team, account_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING';
        await tx.query(insert, [scope, user.id, 'member']);
      },
    };

    async function roleIn(tx: pg.PoolClient, team: string, id: string): Promise<string | undefined> {
      const { rows } = await tx.query('SELECT role FROM members WHERE team = $1 AND account_id = $2', [team, id]);
      return rows[0]?.role;
    }

    const { deliver } = mount({ store, on });
    const joined = (id: string, foreignCreatorId = 'u-1', event = id) => ({
      body: JSON.stringify({
        ...acceptedEvent,
        id: `member ${event}`,
        type: 'group.member.added',
        data: { scopeType: 'team', scope: 'harbor', user: { id }, foreignCreatorId },
      }),
    });
    const sent = ['u-2', 'u-3', 'u-4'].map((id) => deliver(joined(id)));
    expect(statuses(await Promise.all(sent))).toEqual([200, 200, 200]);
    await deliver(joined('u-5', 'u-2'));
    expect(await deliver(joined('u-2', 'u-1', 'again'))).toMatchObject({ status: 200 });
    const { rows } = await own.query('SELECT account_id FROM members ORDER BY 1');
    expect(rows.map(({ account_id }) => account_id)).toEqual(['u-1', 'u-2', 'u-3', 'u-4']);
    await own.end();
  });

  test.each([
    ['pg', openPg],
    ['drizzle', openDrizzle],
    ['Kysely', openKysely],
  ] as const)(
    'over %s, a handler whose connection is lost fails, and the next delivery is handled',
    async (name, open) => {
      const own = openPool(1);
      const { store, insert, close } = open(own);
      let inUse: pg.PoolClient | undefined;
      own.on('acquire', (client) => {
        inUse = client;
      });
      // The pool has one connection only.
      const { rows: backends } = await own.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      let runs = 0;
      const { deliver, reported } = mount({
        store,
        onEvent: async ({ id }, _context, tx) => {
          await insert(tx, id);
          runs += 1;
          if (runs > 1) return;
          // `once` of node:events would listen for errors, too.
          const ended = new Promise<void>((resolve) => inUse?.once('end', resolve));
          await pool.query('SELECT pg_terminate_backend($1)', [backends[0]?.pid]);
          await ended;
        },
      });
      const lost = body(`lost ${name}`);
      expect(await deliver(lost)).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
      expect(reported).toMatchObject([{ code: 'STORE_UNAVAILABLE' }]);
      expect(await deliver(lost)).toMatchObject({ status: 200 });
      const { rows } = await pool.query('SELECT id FROM effects WHERE id = $1', [`lost ${name}`]);
      expect(rows).toHaveLength(1);
      await close();
    },
  );

  test('a client of a pool has no error listener left after its transactions', async () => {
    const own = openPool(1);
    const { deliver } = mount({ store: openPg(own).store, onEvent: () => {} });
    for (let count = 0; count < 3; count += 1) await deliver(body(`listener ${count}`));
    const client = await own.connect();
    expect(client.listenerCount('error')).toBe(0);
    client.release();
    await own.end();
  });

  test('a delivery for which no connection is free fails with STORE_UNAVAILABLE, and is not handled once one is', async () => {
    const own = openPool(1);
    const holder = await own.connect();
    const runs: string[] = [];
    const { deliver, reported, logged } = mount({
      store: openPg(own).store,
      answerWithin: 1000,
      onEvent: ({ id }) => runs.push(id),
    });
    expect(await deliver(body('exhausted'))).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    expect(await deliver(body('exhausted'))).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    const sentence = /^transaction has not called its work within 1000 ms\. Either all connections of the pool/u;
    expect(reported).toMatchObject([1, 2].map(() => ({ message: expect.stringMatching(sentence) })));
    expect(logged).toHaveLength(2);
    expect(own.waitingCount).toBe(2);
    holder.release();
    await expect.poll(() => [own.waitingCount, own.idleCount]).toEqual([0, 1]);
    expect(runs).toEqual([]);
    expect(await deliver(body('exhausted'))).toMatchObject({ status: 200 });
    expect(runs).toEqual(['exhausted']);
    await own.end();
  });

  test('a process whose first delivery is a duplicate writes nothing', async () => {
    const marks = async () => (await pool.query('SELECT id FROM webhooks ORDER BY id')).rows;
    const first = mount({ store: opened.store, onEvent: () => {} });
    expect(await first.deliver(body('duplicate'))).toMatchObject({ status: 200 });
    const before = await marks();
    const second = mount({ store: openPg(pool).store, onEvent: () => {} });
    expect(await second.deliver(body('duplicate'))).toMatchObject({ status: 200 });
    expect(await marks()).toEqual(before);
  });

  const insert = 'INSERT INTO webhooks (id) VALUES ($1)';
  const insertOnce = `${insert} ON CONFLICT DO NOTHING`;
  const count = async (db: pg.Pool | pg.PoolClient, text: string, id: string) => (await db.query(text, [id])).rowCount;

  test.each<[string, Parameters<typeof transactionalStore<pg.PoolClient>>[0], RegExp]>([
    [
      'mark uses another connection than the transaction',
      {
        transaction: (work) => inTransaction(pool, work),
        mark: async (_client, id) => (await count(pool, insertOnce, id)) === 1,
      },
      /^transaction must roll back .* mark must use the transaction/u,
    ],
    [
      'transaction begins no transaction',
      {
        transaction: async (work) => {
          const client = await pool.connect();
          return work(client).finally(() => client.release());
        },
        mark: async (client, id) => (await count(client, insertOnce, id)) === 1,
      },
      /^transaction must roll back/u,
    ],
    [
      'mark catches the error of an id that is there',
      {
        transaction: (work) => inTransaction(pool, work),
        mark: (client, id) =>
          count(client, insert, id).then(
            () => true,
            (error) => error.code !== '23505' && Promise.reject(error),
          ),
      },
      /^mark must return true .* It failed for an id that it has inserted before/u,
    ],
    [
      'mark raises the error of an id that is there',
      {
        transaction: (work) => inTransaction(pool, work),
        mark: async (client, id) => (await count(client, insert, id)) === 1,
      },
      /^mark must return true .* It failed for an id that it has inserted before/u,
    ],
  ])('each delivery is answered with 500 CONFIG, and marks nothing, if %s', async (_, options, message) => {
    const runs: string[] = [];
    const { deliver, reported } = mount({ store: transactionalStore(options), onEvent: ({ id }) => runs.push(id) });
    for (const _delivery of [1, 2]) {
      expect(await deliver(body('unproved'))).toMatchObject({ status: 500, code: 'CONFIG' });
    }
    expect(reported).toMatchObject([1, 2].map(() => ({ message: expect.stringMatching(message) })));
    expect(runs).toEqual([]);
    expect((await pool.query("SELECT id FROM webhooks WHERE id LIKE '%unproved'")).rows).toEqual([]);
  });

  test('a delivery whose mark waits for a second connection fails, and the first returns to the pool', async () => {
    const own = openPool(1);
    const store = transactionalStore({
      transaction: (work) => inTransaction(own, work),
      mark: async (_client, id) => (await count(own, insertOnce, id)) === 1,
    });
    const { deliver, reported } = mount({ store, answerWithin: 100, onEvent: () => {} });
    expect(await deliver()).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    expect(reported).toMatchObject([{ message: expect.stringMatching(/mark waits for another connection/u) }]);
    await expect.poll(() => [own.waitingCount, own.idleCount]).toEqual([0, 1]);
    await own.end();
  });

  test('a delivery is answered with 503 if the database is gone', async () => {
    const gone = openPool(1);
    await gone.end();
    const { deliver, reported } = mount({ store: openPg(gone).store, onEvent: () => {} });
    expect(await deliver()).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    expect(reported).toMatchObject([{ code: 'STORE_UNAVAILABLE', cause: expect.any(Error) }]);
  });
});

describe('options', () => {
  const marks = new Set<string>();
  const mark = (_tx: unknown, id: string) => marks.size < marks.add(id).size;

  test.each<[string, Parameters<typeof transactionalStore>[0], RegExp]>([
    [
      'transaction does not wait for its work',
      { transaction: async (work) => void work(undefined) as never, mark: async (...given) => mark(...given) },
      /^transaction must wait/u,
    ],
    ['mark returns a number', { transaction: (work) => work(1), mark: () => 1 as never }, /^mark must return/u],
    [
      'mark never returns true',
      { transaction: (work) => work(1), mark: () => false },
      /^mark must return true .* It returned false for an id that is new\.$/u,
    ],
    [
      'mark always returns true',
      { transaction: (work) => work(1), mark: () => true },
      /^mark must return true .* It returned true for an id that it has inserted before\.$/u,
    ],
  ])('a delivery is answered with 500 CONFIG if %s', async (_, options, message) => {
    const { deliver, reported } = mount({ store: transactionalStore(options), onEvent: () => {} });
    expect(await deliver()).toMatchObject({ status: 500, code: 'CONFIG' });
    expect(reported).toMatchObject([{ message: expect.stringMatching(message) }]);
  });

  test.each<[string, number, { mark?: number; begin?: number; rollback?: number }]>([
    ['mark fails', 503, { mark: 1 }],
    ['mark fails for an id that is there', 500, { mark: 2 }],
    ['mark fails in the second transaction', 503, { mark: 4 }],
    ['no transaction begins', 503, { begin: 1 }],
    ['a ROLLBACK is not answered', 503, { rollback: 1 }],
  ])('the event after the first one, for which %s, is handled', async (_, status, faults) => {
    const db = memoryDatabase();
    const calls = { mark: 0, begin: 0, rollback: 0 };
    const isFaulty = (call: keyof typeof calls) => {
      calls[call] += 1;
      return calls[call] === faults[call];
    };
    const lost = new Error('the connection is lost');
    const store = transactionalStore<Set<string>>({
      transaction: async (work) => {
        if (isFaulty('begin')) throw lost;
        try {
          return await db.transaction(work);
        } catch (error) {
          if (isFaulty('rollback')) await new Promise(() => {});
          throw error;
        }
      },
      mark: async (tx, id) => {
        if (isFaulty('mark')) throw lost;
        return db.mark(tx, id);
      },
    });
    const runs: string[] = [];
    const { deliver } = mount({ store, answerWithin: 100, onEvent: ({ id }) => runs.push(id) });
    const replies = [await deliver(body('one')), await deliver(body('two'))];
    expect(replies.map((reply) => reply.status)).toEqual([status, 200]);
    expect(runs).toEqual(['two']);
  });

  test('an event is not marked if transaction throws an error while its work is running', async () => {
    const { rows } = memoryDatabase();
    const refused = new TypeError('Transaction function cannot return a promise');
    const store = transactionalStore<Set<string>>({
      transaction: (work) => {
        // As with drizzle over better-sqlite3, the statements of the work are committed at once after the error.
        void work(rows);
        throw refused;
      },
      mark: async (tx, id) => tx.size < tx.add(id).size,
    });
    const runs: string[] = [];
    const { deliver, reported } = mount({ store, onEvent: ({ id }) => runs.push(id) });
    for (const _delivery of [1, 2]) {
      expect(await deliver()).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    }
    expect(reported).toMatchObject([{ cause: refused }, { cause: refused }]);
    expect([runs, [...rows].filter((row) => !row.startsWith('probe:'))]).toEqual([[], []]);
  });

  test('simultaneous first events share the proof of their store, which leaves no row', async () => {
    const db = memoryDatabase();
    let begun = 0;
    const store = transactionalStore<Set<string>>({
      transaction: (work) => {
        begun += 1;
        return db.transaction(work);
      },
      mark: db.mark,
    });
    const { deliver } = mount({ store, onEvent: () => {} });
    const ids = Array.from({ length: 20 }, (_value, index) => `first ${index}`);
    expect(new Set(statuses(await Promise.all(ids.map((id) => deliver(body(id))))))).toEqual(new Set([200]));
    // Each event has its id and the probe of its own transaction.
    expect([begun, db.rows.size]).toEqual([22, 40]);
  });

  test('a transaction that tries again after any error passes the proof, and handles each event once', async () => {
    const db = memoryDatabase();
    const store = transactionalStore<Set<string>>({
      transaction: (work) => db.transaction(work).catch(() => db.transaction(work)),
      mark: db.mark,
    });
    const handled: unknown[] = [];
    const { deliver } = mount({ store, onEvent: ({ id }) => void handled.push(id) });
    for (const id of ['a', 'b', 'a']) expect(await deliver(body(id))).toMatchObject({ status: 200 });
    expect(handled).toEqual(['a', 'b']);
  });

  test('a VortexError of another copy of the package that mark throws keeps its code', async () => {
    const foreign = Object.assign(new Error('elsewhere'), {
      name: 'VortexError',
      code: 'EVENT_IN_FLIGHT',
      status: 503,
    });
    const store = transactionalStore({ transaction: (work) => work(1), mark: () => Promise.reject(foreign) });
    expect(await mount({ store, onEvent: () => {} }).deliver()).toMatchObject({ status: 503, code: 'EVENT_IN_FLIGHT' });
  });

  test('an option that is missing or misspelt is refused by name', () => {
    expect(() => transactionalStore({ mark } as never)).toThrow(/^transaction must be a function/u);
    expect(() => transactionalStore({ transaction: mark, mark, marks: mark } as never)).toThrow(/Did you mean mark\?/u);
  });

  test('the third argument of a handler has the type of the transaction, and is undefined with another store', () => {
    const pool = { connect: async () => ({ query: async (_text: string) => 1 }) };
    const store = transactionalStore({
      transaction: async (work) => work(await pool.connect()),
      mark: async (tx, id) => {
        expectTypeOf(tx.query).toBeFunction();
        return (await tx.query(id)) === 1;
      },
    });
    mount({ store, on: { 'invitation.accepted': (_event, _context, tx) => expectTypeOf(tx.query).toBeFunction() } });
    mount({ on: { 'invitation.accepted': (_event, _context, tx) => expectTypeOf(tx).toBeUndefined() } });
    const webhooks = new VortexWebhooks({ secret: SECRET, store });
    expectTypeOf(webhooks.handleEvent<string>)
      .parameter(1)
      .toExtend<{
        onEvent?:
          | ((event: WebhookEvent, context: string, tx: { query(text: string): Promise<number> }) => unknown)
          | undefined;
      }>();
    // @ts-expect-error A transaction needs a store that gives it.
    mount({ onEvent: (_event, _context, _tx: { query(text: string): unknown }) => {} });
  });
});
