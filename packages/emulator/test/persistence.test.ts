/** Tests the data file, which keeps the state across restarts. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, startEmulator } from '@vortex/emulator';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, invite, startReceiver } from './helpers.js';

let directory: string;
let dataFile: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'emulator-'));
  dataFile = join(directory, 'state.json');
});
afterEach(() => rm(directory, { recursive: true }));

describe('data file', () => {
  it('a data file restores all state after a restart', async () => {
    const receiver = await startReceiver((n) => (n < 2 ? 200 : 500));
    const before = await startEmulator({ dataFile, webhookUrl: receiver.url, webhookRetryDelays: [60_000] });
    const { id } = await invite(before, { metadata: { plan: 'pro' } });
    await before.settled();
    await call(before, 'POST /api/v1/invitations/accept', {
      invitationIds: [id],
      user: { email: 'grace@example.com', isExisting: false },
    });
    await call(before, 'POST /api/v1/invitations/autojoin', {
      scope: 'team-1',
      scopeType: 'team',
      componentId: 'component-1',
      domains: ['acme.com'],
    });
    await receiver.received(5);
    await before.close();

    const after = await startEmulator({ dataFile });
    expect(after.invitations).toEqual(before.invitations);
    expect(after.invitations).toHaveLength(2);
    expect(after.outbox).toEqual(before.outbox);
    expect(after.deliveries).toEqual(before.deliveries);
    expect(after.deliveries.map((each) => each.status)).toEqual([
      'delivered',
      'delivered',
      'failed',
      'failed',
      'failed',
    ]);
    const autojoin = await call(after, 'GET /api/v1/invitations/by-scope/team/team-1/autojoin');
    expect(autojoin.body.autojoinDomains).toMatchObject([{ domain: 'acme.com' }]);
    await after.close();
  });

  it('a data file is valid JSON at any time and leaves no temporary file behind', async () => {
    const emulator = await startEmulator({ dataFile });
    const writing = Promise.all(Array.from({ length: 50 }, () => invite(emulator)));
    for (let n = 0; n < 50; n += 1) JSON.parse(await readFile(dataFile, 'utf8'));
    await writing;
    await emulator.close();
    expect(JSON.parse(await readFile(dataFile, 'utf8'))).toMatchObject({ invitations: { length: 50 } });
    expect(await readdir(directory)).toEqual(['state.json']);
  });

  it('pending webhooks of a killed process are marked as failed after a restart and can be sent again', async () => {
    const receiver = await startReceiver((n) => (n === 0 ? 500 : 200));
    const killed = await startEmulator({ dataFile, webhookUrl: receiver.url, webhookRetryDelays: [60_000] });
    await invite(killed, { target: { type: 'internal', value: 'user-2' } });
    const left = join(directory, 'left.json');
    await vi.waitFor(async () => {
      const text = await readFile(dataFile, 'utf8');
      expect(JSON.parse(text)).toMatchObject({ deliveries: [{ status: 'pending', attempts: [{ status: 500 }] }] });
      await writeFile(left, text);
    });
    await killed.close();

    const next = await startEmulator({ dataFile: left, webhookUrl: receiver.url });
    expect(next.deliveries).toMatchObject([{ status: 'failed' }]);
    next.redeliver(next.deliveries[0]?.id ?? '');
    await next.settled();
    expect(next.deliveries).toMatchObject([{ status: 'delivered' }]);
    expect(receiver.requests[1]?.body).toBe(receiver.requests[0]?.body);
    await next.close();
  });

  it('a reset empties the data file', async () => {
    const before = await startEmulator({ dataFile });
    await invite(before);
    before.reset();
    await before.close();
    expect(createEmulator({ dataFile }).invitations).toEqual([]);
  });

  it.each([
    ['truncated', '{"version":1,"invit'],
    ['foreign', '{"hello":"world"}'],
    ['empty', ''],
  ])('startEmulator() rejects if the data file is %s, and does not change the file', async (_, content) => {
    await writeFile(dataFile, content);
    await expect(startEmulator({ dataFile })).rejects.toThrow(`The data file ${dataFile} is damaged`);
    expect(await readFile(dataFile, 'utf8')).toBe(content);
  });

  it('the emulator does not start if its data file cannot be written', async () => {
    await expect(startEmulator({ dataFile: join(directory, 'missing', 'state.json') })).rejects.toThrow('ENOENT');
    expect(() => createEmulator({ dataFile: directory })).toThrow('EISDIR');
  });
});
