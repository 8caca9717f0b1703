/** Tests the control API from outside: the emulator runs as a program of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectedEmulator, connectEmulator, DEFAULT_API_KEY } from '@vortex/emulator';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { invite, newInvitation, start, startReceiver } from './helpers.js';

const PROGRAM = new URL('../bin/vortex-emulator.js', import.meta.url).pathname;

/**
 * Starts a program.
 *
 * @param atEnd takes the function that ends the program
 */
async function run(atEnd: (kill: () => void) => unknown, ...flags: string[]) {
  const { VORTEX_API_KEY, ...env } = process.env;
  const child = spawn(process.execPath, [PROGRAM, '--port=0', ...flags], { env });
  atEnd(() => void child.kill('SIGKILL'));
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += chunk;
    const url = /^VORTEX_API_BASE_URL=(.+)$/m.exec(text)?.[1];
    if (url) return connectEmulator(url);
  }
  throw new Error(`The program did not start: ${text}`);
}

const asBackend = (url: string, path: string, init: RequestInit = {}) =>
  fetch(`${url}/api/v1${path}`, { ...init, headers: { 'x-api-key': DEFAULT_API_KEY } });
const create = (url: string) =>
  asBackend(url, '/invitations', { method: 'POST', body: JSON.stringify(newInvitation()) });

