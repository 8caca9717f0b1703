/** The page one looks at, and who may not touch it. */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { call, invite, start, startReceiver } from './helpers.js';

const read = async (url: string) => (await fetch(url)).text();

describe('the page', () => {
  it('says what to do while there is nothing', async () => {
    const emulator = await start();
    const page = await read(emulator.url);
    expect(page).toContain('No invitations yet');
    expect(page).toContain('Nothing sent yet');
    expect(page).toContain('--webhook-url');
    expect(page).toContain(`VORTEX_API_BASE_URL=${emulator.url}`);
    expect(page).not.toContain(emulator.apiKey);
  });

  it('shows invitations, messages with links, and webhooks with attempts', async () => {
    const receiver = await startReceiver(() => 418);
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [] });
    const { id, shortLink } = await invite(emulator, {
      target: { type: 'email', value: 'g@example.com', name: 'Grace' },
    });
    await call(emulator, `DELETE /api/v1/invitations/${id}`);
    await emulator.settled();

    const page = await read(emulator.url);
    for (const text of [
      'Grace',
      'g@example.com',
      'Engineering',
      'Ada',
      'revoked',
      '418',
      'failed',
      'invitation.created',
    ]) {
      expect(page).toContain(text);
    }
    expect(page).toContain(`href="${shortLink}"`);
  });

  it('escapes what others wrote', async () => {
    const emulator = await start();
    const name = '<script>alert(1)</script>';
    const evil = `"'><img/src=x/onerror=alert(1)>@example.com`;
    await invite(emulator, {
      target: { type: 'email', value: evil, name },
      inviter: { userId: name, name },
      groups: [{ type: name, groupId: name, name }],
    });
    const page = await read(emulator.url);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img');
    const policy = (await fetch(emulator.url)).headers.get('content-security-policy');
    expect(policy).toMatch(/default-src 'none'.*script-src 'sha256-/);
  });

  it('refreshes by itself, with a script or without', async () => {
    const page = await read((await start()).url);
    expect(page).toContain('<noscript><meta http-equiv="refresh"');
    expect(page).toContain("querySelector('main')");
  });

  it('stays readable with very many invitations', async () => {
    const emulator = await start();
    for (let n = 0; n < 120; n += 1) {
      await invite(emulator, { target: { type: 'internal', value: `user-${n}.` } });
    }
    const page = await read(emulator.url);
    expect(page).toContain('and 20 earlier');
    expect(page).toContain('user-119.');
    expect(page).not.toContain('user-19.');
  });
});

describe('the button', () => {
  async function failedDelivery() {
    const receiver = await startReceiver((n) => (n === 0 ? 500 : 200));
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [] });
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await emulator.settled();
    const action = /action="(\/deliveries\/[^"]+)"/.exec(await read(emulator.url))?.[1];
    const press = (headers: Record<string, string>) =>
      fetch(`${emulator.url}${action}`, { method: 'POST', headers, redirect: 'manual' });
    return { emulator, press };
  }

  it('sends a webhook again and comes back', async () => {
    const { emulator, press } = await failedDelivery();
    const response = await press({ 'sec-fetch-site': 'same-origin', origin: emulator.url });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    await emulator.settled();
    expect(emulator.deliveries).toMatchObject([{ status: 'delivered', attempts: [{ status: 500 }, { status: 200 }] }]);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['another origin, in an old browser', { origin: 'http://localhost:3000' }],
    ['no origin to speak of', { origin: 'null' }],
  ])('cannot be pressed by %s', async (_, headers: Record<string, string>) => {
    const { emulator, press } = await failedDelivery();
    expect((await press(headers)).status).toBe(403);
    await emulator.settled();
    expect(emulator.deliveries).toMatchObject([{ attempts: [{ status: 500 }] }]);
  });

  it('does not exist for a delivery that does not', async () => {
    const emulator = await start();
    expect((await fetch(`${emulator.url}/deliveries/x/redeliver`, { method: 'POST' })).status).toBe(404);
  });
});

describe('the name it is called by', () => {
  /** `fetch` does not let one choose it. */
  const statusFor = (url: string, host: string, path: string) =>
    new Promise((resolve, reject) => {
      const headers = { host, 'x-api-key': 'whatever' };
      request(url + path, { headers }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });

  it.each(['/', '/i/x', '/api/v1/invitations/x'])('must be one of this machine at %s', async (path) => {
    const { url } = await start();
    const { port } = new URL(url);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.evil.example']) {
      expect(await statusFor(url, host, path)).toBe(403);
    }
    for (const host of ['localhost', `127.0.0.1:${port}`, `[::1]:${port}`, 'app.localhost']) {
      expect(await statusFor(url, host, path)).not.toBe(403);
    }
  });

  it('is anything where the emulator listens for everybody', async () => {
    const { url } = await start({ host: '0.0.0.0' });
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    expect(await statusFor(url.replace('localhost', '127.0.0.1'), 'emulator.internal', '/')).toBe(200);
  });
});
