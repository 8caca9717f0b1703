/** Runs the SQL of the guide on webhooks. */
import { readFile } from 'node:fs/promises';
import { startPGlite } from '@vortex/conformance/pglite';
import { expect, onTestFinished, test } from 'vitest';

test('the SQL of the guide adds no member by an invitation that is older than their last acceptance or removal', async () => {
  const text = await readFile(new URL('../../recipes/src/members.sql', import.meta.url), 'utf8');
  const [members = '', joins = '', add = '', ignore = '', remove = ''] = text.split(';');
  const db = await startPGlite();
  onTestFinished(() => db.close());
  await db.exec(`${members}; ${joins}`);
  const isMember = async () => (await db.query('SELECT role FROM members')).rows.length === 1;
  const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
  const addBy = async (invitedAt: string | null, acceptedAt: string) => {
    await db.query(add, ['harbor', 'u-2', invitedAt, acceptedAt, 'member']);
    return await isMember();
  };
  const removeMember = async () => {
    await db.query(ignore, ['harbor', 'u-2']);
    await db.query(remove, ['harbor', 'u-2']);
    return await isMember();
  };

  const [first, second, third] = [secondsAgo(60), secondsAgo(50), secondsAgo(30)];
  expect([await addBy(first, secondsAgo(40)), await addBy(first, secondsAgo(40))]).toEqual([true, true]);
  expect(await removeMember()).toBe(false);
  for (const invitedAt of [first, second, third, null]) expect(await addBy(invitedAt, secondsAgo(0))).toBe(false);
  // Made after the removal, by a clock that is nine seconds slow.
  expect(await addBy(secondsAgo(9), secondsAgo(8))).toBe(true);
  expect(await removeMember()).toBe(false);
  expect(await addBy(secondsAgo(8.5), secondsAgo(0))).toBe(false);
});

test('the SQL of the guide keeps the role of a member, and adds others with the role that it is given, also if their invitation has no time', async () => {
  const text = await readFile(new URL('../../recipes/src/members.sql', import.meta.url), 'utf8');
  const [members = '', joins = '', add = ''] = text.split(';');
  const db = await startPGlite();
  onTestFinished(() => db.close());
  await db.exec(`${members}; ${joins}; INSERT INTO members VALUES ('harbor', 'u-1', 'admin')`);
  const now = new Date().toISOString();
  const added = [
    ['u-1', 'member'],
    ['u-2', 'member'],
    ['u-3', 'admin'],
  ];
  for (const [account, role] of added) await db.query(add, ['harbor', account, null, now, role]);
  expect((await db.query('SELECT account_id, role FROM members ORDER BY 1')).rows).toEqual([
    { account_id: 'u-1', role: 'admin' },
    { account_id: 'u-2', role: 'member' },
    { account_id: 'u-3', role: 'admin' },
  ]);
});
