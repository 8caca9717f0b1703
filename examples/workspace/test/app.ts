import { startPGlite } from '@vortex/conformance/pglite';
import { type Database, type OpenDatabase, openDatabase, openPGlite } from '../server/domain/database.js';
import { signInLinks, teams, users, webhooks } from '../server/domain/schema.js';
import { type StartOptions, start } from '../server/start.js';

export type App = Awaited<ReturnType<typeof start>>;

/** Starts the whole application on a free port. By default, its data is in memory, and begins with the demo users. */
export function startApp(options: Partial<StartOptions> = {}): Promise<App> {
  return start({
    port: 0,
    server: 'express',
    database: undefined,
    apiKey: undefined,
    webhookSecret: undefined,
    open: (place) => (place === 'memory' ? openEmptyMemory() : openDatabase(place)),
    ...options,
  });
}

let memory: Promise<OpenDatabase> | undefined;

/** Empties the one database in memory that the applications of a test file share, one after the other. */
export async function openEmptyMemory(): Promise<OpenDatabase> {
  memory ??= startPGlite().then(openPGlite);
  const shared = await memory;
  await empty(shared.db);
  return { ...shared, close: async () => {} };
}

/** Deletes all rows: those of the other tables refer to users and teams. */
async function empty(db: Database): Promise<void> {
  for (const table of [users, teams, signInLinks, webhooks]) await db.delete(table);
}
