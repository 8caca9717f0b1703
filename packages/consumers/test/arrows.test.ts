/** Imports point down only: between packages, between the rooms of core, and between its files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript59';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The packages of ours that the sources of each package may import. */
const below: Readonly<Record<string, readonly string[]>> = {
  core: [],
  express: ['core'],
  fastify: ['core'],
  hono: ['core'],
  browser: ['core'],
  react: ['browser', 'core'],
  emulator: ['core'],
  conformance: ['core', 'emulator'],
  docs: ['core', 'conformance', 'emulator'],
  bench: ['core', 'express', 'fastify', 'hono', 'conformance'],
  consumers: [],
};
/** Examples import public packages only. */
const shown = ['core', 'express', 'fastify', 'hono', 'browser', 'react', 'emulator'];

const list = (folder: string) => readdirSync(join(root, folder));
const sourcesOf = (home: string) =>
  ['src', 'server', 'app', 'web']
    .map((folder) => join(root, home, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => join(folder, String(file))))
    .filter((file) => /\.tsx?$/u.test(file) && !file.includes('node_modules'));
const importsOf = (file: string) =>
  ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName);

test('every package has a row of allowed imports', () => {
  expect(list('packages').sort()).toEqual(Object.keys(below).sort());
});

test.each([
  ...Object.entries(below).map(([name, others]) => [`packages/${name}`, others] as const),
  ...list('examples').map((name) => [`examples/${name}`, shown] as const),
])('%s imports only %j of our packages', (home, others) => {
  const isWrong = (file: string, name: string) => {
    const [, other] = /^@vortex\/([^/]+)/u.exec(name) ?? [];
    if (other !== undefined) return !others.includes(other);
    return name.startsWith('.') && relative(join(root, home), join(dirname(file), name)).startsWith('..');
  };
  const named = sourcesOf(home).flatMap((file) => importsOf(file).map((name) => [file, name] as const));
  expect(named.filter(([file, name]) => isWrong(file, name))).toEqual([]);
});

/** The rooms that the files of each room of core may import. The entry points beside the rooms may import all of them. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  signing: ['lib'],
  http: ['lib'],
  api: ['signing', 'http', 'lib'],
  webhooks: ['api', 'signing', 'http', 'lib'],
  routes: ['api', 'signing', 'http', 'lib'],
};

/** The files of core that each file imports, by path below `src`, types and `#` imports included. */
function importsInCore(): Map<string, string[]> {
  const src = join(root, 'packages/core/src');
  const { imports } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8')) as {
    imports: Record<string, Record<string, string>>;
  };
  const sourceOf = (built: string) => built.replace('./dist/', '').replace(/\.js$/u, '.ts');
  return new Map(
    sourcesOf('packages/core').map((file) => {
      const targets = importsOf(file).flatMap((name) => {
        if (name.startsWith('#')) return Object.values(imports[name] ?? {}).map(sourceOf);
        return name.startsWith('.') ? [relative(src, join(dirname(file), name)).replace(/\.js$/u, '.ts')] : [];
      });
      return [relative(src, file), targets];
    }),
  );
}

test('each room of core imports only the rooms below it', () => {
  const files = importsInCore();
  expect(files.get('api/client-options.ts')).toContain('api/exchange-node.ts');
  const roomOf = (file: string) => (file.includes('/') ? dirname(file) : undefined);
  const wrong = [...files].flatMap(([file, targets]) => {
    const room = roomOf(file);
    if (room === undefined) return [];
    const allowed = [room, ...(rooms[room] ?? [])];
    return targets.filter((target) => !allowed.includes(roomOf(target) ?? '')).map((target) => `${file} -> ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('webhooks import only types from the API client', () => {
  const offending = sourcesOf('packages/core').filter((file) => {
    const text = readFileSync(file, 'utf8');
    return file.includes('/webhooks/') && /^import (?!type )[^;]*'\.\.\/api\//mu.test(text);
  });
  expect(offending).toEqual([]);
});

test('no file of core imports itself, directly or through others', () => {
  const files = importsInCore();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) throw new Error([...path, file].join(' imports '));
    for (const target of files.get(file) ?? []) walk(target, [...path, file]);
    // Without a circle below it, the file need not be visited again.
    files.delete(file);
  };
  for (const file of [...files.keys()]) walk(file, []);
});
