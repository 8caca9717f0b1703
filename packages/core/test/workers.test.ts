/** The contract of sqlStore in workerd, over D1 and over the SQLite of a Durable Object. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorker, runWorker } from '@vortex/conformance';
import { expect, test } from 'vitest';

const TABLE = 'CREATE TABLE vortex_webhooks (id text PRIMARY KEY, owner text NOT NULL, expires bigint NOT NULL)';

test('sqlStore meets the contract over D1 and over a Durable Object', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(import.meta.dirname, '../node_modules/.worker-'));
  try {
    const program = join(folder, 'worker.mjs');
    writeFileSync(
      program,
      `import { sqlStore } from '@vortex/core/sql';
       import { storeChecks } from '@vortex/core/testing';
       async function failures(open) {
         const failed = [];
         const checks = storeChecks(open);
         for (const { name, run } of checks) await run().catch((error) => failed.push(name + error));
         return Response.json({ checks: checks.length, failed });
       }
       export class Room {
         constructor(ctx) {
           this.sql = ctx.storage.sql;
           this.sql.exec(${JSON.stringify(TABLE.replace('TABLE', 'TABLE IF NOT EXISTS'))});
         }
         fetch() {
           return failures(() => sqlStore(this.sql));
         }
       }
       export default {
         fetch(request, { DB, ROOM }) {
           if (request.url.endsWith('/d1')) return failures(() => sqlStore(DB));
           return ROOM.get(ROOM.idFromName('one')).fetch(request);
         },
       };`,
    );
    const durableObjects = { ROOM: { className: 'Room', useSQLite: true } } as const;
    const worker = await runWorker(await bundleWorker(program), {}, { d1Databases: ['DB'], durableObjects });
    try {
      await worker.exec('DB', TABLE);
      for (const path of ['/d1', '/room']) {
        const reply = await fetch(worker.url + path);
        expect(await reply.json(), path).toEqual({ checks: 14, failed: [] });
      }
    } finally {
      await worker.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
