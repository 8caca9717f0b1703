/** Tests what the package adds to an application's bundle, and to its node_modules. */
import { readFileSync } from 'node:fs';
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

test('nothing but the package itself is installed, since it has no dependency', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.peerDependenciesMeta).toEqual({ '@vortex/core': { optional: true } });
});
