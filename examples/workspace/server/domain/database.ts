import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import * as schema from './schema.js';

/** PostgreSQL, be it a server or the one inside this process. A transaction is one too. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

/** Where the data is: on a server, in a directory of ours, or in memory until the process ends. */
export type Place = { url: string } | { directory: string } | 'memory';

export interface OpenDatabase {
  db: Database;
  close(): Promise<void>;
}

const casing = 'snake_case';
const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Opens the database and brings its tables up to date: the same migrations, wherever it is. */
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
  // An idle connection that the server ends is replaced by the next query; unheard, its error would end the process.
  pool.on('error', (error) => console.warn(`A database connection was lost: ${error.message}`));
  const db = drizzle(pool, { schema, casing });
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw new Error(`The database at DATABASE_URL cannot be used: ${(error as Error).message}`, { cause: error });
  }
  await migrate(db, { migrationsFolder });
  return { db, close: () => pool.end() };
}
