/** Arrows point down only: between packages, and between the files of core. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript5';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Which of our packages the sources of each may name. */
const below: Readonly<Record<string, readonly string[]>> = {
  core: [],
  express: ['core'],
  fastify: ['core'],
  hono: ['core'],
  react: ['core'],
  emulator: ['core'],
  conformance: ['core', 'emulator'],
  bench: ['core', 'express', 'fastify', 'hono', 'conformance'],
  consumers: [],
};
/** Examples show what is public. */
const shown = ['core', 'express', 'fastify', 'hono', 'react', 'emulator'];

const list = (folder: string) => readdirSync(join(root, folder));
const sourcesOf = (home: string) =>
  ['src', 'server', 'app', 'web']
    .map((folder) => join(root, home, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => join(folder, String(file))))
    .filter((file) => /\.tsx?$/u.test(file) && !file.includes('node_modules'));
const importsOf = (file: string) =>
  ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName);

test('every package has a row', () => {
  expect(list('packages').sort()).toEqual(Object.keys(below).sort());
});

test.each([
  ...Object.entries(below).map(([name, others]) => [`packages/${name}`, others] as const),
  ...list('examples').map((name) => [`examples/${name}`, shown] as const),
])('%s knows of %j and nothing else of ours', (home, others) => {
  const isWrong = (file: string, name: string) => {
    const [, other] = /^@vortex\/([^/]+)/u.exec(name) ?? [];
    if (other !== undefined) return !others.includes(other);
    return name.startsWith('.') && relative(join(root, home), join(dirname(file), name)).startsWith('..');
  };
  const named = sourcesOf(home).flatMap((file) => importsOf(file).map((name) => [file, name] as const));
  expect(named.filter(([file, name]) => isWrong(file, name))).toEqual([]);
});

test('no two files of core need each other', () => {
  const files = sourcesOf('packages/core');
  const needs = new Map(
    files.map((file) => [basename(file, '.ts'), importsOf(file).map((name) => basename(name, '.js'))]),
  );
  expect(needs.get('index')).toContain('client');
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) throw new Error([...path, file].join(' needs '));
    for (const other of needs.get(file) ?? []) walk(other, [...path, file]);
    // Nothing that it leads to comes back: no need to go there again.
    needs.delete(file);
  };
  for (const file of files) walk(basename(file, '.ts'), []);
});
