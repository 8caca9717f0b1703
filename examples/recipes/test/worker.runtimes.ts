import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorker, runWorker } from '@vortex/conformance';
import { VortexClient } from '@vortex/core';
import { webhookEvent, webhookRequest } from '@vortex/core/testing';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { generateSignedCookie } from 'hono/cookie';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRules, expectSignedIn, expectSignedOut, visitor } from './helpers.ts';

const file = fileURLToPath(new URL('../dist/worker.js', import.meta.url));
const secret = 'made up for this test';

let emulator: Emulator;
let script: string;
let folder: string;
let worker: Awaited<ReturnType<typeof start>>;

/** Starts the Worker over the database in the folder. */
async function start() {
  const bindings = {
    VORTEX_API_KEY: emulator.apiKey,
    VORTEX_API_BASE_URL: emulator.url,
    VORTEX_WEBHOOK_SECRET: emulator.webhookSecret,
    SESSION_SECRET: secret,
  };
  return runWorker(script, bindings, { d1Databases: ['DB'], d1Persist: folder });
}

beforeAll(async () => {
  [emulator, script, folder] = await Promise.all([
    startEmulator(),
    bundleWorker(file),
    mkdtemp(join(tmpdir(), 'vortex-d1-')),
  ]);
  worker = await start();
  const tables = readFileSync(new URL('../src/members-d1.sql', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  for (const table of tables) await worker.exec('DB', table);
  await worker.exec('DB', "INSERT INTO members VALUES ('harbor', 'u-1', 'admin')");
});
afterAll(async () => {
  await worker?.close();
  await emulator?.close();
  await rm(folder, { recursive: true, force: true });
});

async function visitAs(user: string) {
  const [cookie = ''] = (await generateSignedCookie('session', user, secret)).split(';');
  return visitor(worker.url, { cookie });
}

test('a Worker serves the routes, and the rules apply', async () => {
  await expectSignedOut(await visitAs('unknown-user'));
  await expectSignedIn(await visitAs('u-1'), 'ada@example.com', { verified: true });
  await expectSignedIn(await visitAs('u-3'), 'cy@example.com', { verified: false });
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  await expectRules(await visitAs('u-1'), client, 'u-1');
});

test('a Worker accepts the webhooks of the emulator', async () => {
  const teller = await startEmulator({ webhookUrl: `${worker.url}/webhooks/vortex` });
  try {
    const client = new VortexClient(teller.apiKey, { baseUrl: teller.url });
    await client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'bo@example.com' },
      inviter: { userId: 'u-1' },
    });
    await teller.settled();
    expect(teller.deliveries.length).toBeGreaterThan(0);
    for (const { attempts } of teller.deliveries) expect(attempts).toMatchObject([{ status: 200 }]);
  } finally {
    await teller.close();
  }
});

/** Invites to the team of Ada, as the component of Vortex does: no rule is asked. */
async function invite(value: string, userId = 'u-1'): Promise<string> {
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
  const { id } = await client.createInvitation({
    widgetConfigurationId: 'any',
    target: { type: 'email', value },
    scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
    inviter: { userId },
  });
  return id;
}

const added = (invitationId: string, email: string) =>
  webhookEvent('group.member.added', { data: { invitationId, scopeType: 'team', scope: 'harbor', user: { email } } });

async function deliver(event: ReturnType<typeof added>): Promise<number> {
  const sent = await webhookRequest(event, emulator.webhookSecret);
  return (await fetch(`${worker.url}/webhooks/vortex`, { method: 'POST', ...sent })).status;
}

const isMember = async (id: string) =>
  (await worker.exec('DB', `SELECT * FROM members WHERE account_id = '${id}'`)).length === 1;

test.each<[string, () => Promise<ReturnType<typeof added>>]>([
  ['that was sent to another address', async () => added(await invite('new@example.com'), 'bo@example.com')],
  ['of a user who is no admin', async () => added(await invite('bo@example.com', 'u-2'), 'bo@example.com')],
  ['to an unverified account', async () => added(await invite('cy@example.com'), 'cy@example.com')],
  ['that was deleted', async () => added('unknown', 'bo@example.com')],
  [
    'that was revoked after its acceptance',
    async () => {
      const id = await invite('bo@example.com');
      await new VortexClient(emulator.apiKey, { baseUrl: emulator.url }).revokeInvitation(id);
      return added(id, 'bo@example.com');
    },
  ],
])('a Worker adds no member by an invitation %s', async (_, find) => {
  expect(await deliver(await find())).toBe(200);
  expect([await isMember('u-2'), await isMember('u-3')]).toEqual([false, false]);
});

test('in a Worker, only a new invitation restores a member who was removed', async () => {
  const [first, second] = [await invite('bo@example.com'), await invite('Bo@Example.com')];
  expect([await deliver(added(first, 'BO@example.com')), await isMember('u-2')]).toEqual([200, true]);
  await worker.exec('DB', "DELETE FROM members WHERE account_id = 'u-2'");
  for (const id of [first, second]) {
    expect([await deliver(added(id, 'bo@example.com')), await isMember('u-2')]).toEqual([200, false]);
  }
  expect([await deliver(added(await invite('bo@example.com'), 'bo@example.com')), await isMember('u-2')]).toEqual([
    200,
    true,
  ]);
  await worker.exec('DB', "DELETE FROM members WHERE account_id = 'u-2'");
});

test('four deliveries of an event from two senders are handled once, and none is handled after a restart', async () => {
  const event = added(await invite('bo@example.com'), 'bo@example.com');
  /** A sender delivers again until it is answered with 200. */
  const send = async () => {
    await expect.poll(() => deliver(event)).toBe(200);
    expect(await deliver(event)).toBe(200);
  };
  await Promise.all([send(), send()]);
  expect(await isMember('u-2')).toBe(true);
  // The store has the event, so no row comes back.
  await worker.exec('DB', "DELETE FROM members WHERE account_id = 'u-2'");
  await worker.exec('DB', "DELETE FROM joins WHERE account_id = 'u-2'");
  await worker.close();
  worker = await start();
  expect([await deliver(event), await isMember('u-2')]).toEqual([200, false]);
});
