/** The contracts of the SQL stores over the databases of other runtimes: `node:sqlite`, `bun:sqlite`, D1 and the SQLite of a Durable Object. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundleWorker, runWorker } from '@vortex/conformance';
import { expect, test } from 'vitest';

const TABLE = 'CREATE TABLE vortex_webhooks (id text PRIMARY KEY, owner text NOT NULL, expires bigint NOT NULL)';

test('sqlStore meets its contract in workerd, over D1 and over a Durable Object', async () => {
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

test('sqlStore and transactionalStore meet their contracts over node:sqlite in Node 22, also if SQLite rolls back', () => {
  const require = createRequire(createRequire(import.meta.url).resolve('@vortex/conformance'));
  const node = join(require.resolve('node22/package.json'), '../bin/node');
  const folder = mkdtempSync(join(import.meta.dirname, '../node_modules/.sqlite-'));
  const program = join(folder, 'program.mjs');
  try {
    writeFileSync(
      program,
      `import { DatabaseSync } from 'node:sqlite';
       import { sqlStore, transactionalStore } from '@vortex/core/sql';
       import { storeChecks, transactionChecks } from '@vortex/core/testing';
       const open = () => {
         const db = new DatabaseSync(${JSON.stringify(join(folder, 'data.db'))});
         db.exec('PRAGMA busy_timeout = 10000');
         return db;
       };
       const db = open();
       db.exec(${JSON.stringify(`${TABLE}; CREATE TABLE marks (id text PRIMARY KEY); CREATE TABLE effects (id text)`)});
       let last = Promise.resolve();
       const store = transactionalStore({
         transaction: (work) => {
           const turn = last.then(async () => {
             db.exec('BEGIN IMMEDIATE');
             try {
               const result = await work(db);
               db.exec('COMMIT');
               return result;
             } catch (error) {
               if (db.isTransaction) db.exec('ROLLBACK');
               throw error;
             }
           });
           last = turn.catch(() => {});
           return turn;
         },
         mark: (tx, id) => tx.prepare('INSERT INTO marks VALUES (?) ON CONFLICT DO NOTHING').run(id).changes === 1,
       });
       const checks = [
         ...storeChecks(() => sqlStore(open())),
         ...transactionChecks(() => store, {
           insert: (tx, text) => tx.prepare('INSERT INTO effects VALUES (?)').run(text),
           count: (text) => db.prepare('SELECT * FROM effects WHERE id = ?').all(text).length,
         }),
       ];
       for (const { name, run } of checks) await run().catch((error) => console.log(name, error));
       console.log(checks.length, 'checks');
       let runs = 0;
       const handle = async (tx) => {
         runs += 1;
         if (runs > 1) return;
         try {
           tx.exec('INSERT OR ROLLBACK INTO marks SELECT id FROM marks');
         } catch {}
       };
       for (const _delivery of [1, 2, 3]) await store.once(['webhook:1'], handle, 5000).catch(({ code }) => console.log(code));
       console.log(runs, 'runs');`,
    );
    const { stdout } = spawnSync(node, [program], { encoding: 'utf8' });
    expect(stdout).toBe('19 checks\nSTORE_UNAVAILABLE\n2 runs\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('over drizzle and bun:sqlite, whose transaction commits before its work is done, transactionalStore fails with CONFIG and marks nothing', () => {
  const bun = createRequire(createRequire(import.meta.url).resolve('@vortex/conformance')).resolve('bun/bin/bun.exe');
  const folder = mkdtempSync(join(import.meta.dirname, '../node_modules/.sqlite-'));
  const program = join(folder, 'program.mjs');
  try {
    writeFileSync(
      program,
      `import { Database } from 'bun:sqlite';
       import { transactionalStore } from '@vortex/core/sql';
       import { drizzle } from 'drizzle-orm/bun-sqlite';
       import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
       const marks = sqliteTable('marks', { id: text().primaryKey() });
       const db = drizzle(new Database(':memory:'));
       db.run('CREATE TABLE marks (id text PRIMARY KEY)');
       const store = transactionalStore({
         transaction: (work) => db.transaction(work),
         mark: async (tx, id) => (await tx.insert(marks).values({ id }).onConflictDoNothing().returning()).length === 1,
       });
       for (const _delivery of [1, 2]) {
         await store.once(['webhook:1'], () => console.log('handled'), 5000).catch(({ code }) => console.log(code));
       }
       console.log(db.select().from(marks).all().filter(({ id }) => !id.startsWith('probe:')).length, 'marks');`,
    );
    const { stdout } = spawnSync(bun, ['run', program], { encoding: 'utf8' });
    expect(stdout).toBe('CONFIG\nCONFIG\n0 marks\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
