/** The page of the hosts shows the programs that `npm run hosts` runs, and counts their lines. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hosts } from './hosts/table.js';

const root = fileURLToPath(new URL('../../../examples/hosts/', import.meta.url));
const page = readFileSync(join(root, 'README.md'), 'utf8');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const quotes = Array.from(
  page.matchAll(/^<!-- from examples\/hosts\/([^\n]+) -->\n\n```\w+\n(.*?)^```$/gmsu),
  (match) => ({
    path: match[1] ?? '',
    text: match[2] ?? '',
  }),
);

const folders = [...new Set(hosts.map(({ folder }) => folder))];
/** The files of a program that import our packages. */
const filesOf = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]sx?$/u.test(file) && !file.includes('node_modules'))
    .map((file) => join(folder, file))
    .filter((path) => read(path).includes("'@vortex/"));

/**
 * The lines for Vortex: paragraphs that call a function of ours, and imports from our packages and of helpers. An import that
 * two files share counts once.
 */
function linesForVortex(texts: readonly string[]): number {
  const imports = new Set<string>();
  let calls = 0;
  for (const text of texts) {
    const isHelper = text.includes('new Hono') ? /'@vortex\//u : /'(?:@vortex\/|hono'|@hono\/)/u;
    for (const paragraph of text.replace(/^ *\/\/.*\n/gmu, '').split('\n\n')) {
      const lines = paragraph.split('\n').filter((line) => line.trim() !== '');
      for (const line of lines) if (line.startsWith('import ') && isHelper.test(line)) imports.add(line);
      if (/\bvortex[A-Z]\w*\(/u.test(paragraph)) calls += lines.filter((line) => !line.startsWith('import ')).length;
    }
  }
  return imports.size + calls;
}

test('every program has a row in the table of hosts, and every folder is run', () => {
  const rows = Array.from(page.matchAll(/^\| .*\| \[([\w-]+)\]\(([\w-]+)\) +\| \d+ +\|$/gmu), ([, name, link]) => {
    expect(link).toBe(name);
    return name;
  });
  expect(rows.sort()).toEqual([...folders].sort());
  const programs = readdirSync(root).filter((name) => existsSync(join(root, name, 'package.json')));
  expect(programs.sort()).toEqual([...folders].sort());
});

test.each(folders)('the program %s has at most ten lines for Vortex, as many as the page says', (folder) => {
  const count = linesForVortex(filesOf(folder).map(read));
  expect(count).toBeGreaterThan(4);
  expect(count).toBeLessThanOrEqual(10);
  expect(page.split('\n').find((line) => line.includes(`(${folder})`))).toMatch(new RegExp(`\\| ${count} +\\|$`, 'u'));
});

test.each(folders.flatMap(filesOf))('the page shows the whole of %s', (path) => {
  expect(quotes.map(({ text }) => text)).toContain(read(path));
});

test('the page shows no code of the hosts that differs from its file', () => {
  expect(quotes.length).toBeGreaterThan(folders.length);
  for (const { path, text } of quotes) expect(text, path).toBe(read(path));
});

test('the lock file of the hosts has the dependencies of every program', () => {
  const lock = read('pnpm-lock.yaml');
  for (const folder of folders) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(read(`${folder}/package.json`));
    const [, importer = ''] = lock.split(`\n\n  ${folder}:\n`);
    const [own = ''] = importer.split('\n\n');
    for (const [name, specifier] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (name.startsWith('@vortex/')) continue;
      const quoted = name.startsWith('@') ? `'${name}'` : name;
      expect(own, `${folder}: npm run lock:hosts`).toContain(`      ${quoted}:\n        specifier: ${specifier}\n`);
    }
  }
});

// Fastify listens on localhost unless it is told otherwise, so that a container cannot be reached.
test.each(['hosts/fastify/app.js', 'hosts/nest-fastify/src/main.ts', 'recipes/src/stop-fastify.ts'])(
  'the program %s listens on all addresses',
  (path) => {
    expect(read(join('..', path))).toMatch(/\.listen\(.*'0\.0\.0\.0'/u);
  },
);
