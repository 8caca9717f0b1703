/** The runtime that the package needs. */
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

test.each(['@vortex/core', '@vortex/core/adapter'])(
  'importing %s on a runtime as old as Node 18 names the versions wanted',
  async (entry) => {
    // Node 20 brought this method.
    const program = `delete String.prototype.isWellFormed; await import('${entry}');`;
    const printed = await new Promise<string>((resolve) => {
      execFile(
        process.execPath,
        ['--input-type=module', '-e', program],
        { cwd: import.meta.dirname },
        (_, __, stderr) => resolve(stderr),
      );
    });
    expect(printed).toMatch(/@vortex\/core needs Node 20\.19 or later, or 22\.12 or later; this is v\d/u);
  },
);
