/** Tests what the package adds to an application's bundle, and to its node_modules. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

/** Bundles a program and all that it imports. Nothing is external, so an import at run time adds to the size. */
async function bundle(program: string): Promise<string> {
  const building = await rolldown({
    input: 'program',
    platform: 'browser',
    plugins: [
      {
        name: 'program',
        resolveId: (id) => {
          if (id === 'program') return id;
          return id.startsWith('@vortex/') ? fileURLToPath(import.meta.resolve(id)) : undefined;
        },
        load: (id) => (id === 'program' ? program : undefined),
      },
    ],
  });
  const { output } = await building.generate({ format: 'esm', minify: true });
  await building.close();
  expect(output).toHaveLength(1);
  return output[0].code;
}

test.for<[entry: string, budget: number]>([
  ['@vortex/browser', 3000],
  ['@vortex/browser/token', 2500],
])('all of %s has less than %i bytes, minified and gzipped', async ([entry, budget], { task }) => {
  const code = await bundle(`export * from '${entry}'`);
  const size = gzipSync(code, { level: 9 }).length;
  Object.assign(task.meta, { report: `${entry} in a bundle: ${size} bytes gzip` });
  expect(size).toBeLessThan(budget);
});

test('nothing but the package itself is installed, since it has no dependency', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.peerDependenciesMeta).toEqual({ '@vortex/core': { optional: true } });
});
