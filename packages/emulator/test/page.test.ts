/** Tests the page of the emulator and its protection against other sites. */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { call, invite, start, startReceiver } from './helpers.js';

const read = async (url: string) => (await fetch(url)).text();

describe('the page', () => {
  it('the empty page explains what appears and how to configure it', async () => {
    const emulator = await start();
    const page = await read(emulator.url);
    expect(page).toContain('No invitations yet');
    expect(page).toContain('No messages yet');
    expect(page).toContain('--webhook-url');
    expect(page).toContain(`VORTEX_API_BASE_URL=${emulator.url}`);
    expect(page).not.toContain(emulator.apiKey);
  });

  it('the page shows invitations, messages with links, and webhooks with attempts', async () => {
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

  it('the page escapes names and addresses', async () => {
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

  it('the page refreshes itself, with or without JavaScript', async () => {
    const page = await read((await start()).url);
    expect(page).toContain('<noscript><meta http-equiv="refresh"');
    expect(page).toContain("querySelector('main')");
  });

  it('the page shows the newest 100 invitations and the number of older ones', async () => {
    const emulator = await start();
    for (let n = 0; n < 120; n += 1) {
      await invite(emulator, { target: { type: 'internal', value: `user-${n}.` } });
    }
    const page = await read(emulator.url);
    expect(page).toContain('20 older not shown');
    expect(page).toContain('user-119.');
    expect(page).not.toContain('user-19.');
  });
});

describe('the button "Send again"', () => {
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

  it('the button "Send again" sends a webhook again and returns to the page', async () => {
    const { emulator, press } = await failedDelivery();
    const response = await press({ 'sec-fetch-site': 'same-origin', origin: emulator.url });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    await emulator.settled();
    expect(emulator.deliveries).toMatchObject([{ status: 'delivered', attempts: [{ status: 500 }, { status: 200 }] }]);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['another origin in an old browser', { origin: 'http://localhost:3000' }],
    ['the origin null', { origin: 'null' }],
  ])('a request from %s to send a webhook again is refused', async (_, headers: Record<string, string>) => {
    const { emulator, press } = await failedDelivery();
    expect((await press(headers)).status).toBe(403);
    await emulator.settled();
    expect(emulator.deliveries).toMatchObject([{ attempts: [{ status: 500 }] }]);
  });

  it('a request to send an unknown delivery again is answered with 404', async () => {
    const emulator = await start();
    expect((await fetch(`${emulator.url}/deliveries/x/redeliver`, { method: 'POST' })).status).toBe(404);
  });
});

describe('host name', () => {
  /** Returns the status for a given `Host` header, which `fetch` cannot set. */
  const statusFor = (url: string, host: string, path: string) =>
    new Promise((resolve, reject) => {
      const headers = { host, 'x-api-key': 'whatever' };
      request(url + path, { headers }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });

  it.each(['/', '/i/x', '/api/v1/invitations/x'])('%s is served for loopback host names only', async (path) => {
    const { url } = await start();
    const { port } = new URL(url);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.evil.example']) {
      expect(await statusFor(url, host, path)).toBe(403);
    }
    for (const host of ['localhost', `127.0.0.1:${port}`, `[::1]:${port}`, 'app.localhost']) {
      expect(await statusFor(url, host, path)).not.toBe(403);
    }
  });

  it('every host name is served if the emulator listens on all addresses', async () => {
    const { url } = await start({ host: '0.0.0.0' });
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    expect(await statusFor(url.replace('localhost', '127.0.0.1'), 'emulator.internal', '/')).toBe(200);
  });
});
