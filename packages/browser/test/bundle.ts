import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { expect } from 'vitest';

/** The id of the program, which is no file. */
const ENTRY = 'entry';

/**
 * Bundles a program and all that it imports, and returns the minified code.
 *
 * @param resolve returns the URL of a package, as `import.meta.resolve` of the test does
 * @param external the modules that are left out of the bundle
 */
export async function bundle(program: string, resolve: (id: string) => string, external?: RegExp): Promise<string> {
  const building = await rolldown({
    input: ENTRY,
    platform: 'browser',
    ...(external && { external }),
    plugins: [
      {
        name: 'entry',
        resolveId: (id, importer) => {
          if (id === ENTRY) return id;
          return importer === ENTRY && id.startsWith('@vortex/') ? fileURLToPath(resolve(id)) : undefined;
        },
        load: (id) => (id === ENTRY ? program : undefined),
      },
    ],
  });
  const { output } = await building.generate({ format: 'esm', minify: true });
  await building.close();
  expect(output).toHaveLength(1);
  return output[0].code;
}
