import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { expect } from 'vitest';

/**
 * Bundles a program and all that it imports, minified.
 *
 * @param resolve returns the URL of a package, as `import.meta.resolve` of the test does
 * @param external the modules that are not part of the bundle. An import of any other adds to the size
 */
export async function bundle(program: string, resolve: (id: string) => string, external?: RegExp): Promise<string> {
  const building = await rolldown({
    input: 'program',
    platform: 'browser',
    ...(external && { external }),
    plugins: [
      {
        name: 'program',
        resolveId: (id, importer) => {
          if (id === 'program') return id;
          return importer === 'program' && id.startsWith('@vortex/') ? fileURLToPath(resolve(id)) : undefined;
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