describe('the control API', () => {
  /** Two programs, which every test finds as if they had just started. */
  let emulator: ConnectedEmulator;
  let second: ConnectedEmulator;
  const kills: (() => void)[] = [];
  beforeAll(async () => {
    const begin = () => run((kill) => kills.push(kill));
    [emulator, second] = await Promise.all([begin(), begin()]);
  });
  afterAll(() => {
    for (const kill of kills) kill();
  });
  beforeEach(() => Promise.all([emulator, second].map((each) => each.reset())));

  it('another process reads the outbox and the invitations of a running emulator, and resets it', async () => {
    await create(emulator.url);
    expect(await emulator.outbox()).toMatchObject([{ to: 'grace@example.com', kind: 'invitation' }]);
    expect(await emulator.invitations()).toMatchObject([{ status: 'delivered' }]);
    await emulator.reset();
    expect([await emulator.outbox(), await emulator.invitations()]).toEqual([[], []]);
  });

  it('another process injects a fault and removes it', async () => {
    await emulator.fault('GET /api/v1/invitations', { status: 503 });
    const path = '/invitations?targetType=email&targetValue=grace@example.com';
    expect((await asBackend(emulator.url, path)).status).toBe(503);
    expect(await (await fetch(`${emulator.url}/_emulator/faults`)).json()).toEqual({
      faults: [{ route: 'GET /api/v1/invitations', fault: { status: 503 }, left: null }],
    });
    await emulator.fault('POST /api/v1/invitations', { status: 503, times: 2 });
    await emulator.clearFaults('GET /api/v1/invitations');
    expect((await asBackend(emulator.url, path)).status).toBe(200);
    expect(await emulator.faults()).toMatchObject([{ route: 'POST /api/v1/invitations', left: 2 }]);
    await emulator.clearFaults();
    expect(await emulator.faults()).toEqual([]);
    await expect(emulator.fault('GET /nowhere' as never, {})).rejects.toThrow(/400.*is no route of the emulator/u);
  });

  it('another process accepts, revokes and reinvites, and makes an invitation expire', async () => {
    const emulator = await start();
    const connected = connectEmulator(emulator.url);
    const ids = [];
    for (const value of ['a@example.com', 'r@example.com', 'e@example.com']) {
      ids.push((await invite(emulator, { target: { type: 'email', value } })).id);
    }
    const [accepted = '', revoked = '', expired = ''] = ids;
    await connected.reinvite(accepted);
    await connected.accept(accepted);
    await connected.revoke(revoked);
    await connected.expire(expired);
    expect(await connected.invitations()).toMatchObject([
      { status: 'accepted', deliveryCount: 2, accepts: [{ email: 'a@example.com' }] },
      { deactivated: true, expired: false },
      { expired: true },
    ]);
    await expect(connected.accept(revoked)).rejects.toThrow(/409.*no longer open/u);
    await expect(connected.expire('unknown')).rejects.toThrow('404');
  });

  it('another process sets what the cloud learns elsewhere, and sends a webhook of any type', async () => {
    const receiver = await startReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const { id } = await invite(emulator);
    await emulator.settled();
    const connected = connectEmulator(emulator.url);
    await connected.update(id, { status: 'unfurled', views: 3 });
    expect(emulator.invitations).toMatchObject([{ status: 'unfurled', views: 3 }]);
    await connected.announce('invitation.email.bounced', id, { reason: 'full' });
    await connected.settled();
    const data = { invitationId: id, reason: 'full' };
    expect(emulator.deliveries.at(-1)?.event).toMatchObject({ type: 'invitation.email.bounced', data });
    await expect(connected.update(id, { status: 'accepted' } as never)).rejects.toThrow(/400.*status/u);
    await expect(connected.announce('unknown' as never, id)).rejects.toThrow(/400.*type/u);
  });

  it('another process moves the clock past the expiry of an invitation, and reset sets it back', async () => {
    await create(emulator.url);
    await emulator.advance(31 * 24 * 60 * 60 * 1000);
    expect(await emulator.invitations()).toMatchObject([{ expired: true, deactivated: true }]);
    await emulator.setTime(new Date('2040-01-01T00:00:00Z'));
    expect((await emulator.now()).getUTCFullYear()).toBe(2040);
    await emulator.reset();
    expect(Math.abs((await emulator.now()).getTime() - Date.now())).toBeLessThan(60_000);
    await expect(emulator.advance(1e300)).rejects.toThrow(/400.*that far/u);
  });

  it('invitations of a program with --expires-after expire after that time', async () => {
    const brief = await run(onTestFinished, '--expires-after', '15m');
    await create(brief.url);
    await brief.advance(14 * 60_000);
    expect(await brief.invitations()).toMatchObject([{ expired: false }]);
    await brief.advance(2 * 60_000);
    expect(await brief.invitations()).toMatchObject([{ expired: true }]);
  });

  it('the whole state is exported from one emulator and imported into another', async () => {
    await create(emulator.url);
    await create(second.url);
    await second.importState(await emulator.exportState());
    expect(await second.exportState()).toEqual(await emulator.exportState());
    expect((await second.invitations()).map(({ id }) => id)).toEqual(
      (await emulator.invitations()).map(({ id }) => id),
    );
    await expect(second.importState({ version: 1 } as never)).rejects.toThrow(/400.*invitations/u);
    expect(await second.invitations()).toHaveLength(1);
  });

  it('another process sees the webhooks, waits for them and sends one again', async () => {
    const receiver = await startReceiver();
    const sender = await run(onTestFinished, '--webhook-url', receiver.url);
    await create(sender.url);
    await sender.settled();
    const [delivery] = await sender.deliveries();
    expect(delivery).toMatchObject({ status: 'delivered', attempts: [{ status: 204 }] });
    await sender.redeliver(delivery?.id ?? '');
    await sender.settled();
    expect((await sender.deliveries())[0]?.attempts).toHaveLength(2);
    await expect(sender.redeliver('unknown')).rejects.toThrow('404');
  });

  it('another process names the webhook URL of an application that starts later, which stays through a reset', async () => {
    const emulator = await start();
    const remote = connectEmulator(emulator.url);
    expect(await remote.webhookUrl()).toBeUndefined();
    await invite(emulator);
    const receiver = await startReceiver();
    await remote.setWebhookUrl(receiver.url);
    await remote.reset();
    expect(await remote.webhookUrl()).toBe(receiver.url);
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await remote.settled();
    expect(receiver.types()).toEqual(['invitation.created']);
    await remote.setWebhookUrl(undefined);
    await invite(emulator);
    expect(emulator.deliveries).toHaveLength(1);
    await expect(remote.setWebhookUrl('localhost:3000')).rejects.toThrow(
      'webhookUrl must be an absolute http or https URL',
    );
  });

  it('an imported state is in the data file', async () => {
    const source = await start();
    await invite(source);
    const state = await connectEmulator(source.url).exportState();
    const folder = await mkdtemp(join(tmpdir(), 'control-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'state.json');
    const target = await start({ dataFile: file });
    await connectEmulator(target.url).importState(state);
    await target.close();
    const again = await start({ dataFile: file });
    expect(again.invitations).toEqual(source.invitations);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['another host name', { host: 'evil.example' }],
  ])('a request of %s is refused with 403, on an emulator for all machines too', async (_, headers) => {
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const emulator = await start({ host });
      await invite(emulator);
      for (const [method, path] of [
        ['POST', '/reset'],
        ['GET', '/state'],
      ]) {
        // The global `fetch` may not set these headers.
        const status = await new Promise((resolve, reject) => {
          const sent = request(`${emulator.url}/_emulator${path}`, { method, headers }, (response) => {
            response.resume();
            resolve(response.statusCode);
          });
          sent.on('error', reject).end();
        });
        expect(status).toBe(403);
      }
      expect(emulator.invitations).toHaveLength(1);
    }
  });
});
