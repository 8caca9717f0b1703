/** The contract of a store with claims, which all such stores of ours meet, over real databases. */
import type { PGlite } from '@electric-sql/pglite';
import { createClient } from '@libsql/client';
import { startPGlite } from '@vortex/conformance/pglite';
import { needsPostgres } from '@vortex/conformance/postgres';
import { needsRedis, startRedis } from '@vortex/conformance/redis';
import { memoryStore, type WebhookStore } from '@vortex/core';
import { redisStore } from '@vortex/core/redis';
import { type PostgresClient, type SqliteClient, type SqlQuery, sqlStore } from '@vortex/core/sql';
import { type StoreCheck, storeChecks } from '@vortex/core/testing';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { openPool, useDatabases } from './databases.ts';

useDatabases();

const TABLE = `CREATE TABLE vortex_webhooks (id text PRIMARY KEY, owner text NOT NULL, expires bigint NOT NULL);
  CREATE INDEX vortex_webhooks_expires ON vortex_webhooks (expires)`;

/** Defines a test for each check. */
function verify(checks: StoreCheck[]): void {
  for (const { name, run } of checks) test(name.replace(/\.$/u, ''), run);
}

describe('memoryStore', () => {
  const store = memoryStore();
  verify(storeChecks(() => store));
});

describe.skipIf(needsRedis !== '')(`redisStore${needsRedis}`, () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  const clients: Redis[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await redis?.close();
  });
  verify(
    storeChecks(() => {
      const client = new Redis(redis.path);
      clients.push(client);
      return redisStore(client);
    }),
  );
});

/** Returns a client of a database that has the table, and a function that counts its rows. */
interface Database {
  open(): Promise<WebhookStore>;
  run(text: string): Promise<unknown>;
}

let pool: pg.Pool;
const pglite = await startPGlite();
const libsql = createClient({ url: 'file::memory:?cache=shared' });

const refuse = () => {
  throw new Error('refused');
};

/** Runs a statement as Turso does, which does not know the alias of a table after `INSERT INTO`. */
async function inTurso(sql: string, args: (string | number)[]): Promise<readonly object[]> {
  if (/INSERT INTO \S+ AS /u.test(sql)) refuse();
  return (await libsql.execute({ sql, args })).rows;
}

const databases: readonly [name: string, database: Database, missing?: string][] = [
  ['pg', { open: async () => sqlStore(openPoolOnce()), run: (text) => openPoolOnce().query(text) }, needsPostgres],
  ['PGlite', { open: async () => sqlStore(pglite), run: (text) => pglite.exec(text) }],
  [
    'a function over PGlite',
    {
      open: async () =>
        sqlStore(async (text, parameters) => (await pglite.query<object>(text, parameters)).rows, {
          dialect: 'postgres',
          table: 'public.by_function',
        }),
      run: (text) => pglite.exec(text.replaceAll('vortex_webhooks', 'by_function')),
    },
  ],
  [
    'the shape of neon()',
    {
      open: async () => {
        const sql = Object.assign(() => {}, {
          query: async (text: string, parameters?: unknown[]) => (await pglite.query<object>(text, parameters)).rows,
        });
        return sqlStore(sql, { table: 'by_neon' });
      },
      run: (text) => pglite.exec(text.replaceAll('vortex_webhooks', 'by_neon')),
    },
  ],
  [
    'the shape of @tursodatabase/database',
    {
      open: async () =>
        sqlStore(
          { prepare: (text: string) => ({ bind: refuse, all: (...args: (string | number)[]) => inTurso(text, args) }) },
          { table: 'main.by_turso' },
        ),
      run: (text) => libsql.executeMultiple(text.replaceAll('vortex_webhooks', 'by_turso')),
    },
  ],
  [
    'the shape of @tursodatabase/serverless',
    {
      open: async () =>
        sqlStore(
          { prepare: async (text: string) => ({ all: (args: (string | number)[]) => inTurso(text, args) }) },
          { table: 'by_turso_http' },
        ),
      run: (text) => libsql.executeMultiple(text.replaceAll('vortex_webhooks', 'by_turso_http')),
    },
  ],
  ['libSQL', { open: async () => sqlStore(libsql), run: (text) => libsql.executeMultiple(text) }],
];

function openPoolOnce(): pg.Pool {
  pool ??= openPool();
  return pool;
}
afterAll(() => Promise.all([pool?.end(), pglite.close()]));

for (const [name, { open, run }, missing = ''] of databases) {
  describe.skipIf(missing !== '')(`sqlStore over ${name}${missing}`, () => {
    beforeAll(() => run(TABLE));
    verify(storeChecks(open));
  });
}

