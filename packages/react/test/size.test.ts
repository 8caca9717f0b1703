/** Tests what the package adds to an application's bundle. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundle as bundleOf } from '../../browser/test/bundle.ts';

const imported = (code: string) =>
  [...code.matchAll(/(?:from|import)\s*["']([^"']+)/gu)].map(([, name]) => name).sort();

/** Core is not external: an import of more than its types would add to the size. */
const external = /^(?:react|@tanstack\/react-query)(?:$|\/)/u;
const bundle = (program: string) => bundleOf(program, (id) => import.meta.resolve(id), external);

test('the whole package has at most 6.1 kB without React, minified and gzipped', async ({ task }) => {
  const code = await bundle(`export * from '@vortex/react'`);
  const size = gzipSync(code, { level: 9 }).length;
  Object.assign(task.meta, { report: `@vortex/react in a bundle: ${size} bytes gzip` });
  expect(size).toBeLessThanOrEqual(6_100);
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
