/** Whatever the documentation shows is compiled, and wherever it points there is something. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Code, readPage, readPages, root } from './markdown.ts';

const pages = readPages();
const codes = pages.flatMap(({ codes }) => codes);
const isSource = ({ language }: Code) => /^(?:[cm]?[jt]sx?|typescript|javascript)$/u.test(language);
const quotes = codes.filter(({ from }) => from !== undefined);
const programs = codes.filter((code) => isSource(code) && code.from === undefined);

test('there are pages, quotes and programs', () => {
  const paths = pages.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['README.md', 'SECURITY.md', 'packages/core/README.md']));
  expect(quotes.length).toBeGreaterThan(10);
  expect(programs.length).toBeGreaterThan(5);
});

test.each(quotes.map((code) => [code.at, code.from ?? '', code.text]))(
  '%s quotes %s word for word',
  (_, from, text) => {
    const lines = (source: string) =>
      source
        .split('\n')
        .map((line) => line.trim())
        .join('\n');
    expect(lines(readFileSync(join(root, from), 'utf8'))).toContain(lines(text).trim());
  },
);

test('what is not quoted compiles', { timeout: 120_000 }, async () => {
  // Below this package's node_modules, so that programs find what they import.
  const folder = fileURLToPath(new URL('../node_modules/.cache/docs/', import.meta.url));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files = programs.map((code) => {
    const name = `${code.at.replace(/[/:]/gu, '-')}.${code.language === 'tsx' ? 'tsx' : 'ts'}`;
    // On one line, and so are the programs' own where the compiler says they are.
    return { name, text: `${code.given?.replace(/\s+/gu, ' ') ?? ''} export {};\n${code.text}` };
  });
  const base = join(root, 'tsconfig.base.json');
  const options = {
    composite: false,
    declarationMap: false,
    sourceMap: false,
    noEmit: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
    jsx: 'react-jsx',
    types: ['node'],
    lib: ['ES2023', 'ES2024.String', 'DOM', 'DOM.Iterable'],
  };
  await Promise.all([
    writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' })),
    writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: base, compilerOptions: options, files: files.map(({ name }) => name) }),
    ),
    ...files.map(({ name, text }) => writeFile(join(folder, name), text)),
  ]);
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const printed = await new Promise<string>((resolve) => {
    execFile(process.execPath, [join(typescript, 'bin/tsc'), '-p', folder], { cwd: folder }, (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}` || String(error) : ''),
    );
  });
  expect(printed).toBe('');
});

test('JSON is JSON', () => {
  for (const { at, language, text } of codes) {
    if (language === 'json') expect(() => JSON.parse(text), at).not.toThrow();
  }
});

test('links lead somewhere', () => {
  const anchorsOf = (path: string) => pages.find((page) => page.path === path)?.anchors;
  const isBroken = (path: string, target: string) => {
    if (/^[a-z]+:/u.test(target)) return !(URL.canParse(target) && target.startsWith('https://'));
    const [file = '', anchor] = target.split('#');
    const to = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file));
    if (to.startsWith('..') || !existsSync(join(root, to))) return true;
    return anchor !== undefined && !anchorsOf(to)?.has(anchor);
  };
  const broken = pages.flatMap(({ path, links }) =>
    links.filter(({ target }) => isBroken(path, target)).map(({ at, target }) => `${at} ${target}`),
  );
  expect(broken).toEqual([]);
  expect(pages.flatMap(({ links }) => links).length).toBeGreaterThan(20);
});

test('a page is read as GitHub shows it', () => {
  const source = [
    '# `a`: [b](c.md) & `d`',
    '## Same',
    '## Same',
    'Inline `[no](link)`, a [link](x.md#y) and [one](https://a.example/b_(c)).',
    '<!-- from a/b.ts -->',
    '',
    '```ts',
    "# [no](link) '```'",
    '```',
    '<!-- given declare const a: number; -->',
    '```ts',
    'a;',
    '```',
    '',
  ].join('\n');
  expect(readPage('p.md', source)).toEqual({
    path: 'p.md',
    anchors: new Set(['a-b--d', 'same', 'same-1']),
    links: [
      { at: 'p.md:1', target: 'c.md' },
      { at: 'p.md:4', target: 'x.md#y' },
      { at: 'p.md:4', target: 'https://a.example/b_(c)' },
    ],
    codes: [
      { at: 'p.md:7', language: 'ts', text: "# [no](link) '```'\n", from: 'a/b.ts', given: undefined },
      { at: 'p.md:11', language: 'ts', text: 'a;\n', from: undefined, given: 'declare const a: number;' },
    ],
  });
});
