/** Runs the SQL of the guide on webhooks. */
import { readFile } from 'node:fs/promises';
import { startPGlite } from '@vortex/conformance/pglite';
import { expect, onTestFinished, test } from 'vitest';

test('the SQL of the guide adds no member by an invitation that is older than their removal', async () => {
  const text = await readFile(new URL('../../recipes/src/members.sql', import.meta.url), 'utf8');
  const statements = text.split(';').map((statement) => statement.trim());
  const [members = '', removals = '', add = '', remove = '', record = ''] = statements;
  const db = await startPGlite();
  onTestFinished(() => db.close());
  await db.exec(`${members}; ${removals}`);
  const isMember = async () => (await db.query('SELECT role FROM members')).rows.length === 1;
  const addBy = async (invitedAt: Date) => {
    await db.query(add, ['harbor', 'u-2', invitedAt.toISOString()]);
    return await isMember();
  };

  const before = new Date(Date.now() - 60_000);
  expect([await addBy(before), await addBy(before)]).toEqual([true, true]);
  await db.query(remove, ['harbor', 'u-2']);
  await db.query(record, ['harbor', 'u-2']);
  expect([await isMember(), await addBy(before)]).toEqual([false, false]);
  expect(await addBy(new Date(Date.now() + 60_000))).toBe(true);
  await db.query(remove, ['harbor', 'u-2']);
  await db.query(record, ['harbor', 'u-2']);
  expect(await addBy(before)).toBe(false);
});
