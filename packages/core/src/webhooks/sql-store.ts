import { requireOptions } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { anything, must, optional, optionalOneOf } from '../lib/option-checks.js';
import { isPromise, type MaybePromise } from '../lib/promises.js';
import { isFunction } from '../lib/values.js';
import { readRetention, type StoreOptions, type WebhookStore } from './store.js';

/** Runs one statement and returns its rows, outside of any transaction that may roll back. */
export type SqlQuery = (text: string, parameters: (string | number)[]) => MaybePromise<readonly object[]>;

/** A pool or client of `pg`, PGlite, or Neon's `neon()` or `Pool`. */
export interface PostgresClient {
  query(text: string, parameters: (string | number)[]): PromiseLike<unknown>;
}

/** A database of D1, node:sqlite, better-sqlite3, bun:sqlite or Turso; the `sql` of a Durable Object's storage; a client of libSQL. */
export type SqliteClient =
  | { prepare(text: string): { all(...parameters: (string | number)[]): unknown } }
  | { prepare(text: string): PromiseLike<{ all(parameters: (string | number)[]): unknown }> }
  | { exec(text: string, ...parameters: (string | number)[]): { toArray(): readonly object[] } }
  | { execute(statement: { sql: string; args: (string | number)[] }): PromiseLike<unknown> };

export interface SqlStoreOptions extends StoreOptions {
  /**
   * The table, which may have a schema before it. Two mounts that receive the same events need different tables.
   *
   * @default 'vortex_webhooks'
   */
  table?: string | undefined;
}

export interface SqlQueryOptions extends SqlStoreOptions {
  /** The dialect of the database behind a function: its parameters are `$1, $2` with PostgreSQL, and `?` with SQLite. */
  dialect: 'postgres' | 'sqlite';
}

const checks = {
  table: optional(
    must(
      // In an upsert, `excluded` is the row that is not inserted.
      (value) => typeof value === 'string' && /^(?:[a-z_]\w*\.)?(?!excluded$)[a-z_]\w*$/iu.test(value),
      'must be a name such as vortex_webhooks or app.vortex_webhooks, and not excluded',
    ),
  ),
  retention: anything,
  dialect: optionalOneOf('postgres', 'sqlite'),
};

/** Milliseconds since 1970 by the clock of the database, which all processes share, and how a dialect skips rows in use. */
const dialects = {
  postgres: { now: '(extract(epoch FROM statement_timestamp()) * 1000)::bigint', skip: 'FOR UPDATE SKIP LOCKED' },
  sqlite: { now: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)", skip: '' },
} as const;

/** Completions between two removals of expired rows, and the number of rows that one removal deletes at most. */
const SWEEP_EVERY = 100;
const SWEEP_ROWS = 1000;

/**
 * A store for any number of processes, over the application's own PostgreSQL or SQLite. Each method is one statement. The table
 * is made by a migration: `CREATE TABLE vortex_webhooks (id text PRIMARY KEY, owner text NOT NULL, expires bigint NOT NULL)`, with an
 * index on `expires`. Expired rows are removed by later completions.
 *
 * If handlers write to the same database, `transactionalStore` is safer: an event whose process dies is handled again with this
 * store.
 *
 * @param client a client that is known by its shape, or a function that runs one statement, with its `dialect`
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function sqlStore(client: PostgresClient | SqliteClient, options?: SqlStoreOptions): WebhookStore;
export function sqlStore(query: SqlQuery, options: SqlQueryOptions): WebhookStore;
export function sqlStore(
  client: PostgresClient | SqliteClient | SqlQuery,
  options: Partial<SqlQueryOptions> = {},
): WebhookStore {
  requireOptions(checks, options);
  const { table = 'vortex_webhooks' } = options;
  const retention = readRetention(options.retention);
  const { query, dialect } = readClient(client, options.dialect);
  const { now, skip } = dialects[dialect];
  const statement = (text: string) => {
    const written =
      dialect === 'postgres' ? text.split('?').reduce((before, after, index) => `${before}$${index}${after}`) : text;
    return (...parameters: (string | number)[]) => query(written, parameters);
  };

  // The name of the table stands for the existing row, since Turso knows no alias here.
  const isFree = `${table}.owner = excluded.owner OR ${table}.expires <= ${now}`;
  // `done` is never an owner. A row that is done is not written, and so not returned.
  const claim = statement(`
    INSERT INTO ${table} (id, owner, expires) VALUES (?, ?, ${now} + ?)
    ON CONFLICT (id) DO UPDATE SET
      owner = CASE WHEN ${isFree} THEN excluded.owner ELSE ${table}.owner END,
      expires = CASE WHEN ${isFree} THEN excluded.expires ELSE ${table}.expires END
    WHERE ${table}.owner <> 'done' OR ${table}.expires <= ${now}
    RETURNING owner`);
  const complete = statement(`
    INSERT INTO ${table} (id, owner, expires) VALUES (?, 'done', ${now} + ?)
    ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, expires = excluded.expires
    RETURNING id`);
  const release = statement(`DELETE FROM ${table} WHERE id = ? AND owner = ? RETURNING id`);
  const sweep = statement(`
    DELETE FROM ${table}
    WHERE id IN (SELECT id FROM ${table} WHERE expires <= ${now} LIMIT ${SWEEP_ROWS} ${skip})
    RETURNING id`);
  let completions = 0;

  return {
    claim: async (id, { owner, lease }) => {
      const [row] = await claim(id, owner, lease);
      if (!row) return 'done';
      const { owner: holder } = row as { owner?: unknown };
      if (typeof holder !== 'string') {
        const advice = 'Pass a client that does not rename columns.';
        throw new VortexError('STORE_UNAVAILABLE', `The row of a claim must have the column owner, as text. ${advice}`);
      }
      return holder === owner ? 'new' : 'in-flight';
    },
    complete: async (id) => {
      await complete(id, retention);
      completions += 1;
      if (completions % SWEEP_EVERY === 1) await sweep();
    },
    release: async (id, owner) => {
      await release(id, owner);
    },
  };
}

interface Statement {
  /** Only statements of D1 have `first`. They take the parameters in `bind`, and others in `all`. */
  first?: unknown;
  bind(...parameters: unknown[]): { all(): unknown };
  all(...parameters: unknown[]): unknown;
}

