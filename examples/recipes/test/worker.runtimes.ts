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
  await worker.exec(
    'DB',
    'CREATE TABLE vortex_webhooks (id text PRIMARY KEY, owner text NOT NULL, expires bigint NOT NULL)',
  );
  await worker.exec('DB', 'CREATE TABLE members (type text NOT NULL, id text NOT NULL, email text NOT NULL)');
}, 60_000);
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

test('four deliveries of an event from two senders are handled once, and none is handled after a restart', async () => {
  const event = webhookEvent('group.member.added', {
    data: { scopeType: 'team', scope: 'harbor', user: { email: 'once@example.com' } },
  });
  const sent = await webhookRequest(event, emulator.webhookSecret);
  const deliver = async () => {
    const { status } = await fetch(`${worker.url}/webhooks/vortex`, { method: 'POST', ...sent });
    return status;
  };
  /** A sender delivers again until it is answered with 200. */
  const send = async () => {
    await expect.poll(deliver, { timeout: 20_000 }).toBe(200);
    expect(await deliver()).toBe(200);
  };
  await Promise.all([send(), send()]);
  const members = () => worker.exec('DB', "SELECT * FROM members WHERE email = 'once@example.com'");
  expect(await members()).toHaveLength(1);
  await worker.close();
  worker = await start();
  expect(await deliver()).toBe(200);
  expect(await members()).toHaveLength(1);
}, 60_000);
