import { fileURLToPath } from 'node:url';
import type { PGlite } from '@electric-sql/pglite';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { type Channel, openChannel } from './channel.js';
import * as schema from './schema.js';

/** A PostgreSQL database: a server, or PGlite inside this process. A transaction has the same type. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

/** The location of the data: a PostgreSQL server, a local directory, or memory until the process ends. */
export type Place = { url: string } | { directory: string } | 'memory';

export interface OpenDatabase {
  db: Database;
  /** Carries live events between the servers on one PostgreSQL. Undefined if this process is alone with its database. */
  channel: Channel | undefined;
  close(): Promise<void>;
}

const settings = { schema, casing: 'snake_case' } as const;
const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Opens the database and applies the migrations, which are the same for each location. */
export function openDatabase(place: Place): Promise<OpenDatabase> {
  return typeof place === 'object' && 'url' in place ? openServer(place.url) : openEmbedded(place);
}

async function openEmbedded(place: { directory: string } | 'memory'): Promise<OpenDatabase> {
  const { PGlite } = await import('@electric-sql/pglite');
  return openPGlite(await PGlite.create(place === 'memory' ? {} : { dataDir: place.directory }));
}

/** Applies the migrations to a PGlite database of this process. */
export async function openPGlite(client: PGlite): Promise<OpenDatabase> {
  const { drizzle } = await import('drizzle-orm/pglite');
  const { migrate } = await import('drizzle-orm/pglite/migrator');
  const db = drizzle(client, settings);
  await migrate(db, { migrationsFolder });
  return { db, channel: undefined, close: () => client.close() };
}

/**
 * Milliseconds to wait for a connection, and then for each answer. A server that hangs must not let requests hang: both
 * together are shorter than the time that a page or a webhook waits.
 */
const TIMEOUT = 2000;
/**
 * Milliseconds after which PostgreSQL ends a statement, such as one that waits for a lock. Shorter than `TIMEOUT`, so that the
 * connection can still roll back.
 */
const STATEMENT_TIMEOUT = 1500;
/**
 * Milliseconds after which PostgreSQL ends a transaction that sends nothing, such as that of a machine that has vanished. The
 * handler of a webhook waits for two calls of Vortex, of at most 10,000 ms each.
 */
const IDLE_TIMEOUT = 30_000;
/** A server that starts waits so long for another one that applies the migrations. */
const MIGRATION_TIMEOUT = 60_000;
/** Any number that all servers share. */
const MIGRATION_LOCK = 7_265_737;

async function openServer(connectionString: string): Promise<OpenDatabase> {
  const { default: pg } = await import('pg');
  const { drizzle } = await import('drizzle-orm/node-postgres');
  await migrateServer(connectionString);
  const pool = new pg.Pool({
    connectionString,
    connectionTimeoutMillis: TIMEOUT,
    query_timeout: TIMEOUT,
    // The pool waits for it. As options of the pool, both would be startup parameters, which PgBouncer refuses by default.
    onConnect: (client) =>
      client.query(
        `set statement_timeout = ${STATEMENT_TIMEOUT}; set idle_in_transaction_session_timeout = ${IDLE_TIMEOUT}`,
      ),
  });
  // Without this listener, an idle connection that the server closes would end the process. The next query opens a new one.
  pool.on('error', (error) => console.warn(`A database connection was closed: ${error.message}`));
  // The same for a connection in use, whose next statement fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = drizzle(pool, settings);
  // drizzle's own returns a client that could not roll back to the pool, and never releases one that could not begin.
  db.transaction = async (work, config) => {
    const client = await pool.connect();
    let failure: unknown;
    try {
      const result = await drizzle(client, settings).transaction(async (tx) => {
        try {
          return await work(tx);
        } catch (error) {
          failure = error;
          throw error;
        }
      }, config);
      client.release();
      return result;
    } catch (error) {
      // drizzle throws the error of the work only after a rollback. Otherwise the state of the connection is unknown.
      client.release(error !== failure);
      throw failure ?? error;
    }
  };
  const channel = await openChannel(connectionString, (text, values) => pool.query(text, values));
  const close = async () => {
    await channel.close();
    await pool.end();
  };
  return { db, channel, close };
}

/** Applies the migrations, by one server at a time: two that start on an empty database would both create its tables. */
async function migrateServer(connectionString: string): Promise<void> {
  const { default: pg } = await import('pg');
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const { migrate } = await import('drizzle-orm/node-postgres/migrator');
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new Error(`Cannot connect to the database at DATABASE_URL: ${(error as Error).message}`, { cause: error });
  }
  try {
    await client.query(`set lock_timeout = ${MIGRATION_TIMEOUT}`);
    // The lock ends with its connection.
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrate(drizzle(client, settings), { migrationsFolder });
  } finally {
    await client.end();
  }
}
