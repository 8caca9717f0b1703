/** Checks the contents of the tarballs, by hand and with tools that check packages. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, test } from 'vitest';
import { Declarations, type Entry } from './declarations.js';

const root = new URL('../../../', import.meta.url);
const packages = Object.entries(inject('packed')).map(([name, paths]) => ({ name, ...paths }));
type Packed = (typeof packages)[number];

interface Manifest {
  version: string;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
  exports: Record<string, string | { types: string; default: string }>;
}
const read = ({ unpacked }: Packed, path: string) => readFileSync(join(unpacked, path), 'utf8');
const manifest = (one: Packed): Manifest & Record<string, unknown> => JSON.parse(read(one, 'package.json'));
const filesOf = ({ unpacked }: Packed) =>
  readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(unpacked, join(entry.parentPath, entry.name)))
    .toSorted();

/** The declarations of an entry for those who have the optional peer. */
const CHOSEN_BY_ITS_ENTRY = /^dist\/(?:query\/|playwright\.d|vitest\.d).*: @?(?:tanstack|playwright|vitest)\b/u;

describe.each(packages)('$name', (one) => {
  test(`publint finds no mistake in ${one.name}`, async () => {
    const tarball = new Uint8Array(readFileSync(one.tarball)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}, { color: false }))).toEqual([]);
  });

  test(`the types of each subpath of ${one.name} describe the code that is loaded`, async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(one.tarball)));
    if (!result.types) throw new Error('The package has no types.');
    const wrong = result.problems
      // `require` finds an ES module, which every Node in `engines` can load.
      .filter(({ kind }) => kind !== 'CJSResolvesToESM');
    expect(wrong).toEqual([]);
  });

  test(`the manifest of ${one.name} has the fields that a registry and an installer read`, () => {
    const { license, engines, type, publishConfig, sideEffects, keywords, description } = manifest(one);
    expect({ license, engines, type, publishConfig, sideEffects }).toEqual({
      license: 'MIT',
      engines: { node: '^20.19.0 || >=22.12.0' },
      type: 'module',
      publishConfig: { access: 'public', provenance: true },
      sideEffects: false,
    });
    expect(keywords).toEqual(expect.arrayContaining(['vortex', 'invitations']));
    expect(description).toMatch(/\S/u);
  });

  test(`no link of the pages of ${one.name} leaves the package`, () => {
    const files = filesOf(one);
    const pages = files.filter((path) => path.endsWith('.md'));
    expect(pages).toEqual(expect.arrayContaining(['AGENTS.md', 'README.md']));
    const broken = pages.flatMap((page) =>
      Array.from(read(one, page).matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/gu), ([link, path = '', anchor = '']) => {
        const target = path === '' ? page : join(dirname(page), path);
        const isThere = files.includes(target) && (anchor === '' || headingsOf(read(one, target)).includes(anchor));
        return isThere ? [] : [`${page}: ${link}`];
      }).flat(),
    );
    expect(broken).toEqual([]);
  });

  test(`AGENTS.md of ${one.name} leads to that of core, and holds no key`, () => {
    const page = read(one, 'AGENTS.md');
    expect(page).toMatch(/^# .*: notes for coding assistants$/mu);
    expect(page).not.toMatch(/VRTX\.|not-a-secret/u);
    if (one.name !== '@vortex/core') expect(page).toContain('node_modules/@vortex/core/AGENTS.md');
  });

  test(`the README of ${one.name} names the tarballs of this version`, () => {
    const named = Array.from(
      read(one, 'README.md').matchAll(/\/vortex-[a-z]+-(\d[\w.-]*)\.tgz/gu),
      ([, version]) => version,
    );
    expect(new Set(named)).toEqual(new Set([manifest(one).version]));
  });

  const declarations = new Declarations(one.unpacked, entriesOf(one));

  test(`${one.name} has the declarations and the files of its snapshot`, async () => {
    const lines = [one.name, ...declarations.lines(), '', 'files', ...summaryOf(filesOf(one))];
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`snapshots/${basename(one.name)}.txt`);
  });

  test(`${one.name} allows undefined in every optional member`, () => {
    expect(declarations.inexactMembers()).toEqual([]);
  });

  // With `skipLibCheck`, the types of a package that is missing are `any`, without an error.
  test(`an installation of ${one.name} has the packages whose types its declarations import`, () => {
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest(one);
    const optional = Object.keys(peerDependenciesMeta);
    const installed = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !optional.includes(name));
    const missing = filesOf(one)
      .filter((path) => path.endsWith('.d.ts'))
      .flatMap((path) =>
        Array.from(read(one, path).matchAll(/(?:from |import\()'((?:@[\w-]+\/)?[\w-]+)/gu), ([, name = '']) => name)
          .filter((name) => name !== 'node' && name !== one.name && !installed.includes(name))
          .map((name) => `${path}: ${name}`),
      );
    expect(missing.filter((each) => !CHOSEN_BY_ITS_ENTRY.test(each))).toEqual([]);
  });

  if (['@vortex/browser', '@vortex/react'].includes(one.name)) {
    // Such as Parcel with its defaults, and Metro before 0.82.
    test(`a bundler that ignores exports finds each subpath of ${one.name}`, () => {
      for (const [subpath, target] of Object.entries(manifest(one).exports)) {
        if (typeof target === 'string') continue;
        const { main, types } = JSON.parse(read(one, join(subpath, 'package.json')));
        expect([join(subpath, main), join(subpath, types)]).toEqual([join(target.default), join(target.types)]);
      }
    });
  }

  if (one.name === '@vortex/react') {
    test('the types of @vortex/react have no methods, so that linters allow to destructure what hooks return', () => {
      expect(declarations.methods()).toEqual([]);
    });
  }

  // `src` is published so that a debugger and "go to definition" show the sources with their comments.
  test(`${one.name} holds the source that every map points at`, () => {
    const files = filesOf(one);
    const maps = files.filter((path) => path.endsWith('.map'));
    expect(maps).not.toEqual([]);
    for (const map of maps) {
      const { sources } = JSON.parse(read(one, map)) as { sources: string[] };
      expect(files).toEqual(expect.arrayContaining(sources.map((source) => join(dirname(map), source))));
    }
  });
});

