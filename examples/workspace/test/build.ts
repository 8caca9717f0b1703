import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The pages that all tests here are about. */
export default async function buildPages(): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  // Not for tests: they would load React's slower half.
  process.env.NODE_ENV = 'production';
  await build({ root: `${root}/web`, configFile: `${root}/vite.config.ts`, logLevel: 'warn', mode: 'production' });
}
