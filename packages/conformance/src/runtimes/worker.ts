import type { Server, Start } from '../server.js';

/**
 * Starts a Worker in workerd. The binding `SETTINGS` holds the settings.
 *
 * @param flags compatibility flags beside `nodejs_compat`
 */
export function startWorker(file: string, flags: readonly string[] = []): Start {
  let bundled: Promise<string> | undefined;
  return async (settings) => {
    bundled ??= bundleWorker(file);
    return runWorker(await bundled, { SETTINGS: { ...settings } }, {}, flags);
  };
}

/** The databases of a Worker, as Miniflare takes them. */
interface WorkerStorage {
  d1Databases?: string[];
  /** A folder whose databases outlive the Worker. */
  d1Persist?: string;
  durableObjects?: Record<string, { className: string; useSQLite: true }>;
}

/** Runs a bundled Worker as Cloudflare does, with `nodejs_compat`. */
export async function runWorker(
  script: string,
  bindings: Record<string, string | Record<string, unknown>>,
  storage: WorkerStorage = {},
  flags: readonly string[] = [],
): Promise<Server & { exec(database: string, text: string): Promise<unknown[]> }> {
  // Imported on first use: miniflare and rolldown take longer to import than the rest of the suite.
  const { Miniflare } = await import('miniflare');
  const worker = new Miniflare({
    modules: true,
    script,
    bindings: bindings as Record<string, string>,
    ...storage,
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat', ...flags],
    host: '127.0.0.1',
    port: 0,
  });
  return {
    url: (await worker.ready).origin,
    close: () => worker.dispose(),
    exec: async (database, text) => {
      const db = await worker.getD1Database(database);
      return (await db.prepare(text).all()).results;
    },
  };
}

/** Bundles a program and everything it imports into one module for a Worker. */
export async function bundleWorker(file: string, { minify = false } = {}): Promise<string> {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: file,
    platform: 'neutral',
    resolve: { conditionNames: ['workerd', 'worker', 'import', 'default'], mainFields: ['module', 'main'] },
  });
  const { output } = await bundle.generate({ format: 'esm', minify });
  await bundle.close();
  return output[0].code;
}
