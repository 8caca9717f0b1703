/** Tests the lifecycle of the emulator object. */
import { VortexClient } from '@vortex/core';
import { createEmulator, DEFAULT_API_KEY, DEFAULT_WEBHOOK_SECRET, startEmulator } from '@vortex/emulator';
import { describe, expect, it, vi } from 'vitest';
import { call, invite, newInvitation, startReceiver } from './helpers.js';

const DAY = 24 * 60 * 60 * 1000;
const natives = [globalThis.Request, globalThis.Response];

describe('startEmulator', () => {
  it('a started emulator answers at its URL until it is closed', async () => {
    const emulator = await startEmulator();
    expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect((await call(emulator, 'GET /api/v1/invitations/x')).status).toBe(404);

    await Promise.all([emulator.close(), emulator.close()]);
    await emulator.close();
    await expect(fetch(emulator.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await expect(emulator.fetch(emulator.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('close() ends open requests', async () => {
    const emulator = await startEmulator();
    emulator.fault('GET /api/v1/invitations/:invitationId', { delay: 60_000 });
    const request = call(emulator, 'GET /api/v1/invitations/x').catch((error: unknown) => error);
    // The connection pool sends this request second. Once it is answered, the first one has arrived.
    await call(emulator, 'GET /api/v1/nowhere');
    await emulator.close();
    expect(await request).toBeInstanceOf(Error);
  });

  it('startEmulator() listens on the given host and port, and rejects if the port is in use', async () => {
    const first = await startEmulator({ host: '::1' });
    expect(first.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(first.url)).status).toBe(200);
    const port = Number(new URL(first.url).port);
    await expect(startEmulator({ host: '::1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
    const second = await startEmulator({ host: '::1', port });
    expect(second.url).toBe(first.url);
    await second.close();
  });

  it('startEmulator() does not replace the global Request and Response', async () => {
    const emulator = await startEmulator();
    await fetch(emulator.url);
    await emulator.close();
    expect(globalThis.Request === natives[0] && globalThis.Response === natives[1]).toBe(true);
  });
});

describe('createEmulator', () => {
  it('an emulator in process answers requests to its URL through its own fetch', async () => {
    const emulator = createEmulator();
    const headers = { 'x-api-key': emulator.apiKey };
    const created = await emulator.fetch(`${emulator.url}/api/v1/invitations`, {
      method: 'POST',
      headers,
      body: JSON.stringify(newInvitation()),
    });
    expect(created.status).toBe(201);
    expect(await created.json()).toMatchObject({ shortLink: expect.stringMatching(`^${emulator.url}/i/`) });
    expect(emulator.invitations).toHaveLength(1);

    const { fetch } = emulator;
    const page = await fetch(new Request(new URL('/messages', emulator.url)));
    expect(await page.text()).toContain('grace@example.com');
  });

  it('the fetch of an emulator in process rejects when its signal aborts', async () => {
    const emulator = createEmulator();
    emulator.fault('GET /api/v1/invitations/:invitationId', { delay: 60_000 });
    const url = `${emulator.url}/api/v1/invitations/x`;
    const headers = { 'x-api-key': emulator.apiKey };
    await expect(emulator.fetch(url, { headers, signal: AbortSignal.timeout(5) })).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }),
    );
    await expect(emulator.fetch(url, { headers, signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    await emulator.close();
  });
});

describe('options', () => {
  it('an emulator without options has the default secrets, and the default API key is well formed', () => {
    const emulator = createEmulator();
    expect([emulator.apiKey, emulator.webhookSecret]).toEqual([DEFAULT_API_KEY, DEFAULT_WEBHOOK_SECRET]);
    const [prefix, id, secret] = DEFAULT_API_KEY.split('.');
    expect([prefix, Buffer.from(id ?? '', 'base64url').length, id?.length]).toEqual(['VRTX', 16, 22]);
    expect(secret).toMatch(/./);
  });

  it('a client with the default API key refuses a base URL that is not of an emulator', () => {
    const baseUrl = 'https://api.vortexsoftware.com';
    expect(() => new VortexClient(DEFAULT_API_KEY, { baseUrl })).toThrow('apiKey is the key of the emulator');
  });

  it.each([
    ['apiKey', { apiKey: '' }],
    ['webhookSecret', { webhookSecret: '' }],
    ['webhookUrl', { webhookUrl: 'localhost:3000' }],
    ['landingUrl', { landingUrl: '/invite' }],
    ['shape', { shape: 4 as never }],
    ['expiresAfter', { expiresAfter: -1 }],
    ['expiresAfter', { expiresAfter: Number.MAX_SAFE_INTEGER }],
    ['(365,000 days)', { expiresAfter: 365_000 * DAY + 1 }],
    ['webhookRetryDelays.1', { webhookRetryDelays: [0, 2 ** 31] }],
    ['webhookRetryDelays', { webhookRetryDelays: [Number.NaN] }],
    ['now', { now: 0 as never }],
    ['Did you mean webhookUrl?', { webhookURL: 'http://127.0.0.1:3000' } as never],
  ])('the error for an invalid %s names the option', (name, options) => {
    expect(() => createEmulator(options)).toThrow(expect.objectContaining({ name: 'VortexError', code: 'CONFIG' }));
    expect(() => createEmulator(options)).toThrow(name);
  });
});

describe('update and announce', () => {
  it.each([
    ['views', { views: 1.5 }],
    ['status', { status: 'accepted' as never }],
    ['view', { view: 1 } as never],
    ['formSubmissionData', { formSubmissionData: [] as never }],
    ['JSON', { formSubmissionData: { count: 1n } }],
  ])('update() refuses an invalid field by name and changes nothing (%s)', async (name, fields) => {
    const emulator = await startEmulator();
    const { id } = await invite(emulator);
    const before = emulator.invitations;
    const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringContaining(name) };
    expect(() => emulator.update(id, fields)).toThrow(expect.objectContaining(refusal));
    expect(emulator.invitations).toEqual(before);
    await emulator.close();
  });

  it('announce() refuses a type that is not documented', async () => {
    const receiver = await startReceiver();
    const emulator = await startEmulator({ webhookUrl: receiver.url });
    const { id } = await invite(emulator);
    const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('type: ') };
    expect(() => emulator.announce('bounced' as never, id)).toThrow(expect.objectContaining(refusal));
    expect(emulator.deliveries).toHaveLength(2);
    await emulator.close();
  });
});

describe('dates', () => {
  it('an invitation with the longest expiresAfter can be created and listed at the latest time of the clock', async () => {
    const emulator = await startEmulator({ expiresAfter: 365_000 * DAY, now: () => 8e15 });
    const { id } = await invite(emulator);
    expect(emulator.invitations).toMatchObject([{ id, expires: expect.stringContaining('T') }]);
    await emulator.close();
  });

  it('an invitation that cannot be answered, since its expiry is no date, is not stored', async () => {
    const emulator = await startEmulator({ now: () => 8.64e15 });
    vi.spyOn(console, 'error').mockReturnValueOnce();
    expect((await call(emulator, 'POST /api/v1/invitations', newInvitation())).status).toBe(500);
    expect(emulator.invitations).toEqual([]);
    await emulator.close();
  });

  it('a state with an expiry that is no date is refused with 400', async () => {
    const emulator = await startEmulator();
    await invite(emulator);
    const { body: state } = await call(emulator, 'GET /_emulator/state');
    const [invitation] = state.invitations;
    const changed = { ...state, invitations: [{ ...invitation, expiresAt: 9e15 }] };
    const { status, body } = await call(emulator, 'PUT /_emulator/state', changed);
    expect([status, String(body.message)]).toEqual([400, expect.stringContaining('invitations.0.expiresAt')]);
    await emulator.close();
  });
});

describe('reset', () => {
  it('reset() deletes invitations, messages, deliveries and faults, and gives up pending webhooks', async () => {
    const receiver = await startReceiver(() => 500);
    const emulator = await startEmulator({ webhookUrl: receiver.url, webhookRetryDelays: [60_000] });
    const { id } = await invite(emulator);
    await receiver.received(2);
    emulator.fault('GET /api/v1/invitations/:invitationId', { status: 500 });

    emulator.reset();
    await emulator.settled();
    expect([emulator.invitations, emulator.outbox, emulator.deliveries]).toEqual([[], [], []]);
    expect((await call(emulator, `GET /api/v1/invitations/${id}`)).status).toBe(404);
    expect(receiver.requests).toHaveLength(2);
    await emulator.close();
  });
});
