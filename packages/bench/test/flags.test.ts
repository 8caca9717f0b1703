/** Flags of `npm run bench`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

it.each([
  ['--parts', 'tables', '--parts has no part "tables". The parts are cold, '],
  ['--only', 'none', '--only "none" matches no case. The cases are POST /jwt, '],
])('the benchmark refuses %s %s, and lists what it knows', (flag, value, sentence) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, flag, value], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain(sentence);
});
