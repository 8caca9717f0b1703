/** Tests that the React Compiler compiles the package. The tests that render run once more on what it compiled. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compile } from './compiler.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));

test('the React Compiler compiles every hook of the package, and the README’s screen', async () => {
  const names: string[] = [];
  const sources = (await readdir(`${folder}/src`, { recursive: true })).filter((path) => /\.tsx?$/u.test(path));
  for (const path of [...sources.map((source) => `src/${source}`), 'test/invite-screen.tsx']) {
    const compiled = await compile(await readFile(`${folder}/${path}`, 'utf8'), `${folder}/${path}`);
    names.push(...compiled.names);
  }
  const [first, second] = await Promise.all([import('@vortex/react'), import('@vortex/react/query')]);
  const hooks = [...Object.keys(first), ...Object.keys(second)].filter((name) => name.startsWith('use'));
  expect(hooks.length).toBeGreaterThan(10);
  expect(names).toEqual(expect.arrayContaining([...hooks, 'VortexProvider', 'App', 'InviteForm', 'Pending']));
});
