/** Tests the data file, which keeps the state across restarts. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, { closeSync, openSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createEmulator, DEFAULT_API_KEY, startEmulator } from '@vortex/emulator';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, invite, newInvitation, startReceiver } from './helpers.js';

/** Killed processes. `npm run crash` sets it. */
const KILLS = Number(process.env.CRASH_ROUNDS || 5);

/** Whether this process may make a pid namespace and a mount, as a container has them. */
const hasNamespaces = spawnSync('unshare', ['--pid', '--fork', '--mount', 'true']).status === 0;

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

  it('a data file is valid JSON at any time, and a closed emulator leaves no other file behind', async () => {
    const emulator = await startEmulator({ dataFile });
    const writing = Promise.all(Array.from({ length: 50 }, () => invite(emulator)));
    for (let n = 0; n < 50; n += 1) JSON.parse(await readFile(dataFile, 'utf8'));
    await writing;
    await emulator.close();
    expect(JSON.parse(await readFile(dataFile, 'utf8'))).toMatchObject({ invitations: { length: 50 } });
    expect(await readdir(directory)).toEqual(['state.json']);
  });

  it('a change writes the changed record only, whatever else the state holds', async () => {
    const emulator = await startEmulator({ dataFile });
    for (let n = 0; n < 200; n += 1) await invite(emulator);
    const before = await readFile(`${dataFile}.journal`, 'utf8');
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    const after = await readFile(`${dataFile}.journal`, 'utf8');
    expect(after.startsWith(before)).toBe(true);
    const lines = after
      .slice(before.length)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ kind: 'invitation', record: { id } }]);
    await emulator.close();
  });

  it('files that killed processes have left behind are removed, and other files are kept', async () => {
    const left = ['state.json.12.tmp', 'state.json.0b1c-4d.tmp', 'state.json.lock.0b1c-4d.tmp'];
    const others = ['state.json.bak', 'other.json.12.tmp'];
    for (const name of [...left, ...others]) await writeFile(join(directory, name), '{');
    await (await startEmulator({ dataFile })).close();
    expect((await readdir(directory)).sort()).toEqual([...others, 'state.json'].sort());
  });

  it('pending webhooks of a killed process are marked as failed after a restart and can be sent again', async () => {
    const receiver = await startReceiver((n) => (n === 0 ? 500 : 200));
    const killed = await startEmulator({ dataFile, webhookUrl: receiver.url, webhookRetryDelays: [60_000] });
    await invite(killed, { target: { type: 'internal', value: 'user-2' } });
    const left = join(directory, 'left.json');
    await expect.poll(() => killed.deliveries).toMatchObject([{ status: 'pending', attempts: [{ status: 500 }] }]);
    for (const end of ['', '.journal']) await copyFile(`${dataFile}${end}`, `${left}${end}`);
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

  it('a line of the journal that was not finished is left out, and any other damage is refused', async () => {
    const killed = await startEmulator({ dataFile });
    const { id } = await invite(killed);
    await copyFile(dataFile, join(directory, 'left.json'));
    const journal = await readFile(`${dataFile}.journal`, 'utf8');
    await killed.close();
    await writeFile(join(directory, 'left.json.journal'), `${journal}{"kind":"invit`);
    const next = await startEmulator({ dataFile: join(directory, 'left.json') });
    expect(next.invitations).toMatchObject([{ id }]);
    await next.close();
    await writeFile(join(directory, 'left.json.journal'), `{"kind":"invit\n${journal}`);
    await expect(startEmulator({ dataFile: join(directory, 'left.json') })).rejects.toThrow('is damaged');
  });

  it('a journal that was read into the file before a crash may be read again', async () => {
    const emulator = await startEmulator({ dataFile });
    await invite(emulator);
    emulator.reset();
    for (let n = 0; n < 3; n += 1) await invite(emulator);
    const journal = await readFile(`${dataFile}.journal`, 'utf8');
    const { invitations, outbox } = emulator;
    await emulator.close();
    await writeFile(`${dataFile}.journal`, journal);
    const again = await startEmulator({ dataFile });
    expect([again.invitations, again.outbox]).toEqual([invitations, outbox]);
    await again.close();
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

  it('a second emulator on a data file does not start in the same process or another, until the first is closed', async () => {
    const first = await startEmulator({ dataFile });
    const { id } = await invite(first);
    expect(() => createEmulator({ dataFile })).toThrow(`The data file ${dataFile} is in use`);
    const other = start();
    const [code, text] = await other.ended;
    expect([code, text]).toEqual([1, expect.stringContaining(`in use by an emulator in the process ${process.pid}`)]);
    await first.close();
    const second = await startEmulator({ dataFile });
    expect(second.invitations).toMatchObject([{ id }]);
    await second.close();
  });

  it('an emulator whose port is taken lets go of its data file', async () => {
    const running = await startEmulator();
    await expect(startEmulator({ dataFile, port: Number(new URL(running.url).port) })).rejects.toThrow('EADDRINUSE');
    await (await startEmulator({ dataFile })).close();
    await running.close();
  });

  it.each([
    ['of a process that has ended', { pid: 2 ** 22 + 1, started: '1' }],
    ['of a process whose number another has now', { started: 'before' }],
    ['of version 0.2.0 whose process has ended', { place: undefined, pid: 2 ** 22 + 1, started: '1' }],
    ['of another container that was not touched for 11 seconds', { place: 'elsewhere' }],
    ['of another container that was touched before the clock was set back', { place: 'elsewhere' }, 3_600_000],
    ['that is damaged', undefined],
  ])('a lock %s does not keep an emulator from starting', async (_, changes, touched = -11_000) => {
    await writeLock(changes);
    const time = new Date(Date.now() + touched);
    await utimes(`${dataFile}.lock`, time, time);
    await (await startEmulator({ dataFile })).close();
    expect(await readdir(directory)).toEqual(['state.json']);
  });

  it('the lock of another container or machine that was touched just now is respected, whatever runs under its number here', async () => {
    await writeLock({ place: 'elsewhere', pid: 2 ** 22 + 1 });
    await expect(startEmulator({ dataFile })).rejects.toThrow(
      /is in use by an emulator in the process 4194305 of another machine or container \(elsewhere\)\..+in 10 seconds\.$/u,
    );
    expect(await readdir(directory)).toEqual(['state.json.lock']);
  });

  it('the lock of a running emulator of version 0.2.0 is respected, however old its file is', async () => {
    await writeLock({ place: undefined });
    const before = new Date(Date.now() - 3_600_000);
    await utimes(`${dataFile}.lock`, before, before);
    await expect(startEmulator({ dataFile })).rejects.toThrow(
      `is in use by an emulator in the process ${process.pid}. Stop that one`,
    );
  });

  it.skipIf(!hasNamespaces)(
    'an emulator in another pid namespace does not start on a data file in use (needs unshare: run as root on Linux)',
    async () => {
      const first = await startEmulator({ dataFile });
      const { id } = await invite(first);
      const [code, text] = await start('unshare', '--pid', '--fork').ended;
      expect([code, text]).toEqual([1, expect.stringContaining('of another machine or container')]);
      await first.close();
      const next = await startEmulator({ dataFile });
      expect(next.invitations).toMatchObject([{ id }]);
      await next.close();
    },
  );

  it('a running emulator touches its lock every 2 seconds', async () => {
    const emulator = await startEmulator({ dataFile });
    const before = new Date(Date.now() - 60_000);
    await utimes(`${dataFile}.lock`, before, before);
    await expect.poll(async () => (await stat(`${dataFile}.lock`)).mtimeMs).toBeGreaterThan(Date.now() - 10_000);
    await emulator.close();
  });

  it('an emulator flushes its lock to the disk when it takes it and with each touch, for clients of a network file system', async () => {
    const flush = vi.spyOn(fs, 'fdatasyncSync');
    syncBuiltinESMExports();
    try {
      const emulator = await startEmulator({ dataFile });
      expect(flush).toHaveBeenCalledOnce();
      await expect.poll(() => flush.mock.calls.length, { timeout: 10_000 }).toBeGreaterThan(1);
      await emulator.close();
    } finally {
      flush.mockRestore();
      syncBuiltinESMExports();
    }
  });

  it('a closed emulator writes no data file, even if other files have the numbers of its descriptors by then', async () => {
    const emulator = await startEmulator({ dataFile });
    await invite(emulator);
    await emulator.close();
    const before = await readFile(dataFile, 'utf8');
    const others = Array.from({ length: 20 }, () => openSync(process.execPath, 'r'));
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    emulator.reset();
    await setImmediate();
    for (const other of others) closeSync(other);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('The emulator could not write its data file'));
    warn.mockRestore();
    expect(await readdir(directory)).toEqual(['state.json']);
    expect(await readFile(dataFile, 'utf8')).toBe(before);
  });

  it('an emulator whose data file was taken over by another one acknowledges no change, and leaves the file alone', async () => {
    const paused = await startEmulator({ dataFile });
    const { id } = await invite(paused);
    // As an emulator in another container does after 10 seconds.
    await rm(`${dataFile}.lock`);
    const next = await startEmulator({ dataFile });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const refused = await call(paused, 'POST /api/v1/invitations', newInvitation());
    expect([refused.status, refused.body.message]).toEqual([500, expect.stringContaining('was taken over by another')]);
    await expect(paused.close()).rejects.toThrow('was taken over by another emulator');
    const added = await invite(next);
    await next.close();
    const last = await startEmulator({ dataFile });
    expect(last.invitations).toMatchObject([{ id }, { id: added.id }]);
    await last.close();
  });

  it.skipIf(!hasNamespaces)(
    'a data file that is mounted itself is refused with the advice to mount its folder (needs unshare: run as root on Linux)',
    async () => {
      await (await startEmulator({ dataFile })).close();
      const mount = 'mount --bind "$0" "$0" && exec "$@"';
      const [code, text] = await start('unshare', '--mount', 'sh', '-c', mount, dataFile).ended;
      expect([code, text]).toEqual([1, expect.stringContaining('(EBUSY). If the file itself is mounted')]);
    },
  );

  /** Writes a lock of this process, with changes. */
  async function writeLock(changes: object | undefined): Promise<void> {
    const emulator = await startEmulator({ dataFile: join(directory, 'other.json') });
    const lock = JSON.parse(await readFile(join(directory, 'other.json.lock'), 'utf8')) as object;
    await emulator.close();
    await rm(join(directory, 'other.json'));
    await writeFile(`${dataFile}.lock`, changes ? JSON.stringify({ ...lock, ...changes }) : '{');
  }

  it(`a process that is killed while it writes loses no acknowledged invitation, ${KILLS} times`, {
    // Each start reads all that was written before, so later kills take longer.
    timeout: 30_000 + KILLS * 12_000,
  }, async () => {
    const acknowledged: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const { process: child, url, ended } = start();
      const api = await url;
      let isRunning = true;
      const writer = async () => {
        while (isRunning) {
          const body = JSON.stringify(newInvitation());
          const headers = { 'x-api-key': DEFAULT_API_KEY, 'content-type': 'application/json' };
          const reply = await fetch(`${api}/api/v1/invitations`, { method: 'POST', headers, body }).catch(
            () => undefined,
          );
          const created = await reply?.json().catch(() => undefined);
          if (reply?.status === 201 && created !== undefined) acknowledged.push((created as { id: string }).id);
        }
      };
      const writers = Array.from({ length: 4 }, writer);
      // After 10 to 67 writes. More would test the speed of the machine alone.
      const target = acknowledged.length + 10 + (kill % 20) * 3;
      await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(target), { timeout: 60_000, interval: 1 });
      child.kill('SIGKILL');
      await ended;
      isRunning = false;
      await Promise.all(writers);
    }
    const left = await startEmulator({ dataFile });
    const known = new Set(left.invitations.map(({ id }) => id));
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
    expect(known.size).toBeGreaterThan(10 * KILLS);
    await left.close();
  });

  /** Starts the program on the data file, by another program if one is given. */
  function start(...before: string[]) {
    const program = fileURLToPath(new URL('../bin/vortex-emulator.js', import.meta.url));
    const [file = '', ...args] = [...before, process.execPath, program, '--data', dataFile, '--port', '0'];
    const child = spawn(file, args, { stdio: 'pipe' });
    let printed = '';
    const url = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          printed += text;
          const found = /http:\/\/127\.0\.0\.1:\d+/u.exec(printed);
          if (found) resolve(found[0]);
        });
      }
    });
    const ended = once(child, 'close').then(([code]): [number | null, string] => [code, printed]);
    return { process: child, url, ended };
  }
});
