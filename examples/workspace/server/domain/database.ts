import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import * as schema from './schema.js';

/** A PostgreSQL database: a server, or PGlite inside this process. A transaction has the same type. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

/** The location of the data: a PostgreSQL server, a local directory, or memory until the process ends. */
export type Place = { url: string } | { directory: string } | 'memory';

export interface OpenDatabase {
  db: Database;
  close(): Promise<void>;
}

const casing = 'snake_case';
const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Opens the database and applies the migrations, which are the same for each location. */
export function openDatabase(place: Place): Promise<OpenDatabase> {
  return typeof place === 'object' && 'url' in place ? openServer(place.url) : openEmbedded(place);
}

async function openEmbedded(place: { directory: string } | 'memory'): Promise<OpenDatabase> {
  const { drizzle } = await import('drizzle-orm/pglite');
  const { migrate } = await import('drizzle-orm/pglite/migrator');
  const client = await PGlite.create(place === 'memory' ? {} : { dataDir: place.directory });
  const db = drizzle(client, { schema, casing });
  await migrate(db, { migrationsFolder });
  return { db, close: () => client.close() };
}

async function openServer(connectionString: string): Promise<OpenDatabase> {
  const { default: pg } = await import('pg');
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const { migrate } = await import('drizzle-orm/node-postgres/migrator');
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 10_000 });
  // Without this listener, an idle connection that the server closes would end the process. The next query opens a new one.
  pool.on('error', (error) => console.warn(`A database connection was closed: ${error.message}`));
  const db = drizzle(pool, { schema, casing });
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw new Error(`Cannot connect to the database at DATABASE_URL: ${(error as Error).message}`, { cause: error });
  }
  await migrate(db, { migrationsFolder });
  return { db, close: () => pool.end() };
}
