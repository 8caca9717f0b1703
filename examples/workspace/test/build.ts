import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { prepare } from './pglite.js';

/** Builds the pages, and prepares a database, before all tests of this project. */
export default async function prepareTests(): Promise<void> {
  await prepare();
  const root = fileURLToPath(new URL('..', import.meta.url));
  // vitest sets NODE_ENV to `test`, which would build the slower development version of React.
  process.env.NODE_ENV = 'production';
  await build({ root: `${root}/web`, configFile: `${root}/vite.config.ts`, logLevel: 'warn', mode: 'production' });
}