test.each([
  ['README.md', '@vortex/core'],
  ['AGENTS.md', '@vortex/core'],
  ['README.md', '@vortex/express'],
  ['README.md', '@vortex/fastify'],
  ['README.md', '@vortex/hono'],
])('%s of %s lists the routes of the OpenAPI document, and no other', (file, name) => {
  const pageOf = (wanted: string) => packages.find((one) => one.name === wanted) as Packed;
  const { paths } = JSON.parse(read(pageOf('@vortex/core'), 'openapi.json')) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { operationId }]) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/gu, ':$1')} ${operationId}`,
    ),
  );
  const rows = read(pageOf(name), file).matchAll(/^\| `([A-Z]+ \/[^`?]*)[^|]*\| `([A-Z_]+)` /gmu);
  expect(Array.from(rows, ([, route, operation]) => `${route} ${operation}`).toSorted()).toEqual(
    routes.filter((route) => !route.includes('/by-group/')).toSorted(),
  );
});

test.each(['README.md', 'packages/docs/start/index.md'])('%s names the tarballs of this version', (page) => {
  const text = readFileSync(new URL(page, root), 'utf8');
  const named = new Set(Array.from(text.matchAll(/\/vortex-[a-z]+-(\d[\w.-]*)\.tgz/gu), ([, version]) => version));
  expect(named).toEqual(new Set([manifest(packages[0] as Packed).version]));
});

/** The anchors of the headings of a page. */
function headingsOf(page: string): string[] {
  return Array.from(page.matchAll(/^#+ (.+)$/gmu), ([, heading = '']) => {
    const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '');
    return `#${words.replaceAll(' ', '-')}`;
  });
}

test('all packages have the same version, and changesets keeps it the same', () => {
  expect(new Set(packages.map((one) => manifest(one).version)).size).toBe(1);
  const { fixed } = JSON.parse(readFileSync(new URL('.changeset/config.json', root), 'utf8'));
  expect(fixed.map((group: string[]) => group.toSorted())).toEqual([packages.map(({ name }) => name).toSorted()]);
});

/** The subpaths that have types. */
function entriesOf(one: Packed): Entry[] {
  return Object.entries(manifest(one).exports).flatMap(([subpath, target]) =>
    typeof target === 'object' ? [{ subpath, file: join(one.unpacked, target.types) }] : [],
  );
}

/** Returns a line for each file. A module of `src` and the four files built from it share one line. */
function summaryOf(files: readonly string[]): string[] {
  const rest = new Set(files);
  const modules: string[] = [];
  for (const source of files.filter((path) => path.startsWith('src/'))) {
    const stem = source.replace(/^src/u, 'dist').replace(/\.tsx?$/u, '');
    const built = ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((end) => stem + end);
    if (!built.every((path) => rest.has(path))) continue;
    for (const path of [source, ...built]) rest.delete(path);
    modules.push(`  ${source} (built)`);
  }
  return [...Array.from(rest, (path) => `  ${path}`), ...modules];
}
