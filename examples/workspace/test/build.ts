import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';

const PREPARE = `import { preparePGlite } from '@vortex/conformance/pglite'; await preparePGlite();`;

/** Builds the pages, and prepares a database, before all tests of this project. */
export default async function prepareTests(): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  // vitest sets NODE_ENV to `test`, which would build the slower development version of React.
  process.env.NODE_ENV = 'production';
  await Promise.all([
    build({ root: `${root}/web`, configFile: `${root}/vite.config.ts`, logLevel: 'warn', mode: 'production' }),
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PREPARE], { cwd: root }),
  ]);
}
