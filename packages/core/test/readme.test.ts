/** The README lists each error code and each option, and no other. */
import { readFileSync } from 'node:fs';
import { VortexError, type VortexErrorCode } from '@vortex/core';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../README.md');

/** Returns the cells of the rows of the tables below a heading. */
function rowsBelow(heading: string): string[][] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return Array.from(own.matchAll(/^\| (?!-)(.*) \|$/gmu), ([, row = '']) =>
    row.split(' | ').map((cell) => cell.trim()),
  );
}

const names = (cell = '') => Array.from(cell.matchAll(/`(\w+)`/gu), ([, name = '']) => name);

/** Returns the names of an interface's own members. */
function members(file: string, name: string): string[] {
  const [, body = ''] =
    new RegExp(`interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, 'su').exec(read(`../src/${file}.ts`)) ?? [];
  return Array.from(body.matchAll(/^ {2}(\w+)\??:/gmu), ([, member = '']) => member).sort();
}

test('the README lists every error code with its status and advice', () => {
  const [, table = ''] = /codes = \{\n(.*?)\n\} as const/su.exec(read('../src/lib/errors.ts')) ?? [];
  const codes = Array.from(table.matchAll(/^ {2}([A-Z_]+): \[/gmu), ([, code = '']) => code);
  expect(codes.length).toBeGreaterThan(30);

  const documented = rowsBelow('Errors').slice(1);
  const status = (code: string) => String(new VortexError(code as VortexErrorCode).status);
  expect(documented.map(([code, status]) => [names(code)[0], status]).sort()).toEqual(
    codes.map((code) => [code, status(code)]).sort(),
  );
  for (const [code, , advice = ''] of documented) expect(advice.length, code).toBeGreaterThan(20);
});

test.each([
  ['The client', ['api/client-options', 'VortexClientOptions']],
  ['Options of the routers', ['routes/options', 'VortexMountOptions']],
  [
    'Webhooks',
    ['webhooks/endpoint', 'WebhookMountOptions'],
    ['webhooks/verify', 'VortexWebhooksOptions'],
    ['webhooks/verify', 'WebhookHandlers'],
  ],
] as [string, ...[string, string][]][])('the README lists every option below "%s"', (heading, ...interfaces) => {
  const rows = rowsBelow(heading);
  const options = rows.slice(rows.findIndex(([first]) => first === 'Option') + 1);
  const documented = options.flatMap(([option]) => names(option));
  const expected = new Set(interfaces.flatMap(([file, name]) => members(file, name)));
  expect(expected.size).toBeGreaterThan(5);
  expect(documented.sort()).toEqual([...expected].sort());
});
