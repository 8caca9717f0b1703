import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds the pages before all tests of this project. */
export default async function buildPages(): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  // vitest sets NODE_ENV to `test`, which would build the slower development version of React.
  process.env.NODE_ENV = 'production';
  await build({ root: `${root}/web`, configFile: `${root}/vite.config.ts`, logLevel: 'warn', mode: 'production' });
}
