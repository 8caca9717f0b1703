/** What the README shows is what is compiled and run here. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const quotes = Array.from(read('README.md').matchAll(/<!-- from (\S+) -->\n+```\w+\n(.*?)```/gsu), ([, file, text]) => [
  file ?? '',
  text ?? '',
]);

test('the README quotes running code', () => {
  expect(quotes.length).toBeGreaterThan(0);
});

test.each(quotes)('the README quotes %s word for word', (file, text) => {
  const lines = (source: string) =>
    source
      .split('\n')
      .map((line) => line.trim())
      .join('\n');
  expect(lines(read(file))).toContain(lines(text).trim());
});
