/** The store in memory, in a process that is one of several. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('memoryStore warns in each worker of a cluster and not in the primary', () => {
  const folder = mkdtempSync(join(import.meta.dirname, '../node_modules/.cluster-'));
  const program = join(folder, 'program.mjs');
  try {
    writeFileSync(
      program,
      `import cluster from 'node:cluster';
       import { memoryStore } from '@vortex/core';
       memoryStore();
       if (cluster.isPrimary) for (const _ of [1, 2]) cluster.fork();
       else process.disconnect();`,
    );
    const { stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    expect(stderr.match(/memoryStore\(\) serves one process/gu)).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
