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

const casing = 'snake_case';
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
  const db = drizzle(client, { schema, casing });
  await migrate(db, { migrationsFolder });
  return { db, channel: undefined, close: () => client.close() };
}

/**
 * Milliseconds to wait for a connection, and then for each answer. A server that hangs must not let requests hang: both
 * together are shorter than the time that a page or a webhook waits.
 */
const TIMEOUT = 2000;
/** A server that starts waits so long for another one that applies the migrations. */
const MIGRATION_TIMEOUT = 60_000;
/** Any number that all servers share. */
const MIGRATION_LOCK = 7_265_737;

async function openServer(connectionString: string): Promise<OpenDatabase> {
  const { default: pg } = await import('pg');
  const { drizzle } = await import('drizzle-orm/node-postgres');
  await migrateServer(connectionString);
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: TIMEOUT, query_timeout: TIMEOUT });
  // Without this listener, an idle connection that the server closes would end the process. The next query opens a new one.
  pool.on('error', (error) => console.warn(`A database connection was closed: ${error.message}`));
  const channel = await openChannel(connectionString, (text, values) => pool.query(text, values));
  const close = async () => {
    await channel.close();
    await pool.end();
  };
  return { db: drizzle(pool, { schema, casing }), channel, close };
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
    await migrate(drizzle(client, { schema, casing }), { migrationsFolder });
  } finally {
    await client.end();
  }
}
