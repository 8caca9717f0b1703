/** Compiles the code in the documentation, and checks its quotes and links. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Code, readPage, readPages, root } from './markdown.ts';

const pages = readPages();
const codes = pages.flatMap(({ codes }) => codes);
const isSource = ({ language }: Pick<Code, 'language'>) => /^(?:[cm]?[jt]sx?|typescript|javascript)$/u.test(language);
const quotes = codes.filter(({ from }) => from !== undefined);
const programs = codes.filter((code) => isSource(code) && code.from === undefined);

test('the documentation has pages, quoted code and programs', () => {
  const paths = pages.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['README.md', 'SECURITY.md', 'packages/core/README.md']));
  expect(quotes.length).toBeGreaterThan(10);
  expect(programs.length).toBeGreaterThan(5);
});

test.each(quotes.map((code) => [code.at, code.from ?? '', code.text]))(
  'the code at %s is quoted word for word from %s',
  (_, from, text) => {
    const lines = (source: string) =>
      source
        .split('\n')
        .map((line) => line.trim())
        .join('\n');
    expect(lines(readFileSync(join(root, from), 'utf8'))).toContain(lines(text).trim());
  },
);

// A reader copies the import lines with the rest. So a comment that declares what the code assumes imports nothing, and a quotation
// that begins with imports has all of its file.
test('code in the documentation that has imports has all of them', () => {
  const imports = (text: string): string[] => text.match(/^import .*$/gmu) ?? [];
  expect(codes.filter(({ given }) => given && /\bimport [^(]/u.test(given)).map(({ at }) => at)).toEqual([]);
  const lacking = quotes.flatMap(({ at, from = '', text }) => {
    const own = imports(text);
    if (own.length === 0 || !isSource({ language: posix.extname(from).slice(1) })) return [];
    const all = imports(readFileSync(join(root, from), 'utf8'));
    return all.filter((line) => !own.includes(line)).map((line) => `${at} lacks ${line}`);
  });
  expect(lacking).toEqual([]);
});

test('no page has a container of VitePress, which GitHub shows as text', () => {
  const texts = pages.map(({ path }) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  expect(texts.filter(({ text }) => /^:::/mu.test(text)).map(({ path }) => path)).toEqual([]);
});

// Each manifest has `engines: ^20.19.0 || >=22.12.0`.
test('the documentation names 22.12 with each mention of Node 20.19', () => {
  const sentences = pages.flatMap(({ path }) =>
    readFileSync(join(root, path), 'utf8')
      .split(/(?<=[.:|])\s/u)
      .map((text) => ({ path, text })),
  );
  const mentions = sentences.filter(({ path, text }) => /\b20\.19\b/u.test(text) && !path.endsWith('CHANGELOG.md'));
  expect(mentions.length).toBeGreaterThan(2);
  expect(mentions.filter(({ text }) => !/\b22\.12\b/u.test(text))).toEqual([]);
});

test('the code in the documentation that is not quoted compiles', async () => {
  // A folder below this package's node_modules, so that the programs find their imports.
  const folder = fileURLToPath(new URL('../node_modules/.cache/docs/', import.meta.url));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files = programs.map((code) => {
    const name = `${code.at.replace(/[/:]/gu, '-')}.${code.language === 'tsx' ? 'tsx' : 'ts'}`;
    // One line above the program, so that the line numbers of the compiler are off by one only.
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

test('the page on troubleshooting has a row for every error code, with its status', () => {
  const page = readFileSync(join(root, 'packages/docs/troubleshooting/index.md'), 'utf8');
  const source = readFileSync(join(root, 'packages/core/src/lib/errors.ts'), 'utf8');
  const pairs = (text: string, pattern: RegExp) =>
    Array.from(text.matchAll(pattern), ([, ...pair]) => pair.join(' ')).sort();
  const rows = pairs(page, /^\| `([A-Z_]+)` +\| (\d{3}) /gmu);
  expect(rows).toEqual(pairs(source, /^ {2}([A-Z_]+): \[\s*(\d{3}),/gmu));
  expect(rows.length).toBeGreaterThan(30);
});

test('the messages and the lines that the page on troubleshooting quotes are those of the source', () => {
  const page = readFileSync(join(root, 'packages/docs/troubleshooting/index.md'), 'utf8');
  const source = ['core', 'express', 'fastify', 'hono']
    .map((name) => join(root, 'packages', name, 'src'))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  const quoted = ['A line in the log', 'It does not start'].flatMap((heading) => {
    const [, section = ''] = page.split(`\n## ${heading}\n`);
    return Array.from(section.split('\n## ')[0]?.matchAll(/^\| (`.*?`) +\|/gmu) ?? [], ([, cell = '']) => cell);
  });
  // npm and Node say the others.
  const ours = quoted.flatMap((cell) => cell.match(/(?<=`)[^`]+(?=`)/gu) ?? []).filter((text) => / /u.test(text));
  expect(ours.length).toBeGreaterThan(12);
  const words = (text: string) =>
    text
      .replace(/^(?:apiKey|baseUrl|secret) /u, '')
      .split('…')
      .map((part) => part.trim());
  const missing = ours.filter((text) => !words(text).every((part) => part.length < 5 || source.includes(part)));
  expect(missing.filter((text) => !/^(?:E404|Cannot|ERR_| *, )/u.test(text))).toEqual([]);
});

test('the JSON in the documentation is valid', () => {
  for (const { at, language, text } of codes) {
    if (language === 'json') expect(() => JSON.parse(text), at).not.toThrow();
  }
});

test('the links in the documentation lead to existing files and anchors', () => {
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

test('readPage finds the same anchors, links and code as GitHub', () => {
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
