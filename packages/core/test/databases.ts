/** The databases and libraries over which the SQL stores are tested. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { createClient } from '@libsql/client';
import { type Mysql, needsMysql, startMysql } from '@vortex/conformance/mysql';
import { startPGlite } from '@vortex/conformance/pglite';
import { inTransaction, needsPostgres, type Postgres, startPostgres } from '@vortex/conformance/postgres';
import type { TransactionalStore } from '@vortex/core';
import { transactionalStore } from '@vortex/core/sql';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { Kysely, PostgresDialect } from 'kysely';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';

const webhooks = pgTable('webhooks', { id: text().primaryKey() });
const effects = pgTable('effects', { id: text().notNull() });
const HANDLED_AT = 'handled_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP';
const TABLES = `CREATE TABLE webhooks (id text PRIMARY KEY, ${HANDLED_AT}); CREATE TABLE effects (id text NOT NULL)`;

interface Rows {
  webhooks: { id: string };
  effects: { id: string };
}

export interface Opened {
  /** A store over connections of its own, as another process would have. */
  store: TransactionalStore<unknown>;
  /** Inserts an effect by the transaction that the store has given to a handler. */
  insert(tx: unknown, id: string): Promise<unknown>;
  /** Sends a statement upon whose error the database aborts the transaction or rolls it back. */
  fail(tx: unknown): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface Library {
  open(): Promise<Opened>;
  effects(id: string): Promise<number>;
}

/** Describes a library by the types that its transaction has. */
function describeStore<Tx>(
  store: TransactionalStore<Tx>,
  insert: (tx: Tx, id: string) => Promise<unknown>,
  fail: (tx: Tx) => Promise<unknown>,
  close: () => Promise<unknown>,
): Opened {
  return {
    store: store as TransactionalStore<unknown>,
    insert: insert as Opened['insert'],
    fail: fail as Opened['fail'],
    close,
  };
}

let postgres: Postgres | undefined;

/** Ends the databases that tests have started. vitest ignores an `afterAll` that is called while a test or a hook runs. */
const ends: (() => Promise<unknown>)[] = [];

/** Starts PostgreSQL for the tests of a file, and ends all databases after them. */
export function useDatabases(): void {
  beforeAll(async () => {
    if (needsPostgres) return;
    const server = await startPostgres();
    postgres = server;
    ends.push(() => server.stop());
    const pool = openPool();
    await pool.query(TABLES);
    await pool.end();
  });
  afterAll(() => Promise.all(ends.splice(0).map((end) => end())));
}

export function openPool(max = 10): pg.Pool {
  // PostgreSQL may stop before the last connection is closed, which would fail the run.
  return new pg.Pool({ connectionString: postgres?.url, max }).on('error', () => {});
}

async function effectsInPostgres(id: string): Promise<number> {
  const pool = openPool(1);
  const { rows } = await pool.query('SELECT count(*)::int AS count FROM effects WHERE id = $1', [id]);
  await pool.end();
  return rows[0].count;
}

