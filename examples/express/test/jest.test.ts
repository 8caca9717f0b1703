import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js');
const cwd = fileURLToPath(new URL('..', import.meta.url));

it('the tests of the rules pass under Jest with the emulator’s Jest fixture', async () => {
  const run = promisify(execFile)(process.execPath, ['--experimental-vm-modules', jest, '--ci'], { cwd });
  expect((await run).stderr).toMatch(/^Tests: +4 passed, 4 total$/mu);
});
