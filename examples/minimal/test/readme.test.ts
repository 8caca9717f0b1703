/** What the READMEs show is what is compiled and run here. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const readmes = [
  'README.md',
  ...readdirSync(new URL('packages/', root)).map((name) => `packages/${name}/README.md`),
].filter((path) => existsSync(new URL(path, root)));
const quotes = readmes.flatMap((readme) =>
  Array.from(read(readme).matchAll(/<!-- from (\S+) -->\n+```\w+\n(.*?)```/gsu), ([, file, text]) => [
    readme,
    file ?? '',
    text ?? '',
  ]),
);

test('the README quotes running code, and so do those of packages', () => {
  expect(new Set(quotes.map(([readme]) => readme)).size).toBeGreaterThan(1);
});

test.each(quotes)('%s quotes %s word for word', (_, file, text) => {
  const lines = (source: string) =>
    source
      .split('\n')
      .map((line) => line.trim())
      .join('\n');
  expect(lines(read(file))).toContain(lines(text).trim());
});
