/**
 * Starts PGlite with the files of an empty database, which are prepared once for all tests: PGlite takes seven seconds of
 * processor time to make them, and one to read them.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';

const version = /"version": "([\d.]+)"/u.exec(
  await readFile(`${dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'))}/../package.json`, 'utf8'),
)?.[1];
const files = fileURLToPath(new URL(`../node_modules/.cache/pglite-${version}.tar`, import.meta.url));

/**
 * Prepares the files, unless an earlier run has.
 *
 * @public a program in `examples/workspace/test/build.ts` calls it
 */
export async function preparePGlite(): Promise<void> {
  if (existsSync(files)) return;
  const client = await PGlite.create();
  const dump = await client.dumpDataDir('none');
  await client.close();
  await mkdir(dirname(files), { recursive: true });
  // Another process may prepare them at the same time.
  const own = `${files}.${process.pid}`;
  await writeFile(own, Buffer.from(await dump.arrayBuffer()));
  await rename(own, files);
}

/** @param dataDir the directory of the database; without it, the data is in memory */
export async function startPGlite(dataDir?: string): Promise<PGlite> {
  await preparePGlite();
  return PGlite.create({ ...(dataDir && { dataDir }), loadDataDir: new Blob([await readFile(files)]) });
}