/** The methods of all known clients. */
interface AnyClient {
  query(text: string, parameters: unknown[]): unknown;
  prepare(text: string): MaybePromise<Statement>;
  exec(text: string, ...parameters: unknown[]): { toArray(): unknown };
  execute(statement: { sql: string; args: unknown[] }): unknown;
}

/** Members of clients whose other methods have the names of known ones, and take or return something else. */
const FOREIGN = [
  'authenticate', // Sequelize
  'anyFirst', // slonik
  'select', // drizzle and knex
  'begin', // postgres.js and the SQL of Bun
  'getRowsModified', // sql.js
  'parallelize', // node-sqlite3
];

/** True for a DataSource of TypeORM over a database that is not PostgreSQL. Over PostgreSQL, its `query` takes `$1` and returns rows. */
function isOtherTypeOrm(client: unknown): boolean {
  const { createQueryRunner, options } = Object(client) as {
    createQueryRunner?: unknown;
    options?: { type?: unknown };
  };
  return isFunction(createQueryRunner) && options?.type !== 'postgres';
}

/** @throws VortexError `CONFIG` for a client of an unknown shape */
function readClient(
  client: unknown,
  dialect: SqlQueryOptions['dialect'] | undefined,
): { query: SqlQuery; dialect: SqlQueryOptions['dialect'] } {
  const db = client as AnyClient;
  const has = (method: string) => isFunction((Object(client) as Record<string, unknown>)[method]);
  const of = (found: SqlQueryOptions['dialect'], run: (text: string, parameters: (string | number)[]) => unknown) => ({
    dialect: found,
    query: async (text: string, parameters: (string | number)[]) => rowsOf(await run(text, parameters)),
  });
  // The callback client `mysql` has no `execute`.
  if (has('query') && (has('execute') || has('escapeId'))) {
    throw new VortexError('CONFIG', 'client is of MySQL, which has no RETURNING. Use transactionalStore.');
  }
  if (FOREIGN.some(has) || isOtherTypeOrm(client)) throw unknownClient();
  // D1, node:sqlite and better-sqlite3 have `exec`, too.
  if (has('prepare')) {
    return of('sqlite', (text, parameters) => {
      const prepared = db.prepare(text);
      // Turso over HTTP takes the parameters as a list.
      if (isPromise(prepared)) return prepared.then((statement) => statement.all(parameters));
      return prepared.first ? prepared.bind(...parameters).all() : prepared.all(...parameters);
    });
  }
  if (has('query')) return of('postgres', (text, parameters) => db.query(text, parameters));
  if (has('execute')) return of('sqlite', (sql, args) => db.execute({ sql, args }));
  if (has('exec')) return of('sqlite', (text, parameters) => db.exec(text, ...parameters).toArray());
  if (!isFunction(client)) throw unknownClient();
  if (!dialect) throw new VortexError('CONFIG', 'dialect must be postgres or sqlite if client is a function.');
  return of(dialect, client as SqlQuery);
}

function unknownClient(): VortexError {
  const advice =
    'Pass a client of pg, PGlite, Neon, D1, node:sqlite, better-sqlite3, libSQL or Turso, or a function (text, parameters) => rows and its dialect.';
  return new VortexError('CONFIG', `client is of an unknown kind. ${advice}`);
}

/** The rows of a reply: the reply itself, or its `rows`, or the `results` of D1. */
function rowsOf(reply: unknown): readonly object[] {
  const { rows = reply, results = rows } = Object(reply) as { rows?: unknown; results?: unknown };
  if (Array.isArray(results)) return results;
  throw new VortexError('STORE_UNAVAILABLE', 'The statement of the webhook store must return rows.');
}
