/** Tests what the package adds to an application's bundle. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

const imported = (code: string) =>
  [...code.matchAll(/(?:from|import)\s*["']([^"']+)/gu)].map(([, name]) => name).sort();

/** Bundles the program and all that it imports, except React. */
async function bundle(program: string): Promise<string> {
  const building = await rolldown({
    input: 'program',
    // Core is not external: an import of more than its types would add to the size.
    external: /^(?:react|@tanstack\/react-query)(?:$|\/)/u,
    platform: 'browser',
    plugins: [
      {
        name: 'program',
        resolveId: (id) => {
          if (id === 'program') return id;
          return id.startsWith('@vortex/react') ? fileURLToPath(import.meta.resolve(id)) : undefined;
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

test('the whole package has at most 6 kB without React, minified and gzipped', async ({ task }) => {
  const code = await bundle(`export * from '@vortex/react'`);
  const size = gzipSync(code, { level: 9 }).length;
  Object.assign(task.meta, { report: `@vortex/react in a bundle: ${size} bytes gzip` });
  expect(size).toBeLessThanOrEqual(6000);
  expect(imported(code)).toEqual(['react', 'react/jsx-runtime']);
});

test('the data hooks add at most 4 kB, minified and gzipped, beside TanStack Query and the provider', async ({
  task,
}) => {
  const sizeOf = async (program: string) => gzipSync(await bundle(program), { level: 9 }).length;
  const provider = `export * from '@vortex/react';`;
  const added = (await sizeOf(`${provider} export * from '@vortex/react/query';`)) - (await sizeOf(provider));
  Object.assign(task.meta, { report: `@vortex/react/query in a bundle: ${added} bytes gzip` });
  expect(added).toBeLessThanOrEqual(4000);
});

test('a bundle of the client alone does not import React', async () => {
  const code = await bundle(`import { createBrowserClient } from '@vortex/react'; console.log(createBrowserClient())`);
  expect(imported(code)).toEqual([]);
});