describe('sqlStore', () => {
  const db = pglite;
  const table = 'of_options';
  beforeAll(() => db.exec(TABLE.replaceAll('vortex_webhooks', table)));
  const rows = async () => (await db.query<{ id: string }>(`SELECT id FROM ${table}`)).rows;

  test('the first and every hundredth completion removes expired rows, and no others', async () => {
    const brief = sqlStore(db, { table, retention: 1 });
    for (let count = 0; count < 100; count += 1) await brief.complete(`old-${count}`);
    const store = sqlStore(db, { table });
    await store.claim('held', { owner: 'me', lease: 60_000 });
    await store.complete('new');
    expect((await rows()).map(({ id }) => id).sort()).toEqual(['held', 'new']);

    const expire = () => db.query(`INSERT INTO ${table} VALUES ('expired', 'me', 0)`);
    await expire();
    await brief.complete('101st');
    expect(await rows()).not.toContainEqual({ id: 'expired' });
    await expire();
    for (let count = 102; count <= 200; count += 1) await brief.complete(`older-${count}`);
    expect(await rows()).toContainEqual({ id: 'expired' });
    await brief.complete('201st');
    expect(await rows()).not.toContainEqual({ id: 'expired' });
  });

  test('an event is forgotten after its retention', async () => {
    await sqlStore(db, { table, retention: 1 }).complete('brief');
    const store = sqlStore(db, { table });
    await expect
      .poll(() => store.claim('brief', { owner: 'me', lease: 60_000 }), { interval: 1, timeout: 20_000 })
      .toBe('new');
  });

  test.each<[string, () => unknown, RegExp]>([
    ['a misspelt option', () => sqlStore(db, { tables: 'a' } as never), /Did you mean table\?/u],
    ['a retention of 0', () => sqlStore(db, { retention: 0 }), /^retention must be/u],
  ])('%s is refused by name', (_, build, message) => {
    expect(build).toThrow(message);
  });

  test('a statement that returns no rows is a failure of the store', async () => {
    const store = sqlStore((() => undefined) as never, { dialect: 'sqlite' });
    await expect(store.claim('a', { owner: 'b', lease: 1 })).rejects.toThrow(/must return rows/u);
  });

  test('a claim fails if the client renames the column owner', async () => {
    const store = sqlStore(async () => [{ Owner: 'me' }], { dialect: 'postgres' });
    await expect(store.claim('a', { owner: 'me', lease: 1 })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/^The row of a claim must have the column owner, as text\./u),
    });
  });

  test.each<[string, unknown]>([
    ['drizzle', drizzle(new pg.Pool())],
    ['Sequelize', { query() {}, authenticate() {} }],
    ['slonik', { query() {}, connect() {}, anyFirst() {} }],
    ['node-sqlite3', { prepare() {}, exec() {}, parallelize() {} }],
    ['TypeORM over SQLite', { query() {}, createQueryRunner() {}, options: { type: 'better-sqlite3' } }],
    ['sql.js', { prepare() {}, exec() {}, getRowsModified() {} }],
    ['postgres.js', Object.assign(() => {}, { unsafe() {}, begin() {} })],
    ['knex', Object.assign(() => {}, { raw() {}, select() {} })],
  ])('a client of %s is refused when the store is built, and the error names the function to pass', (_, client) => {
    expect(() => sqlStore(client as SqlQuery, { dialect: 'postgres' })).toThrow(
      /^client is of an unknown kind\. .* or a function \(text, parameters\) => rows and its dialect\.$/u,
    );
  });

  test('a DataSource of TypeORM over PostgreSQL is accepted', () => {
    const source = { query: async () => [], createQueryRunner() {}, options: { type: 'postgres' } };
    expect(() => sqlStore(source)).not.toThrow();
  });

  test('the clients of pg, PGlite and libSQL need no cast', () => {
    expectTypeOf<pg.Pool>().toExtend<PostgresClient>();
    expectTypeOf<pg.Client>().toExtend<PostgresClient>();
    expectTypeOf<PGlite>().toExtend<PostgresClient>();
    expectTypeOf(libsql).toExtend<SqliteClient>();
  });
});

test('the contract finds a store that is wrong in one of several ways', async () => {
  const broken = async (change: (good: WebhookStore) => Partial<WebhookStore>) => {
    const memory = memoryStore();
    const store = { ...memory, ...change(memory) };
    const failed: string[] = [];
    for (const { name, run } of storeChecks(() => store)) await run().catch(() => failed.push(name));
    return failed.length;
  };
  expect(await broken(() => ({}))).toBe(0);
  expect(await broken(() => ({ claim: () => 'new' }))).toBeGreaterThan(0);
  expect(await broken(() => ({ complete: () => {} }))).toBeGreaterThan(0);
  expect(await broken(() => ({ release: () => {} }))).toBeGreaterThan(0);
  expect(
    await broken(({ claim }) => ({ claim: (id, { lease }) => claim(id, { owner: 'same', lease }) })),
  ).toBeGreaterThan(0);
  expect(await broken(({ claim }) => ({ claim: (id, { owner }) => claim(id, { owner, lease: 50 }) }))).toBeGreaterThan(
    0,
  );
  expect(
    await broken(({ claim }) => ({
      claim: async (id, given) => {
        // The answer comes from a read before the write.
        const state = await claim(id, { owner: 'probe', lease: 1 });
        return state === 'done' ? 'done' : claim(id, given);
      },
    })),
  ).toBeGreaterThan(0);
});