export function openPg(pool: pg.Pool): Opened {
  const store = transactionalStore({
    transaction: (work) => inTransaction(pool, work),
    mark: async (client, id) => {
      const { rowCount } = await client.query('INSERT INTO webhooks (id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
      return rowCount === 1;
    },
  });
  return describeStore(
    store,
    (client, id) => client.query('INSERT INTO effects VALUES ($1)', [id]),
    (client) => client.query('INSERT INTO effects VALUES (NULL)'),
    () => pool.end(),
  );
}

/** Keeps the process alive if a library holds a client whose connection is lost. */
function listen(pool: pg.Pool): pg.Pool {
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

export function openDrizzle(pool: pg.Pool): Opened {
  const db = drizzle(listen(pool));
  return describeStore(
    transactionalStore({
      transaction: (work) => db.transaction(work),
      mark: async (tx, id) =>
        (await tx.insert(webhooks).values({ id }).onConflictDoNothing().returning({ id: webhooks.id })).length === 1,
    }),
    (tx, id) => tx.insert(effects).values({ id }),
    (tx) => tx.insert(effects).values({ id: null as never }),
    () => pool.end(),
  );
}

export function openKysely(pool: pg.Pool): Opened {
  const db = new Kysely<Rows>({ dialect: new PostgresDialect({ pool: listen(pool) }) });
  return describeStore(
    transactionalStore({
      transaction: (work) => db.transaction().execute(work),
      mark: async (tx, id) => {
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto('webhooks')
          .values({ id })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      },
    }),
    (tx, id) => tx.insertInto('effects').values({ id }).execute(),
    (tx) =>
      tx
        .insertInto('effects')
        .values({ id: null as never })
        .execute(),
    () => db.destroy(),
  );
}

/** One database in this process, since PGlite has one connection. */
function pglite(): Library {
  let made: Promise<PGlite> | undefined;
  const open = () => {
    made ??= startPGlite().then(async (db) => {
      await db.exec(TABLES);
      return db;
    });
    return made;
  };
  return {
    open: async () => {
      const db = await open();
      return describeStore(
        transactionalStore({
          transaction: (work) => db.transaction(work),
          mark: async (tx, id) =>
            (await tx.query('INSERT INTO webhooks (id) VALUES ($1) ON CONFLICT DO NOTHING', [id])).affectedRows === 1,
        }),
        (tx, id) => tx.query('INSERT INTO effects VALUES ($1)', [id]),
        (tx) => tx.query('INSERT INTO effects VALUES (NULL)'),
        async () => {},
      );
    },
    effects: async (id) => (await (await open()).query('SELECT * FROM effects WHERE id = $1', [id])).rows.length,
  };
}

/** MariaDB, which starts when the store is opened for the first time. */
function mysql2(): Library {
  let made: Promise<Mysql> | undefined;
  const start = async () => {
    const server = await startMysql();
    ends.push(() => server.stop());
    const pool = openMysql(server);
    await pool.query(`CREATE TABLE webhooks (id varbinary(255) PRIMARY KEY, ${HANDLED_AT})`);
    await pool.query('CREATE TABLE effects (id varbinary(255) NOT NULL)');
    await pool.end();
    return server;
  };
  const open = async () => {
    made ??= start();
    return openMysql(await made);
  };
  return {
    open: async () => {
      const pool = await open();
      const store = transactionalStore({
        transaction: async (work) => {
          const connection = await pool.getConnection();
          try {
            await connection.beginTransaction();
            const result = await work(connection);
            await connection.commit();
            connection.release();
            return result;
          } catch (error) {
            await connection.rollback().then(
              () => connection.release(),
              () => connection.destroy(),
            );
            throw error;
          }
        },
        mark: async (connection, id) => {
          const insert = 'INSERT IGNORE INTO webhooks (id) VALUES (?)';
          const [{ affectedRows }] = await connection.execute<mysql.ResultSetHeader>(insert, [id]);
          return affectedRows === 1;
        },
      });
      return describeStore(
        store,
        (connection, id) => connection.execute('INSERT INTO effects VALUES (?)', [id]),
        (connection) => meetDeadlock(pool, connection),
        () => pool.end(),
      );
    },
    effects: async (id) => {
      const pool = await open();
      const [rows] = await pool.execute<mysql.RowDataPacket[]>('SELECT id FROM effects WHERE id = ?', [id]);
      await pool.end();
      return rows.length;
    },
  };
}

/** Lets a transaction wait for another that waits for it. InnoDB rolls back the one that has changed fewer rows. */
async function meetDeadlock(pool: mysql.Pool, connection: mysql.Connection): Promise<void> {
  const other = await pool.getConnection();
  await other.beginTransaction();
  await other.query('INSERT INTO effects VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)');
  await other.query("INSERT INTO webhooks (id) VALUES ('held by the other')");
  await connection.query("INSERT INTO webhooks (id) VALUES ('held by the handler')");
  const [own] = await Promise.allSettled([
    connection.query("INSERT INTO webhooks (id) VALUES ('held by the other')"),
    other.query("INSERT INTO webhooks (id) VALUES ('held by the handler')"),
  ]);
  await other.rollback();
  other.release();
  if (own.status === 'rejected') throw own.reason;
}

const openMysql = ({ socketPath }: Mysql) => mysql.createPool({ socketPath, user: 'root', database: 'test' });

/** SQLite has one writer. Its transactions take turns, so that none of them fails because the database is locked. */
function sqlite(): Library {
  let made: ReturnType<typeof start> | undefined;
  const start = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vortex-sqlite-'));
    const client = createClient({ url: `file:${join(folder, 'data.db')}` });
    await client.executeMultiple(TABLES);
    ends.push(() => rm(folder, { recursive: true, force: true }));
    return client;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    open: async () => {
      made ??= start();
      const client = await made;
      return describeStore(
        transactionalStore({
          transaction: (work) => {
            const turn = last.then(async () => {
              const tx = await client.transaction('write');
              try {
                const result = await work(tx);
                await tx.commit();
                return result;
              } finally {
                tx.close();
              }
            });
            last = turn.catch(() => {});
            return turn;
          },
          mark: async (tx, id) =>
            (await tx.execute({ sql: 'INSERT INTO webhooks (id) VALUES (?) ON CONFLICT DO NOTHING', args: [id] }))
              .rowsAffected === 1,
        }),
        (tx, id) => tx.execute({ sql: 'INSERT INTO effects VALUES (?)', args: [id] }),
        (tx) => tx.execute('INSERT OR ROLLBACK INTO effects VALUES (NULL)'),
        async () => {},
      );
    },
    effects: async (id) => {
      const client = await (made as ReturnType<typeof start>);
      return (await client.execute({ sql: 'SELECT * FROM effects WHERE id = ?', args: [id] })).rows.length;
    },
  };
}

export const libraries: readonly [name: string, library: Library, missing: string][] = [
  ['pg', { open: async () => openPg(openPool()), effects: effectsInPostgres }, needsPostgres],
  ['drizzle', { open: async () => openDrizzle(openPool()), effects: effectsInPostgres }, needsPostgres],
  ['kysely', { open: async () => openKysely(openPool()), effects: effectsInPostgres }, needsPostgres],
  ['mysql2', mysql2(), needsMysql],
  ['PGlite', pglite(), ''],
  ['libSQL', sqlite(), ''],
];
