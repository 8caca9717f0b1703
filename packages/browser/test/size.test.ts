/** Tests what the package adds to an application's bundle. */
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundle } from './bundle.ts';

const resolve = (id: string) => import.meta.resolve(id);

test.for<[entry: string, budget: number]>([
  ['@vortex/browser', 3000],
  ['@vortex/browser/token', 2500],
])('all of %s has less than %i bytes, minified and gzipped', async ([entry, budget], { task }) => {
  const code = await bundle(`export * from '${entry}'`, resolve);
  const size = gzipSync(code, { level: 9 }).length;
  Object.assign(task.meta, { report: `${entry} in a bundle: ${size} bytes gzip` });
  expect(size).toBeLessThan(budget);
});

test('the code of @vortex/browser imports no other package, since its peer is there for types', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(manifest.dependencies).toBeUndefined();
  const dist = new URL('../dist/', import.meta.url);
  const code = readdirSync(dist).filter((name) => name.endsWith('.js'));
  const imported = code.flatMap((name) =>
    Array.from(
      readFileSync(new URL(name, dist), 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*['"`]([^'"`]*)/gu),
      ([, path]) => path,
    ),
  );
  expect(imported).not.toEqual([]);
  expect(imported.filter((path) => !path?.startsWith('./'))).toEqual([]);
});
