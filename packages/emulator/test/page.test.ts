/** Tests what the page of the emulator says, and its protection against other sites. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VortexClient } from '@vortex/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, invite, start, startReceiver } from './helpers.js';

const read = async (url: string) => (await fetch(url)).text();
const LISTS = ['requests', 'messages', 'webhooks', 'invitations'];

describe('the page', () => {
  it('an empty tab explains what appears in it and how to configure it', async () => {
    const emulator = await start();
    const page = await read(emulator.url);
    expect(page).toContain('No requests yet');
    expect(page).toContain(`VORTEX_API_BASE_URL=${emulator.url}`);
    expect(page).not.toContain(emulator.apiKey);
    expect(await read(`${emulator.url}/invitations`)).toContain('No invitations yet');
    expect(await read(`${emulator.url}/messages`)).toContain('No messages yet');
    expect(await read(`${emulator.url}/webhooks`)).toContain('--webhook-url');
    expect(await read(`${emulator.url}/faults`)).toContain('No faults');
    expect(await read(`${emulator.url}/state`)).toContain('--landing-url');
  });

  it('the tabs show a request with its reply, the message with its text, and the webhook with each attempt', async () => {
    const receiver = await startReceiver(() => 418);
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [] });
    const target = { type: 'email', value: 'g@example.com', name: 'Grace' };
    const { id, shortLink } = await invite(emulator, { target });
    await emulator.settled();
    const [recorded] = emulator.calls;
    const [message] = emulator.outbox;
    const [delivery] = emulator.deliveries;

    const shows = async (path: string, ...texts: (string | undefined)[]) => {
      const page = await read(`${emulator.url}${path}`);
      for (const text of texts) expect(page).toContain(text);
    };
    await shows('/requests', 'POST /api/v1/invitations', '201');
    await shows(`/requests/${recorded?.id}`, '&quot;g@example.com&quot;', shortLink, `href="/invitations/${id}"`);
    await shows('/messages', 'g@example.com', new URL(shortLink).pathname);
    await shows(`/messages/${message?.id}`, 'To accept, open this link', shortLink);
    await shows('/webhooks', 'invitation.created', '418', 'failed');
    const signature = delivery?.attempts[0]?.headers?.['x-vortex-signature'];
    expect(signature).toMatch(/^[0-9a-f]{64}$/u);
    await shows(`/webhooks/${delivery?.id}`, signature, '418', delivery?.event.id, 'Its log has the error.');
    await shows('/invitations', 'Grace', 'Engineering', 'Ada', 'delivered');
    await shows(`/invitations/${id}`, shortLink, `href="/messages/${message?.id}"`, `href="/webhooks/${delivery?.id}"`);
  });

  it('the page escapes names and addresses', async () => {
    const receiver = await startReceiver();
    const emulator = await start({ webhookUrl: receiver.url });
    const name = '<script>alert(1)</script>';
    const evil = `"'><img/src=x/onerror=alert(1)>@example.com`;
    const { id } = await invite(emulator, {
      target: { type: 'email', value: evil, name },
      inviter: { userId: name, name },
      groups: [{ type: name, groupId: name, name }],
    });
    await call(emulator, `GET /api/v1/${name}`, undefined, { 'user-agent': name });
    await emulator.settled();
    const details = [
      `requests/${emulator.calls[0]?.id}`,
      `requests/${emulator.calls[1]?.id}`,
      `messages/${emulator.outbox[0]?.id}`,
      `webhooks/${emulator.deliveries[0]?.id}`,
      `invitations/${id}`,
    ];
    for (const path of [
      ...LISTS,
      ...details,
      `requests?q=${encodeURIComponent(evil)}&only=${encodeURIComponent(evil)}`,
    ]) {
      const page = await read(`${emulator.url}/${path}`);
      expect(page).not.toContain('<script>alert');
      expect(page).not.toContain('<img');
    }
    expect(await read(`${emulator.url}/invitations`)).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    const policy = (await fetch(emulator.url)).headers.get('content-security-policy');
    expect(policy).toMatch(/default-src 'none'.*script-src 'sha256-/);
  });

  it('a list has a hundred rows on a page, links to older ones, and is searched as a whole', async () => {
    const emulator = await start();
    for (let n = 0; n < 120; n += 1) await invite(emulator, { target: { type: 'internal', value: `user-${n}.` } });
    const rows = async (query: string) => (await read(`${emulator.url}/invitations${query}`)).match(/>user-\d+\.</gu);
    expect(await rows('')).toHaveLength(100);
    expect((await rows(''))?.[0]).toBe('>user-119.<');
    expect(await read(`${emulator.url}/invitations`)).toContain('href="/invitations?page=2"');
    expect(await rows('?page=2')).toHaveLength(20);
    expect(await rows('?page=99')).toHaveLength(20);
    expect(await rows('?q=USER-7. internal')).toEqual(['>user-7.<']);
    expect(await rows('?q=nothing')).toBeNull();
  });

  it('a filter shows the items of one kind', async () => {
    const emulator = await start();
    const { id } = await invite(emulator, { target: { type: 'internal', value: 'revoked-one' } });
    await invite(emulator, { target: { type: 'internal', value: 'open-one' } });
    await call(emulator, `DELETE /api/v1/invitations/${id}`);
    const open = await read(`${emulator.url}/invitations?only=Open`);
    expect(open).toContain('>open-one<');
    expect(open).not.toContain('>revoked-one<');
    const failed = await read(`${emulator.url}/requests?only=Failed`);
    expect(failed).toContain('0 of 3 shown');
  });

  it('the address of an item that the emulator no longer has says so', async () => {
    const emulator = await start();
    for (const name of LISTS) expect(await read(`${emulator.url}/${name}/gone`)).toContain('It was reset');
  });

  it.each([
    ['a wrong API key', 'GET /api/v1/invitations/x', { 'x-api-key': 'VRTX.other' }, 'Set VORTEX_API_KEY'],
    ['a doubled prefix', 'GET /api/v1/api/v1/invitations', {}, 'without /api/v1'],
    ['a doubled slash', 'GET //api/v1/invitations', {}, 'without a slash at its end'],
    ['a missing prefix', 'GET /invitations?targetType=email&targetValue=a@b.co', {}, 'Add /api/v1 to the base URL'],
    ['a path before the prefix', 'GET /foo/api/v1/invitations/x', {}, 'to the origin of the emulator, without a path'],
    ['an unknown id', 'GET /api/v1/invitations/x', {}, 'The emulator was reset'],
    ['a missing field', 'POST /api/v1/invitations', {}, 'target: '],
  ])('a request with %s is shown with what to do', async (_, route, headers, advice) => {
    const emulator = await start();
    await call(emulator, route, undefined, headers);
    expect(await read(emulator.url)).toContain(advice);
  });

  it('an internal decision without an open invitation is shown as such, and not as an unknown id', async () => {
    const emulator = await start();
    await call(emulator, 'POST /api/v1/invitations/sync-internal-invitation', {
      creatorId: 'user-1',
      targetValue: 'user-2',
      action: 'accepted',
      componentId: 'component-1',
    });
    const page = await read(emulator.url);
    expect(page).toContain('It was answered or revoked before, or creatorId and targetValue are not those');
    expect(page).not.toContain('was reset');
  });

  it('a path without a page answers a browser with a page, and a client of an API with JSON', async () => {
    const emulator = await start();
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const ask = async (accept: string, path = '/no<where') => {
      const key: Record<string, string> = path.startsWith('/api/') ? { 'x-api-key': emulator.apiKey } : {};
      const response = await fetch(emulator.url + path, { headers: { accept, ...key } });
      return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
    };
    const page = await ask(browser);
    expect(page).toMatchObject({ status: 404, type: 'text/html; charset=UTF-8' });
    expect(page.text).toContain('The emulator has no page <code>/no&lt;where</code>.');
    for (const [accept, path] of [['*/*'], ['application/json, text/html;q=0.5'], [browser, '/api/nowhere']] as const) {
      const { status, text } = await ask(accept, path);
      expect([status, JSON.parse(text).message]).toEqual([404, `Cannot GET ${path ?? '/no<where'}`]);
    }
  });

  it('a webhook that the application refuses is shown with what to do', async () => {
    const receiver = await startReceiver(() => 401);
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [] });
    await invite(emulator);
    await emulator.settled();
    expect(await read(`${emulator.url}/webhooks`)).toContain('VORTEX_WEBHOOK_SECRET of the emulator');
  });

  it('a link to share is for everyone who has it, and is not sent again', async () => {
    const emulator = await start();
    const { id } = await invite(emulator, { target: { type: 'share', value: 'user-1' } });
    const page = await read(`${emulator.url}/invitations/${id}`);
    expect(page).toContain('<dt>To</dt><dd>everyone who has the link</dd>');
    expect(page).not.toContain('user-1, share');
    expect(page).not.toContain('>Send again<');
  });

  it.each([
    [30 * 24 * 60 * 60 * 1000, '30 days'],
    [24 * 60 * 60 * 1000, '24 hours'],
    [15 * 60_000, '15 minutes'],
    [90_000, '90 seconds'],
    [1500, '1500 ms'],
  ])('the tab State shows an expiresAfter of %i ms as %j', async (expiresAfter, text) => {
    const emulator = await start({ expiresAfter });
    expect(await read(`${emulator.url}/state`)).toContain(`<dd>${text}</dd>`);
  });

  it('advice on an attempt names the URL that it was posted to, and a later webhook URL does not change it', async () => {
    const receiver = await startReceiver(() => 404);
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [] });
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await emulator.settled();
    const right = await startReceiver();
    emulator.setWebhookUrl(right.url);
    const { id = '' } = emulator.deliveries[0] ?? {};
    emulator.redeliver(id);
    await emulator.settled();
    const page = await read(`${emulator.url}/webhooks/${id}`);
    expect(page).toContain(`The application has no webhook at ${receiver.url}.`);
    expect(page).toContain(`<small>to ${receiver.url}</small>`);
    expect(page).not.toContain(`no webhook at ${right.url}`);
  });

  it('a webhook that has failed says that it is tried again, until it is not', async () => {
    const receiver = await startReceiver(() => 500);
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [60_000] });
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await expect.poll(() => emulator.deliveries[0]?.attempts.length).toBe(1);
    const page = () => read(`${emulator.url}/webhooks/${emulator.deliveries[0]?.id}`);
    expect(await page()).toContain('waits to be tried again');
    emulator.redeliver(emulator.deliveries[0]?.id ?? '');
    await emulator.settled();
    expect(await page()).not.toContain('waits to be tried again');
  });
});

describe('the tab for tokens', () => {
  const judge = (url: string, token: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/token`, { method: 'POST', headers, body: new URLSearchParams({ token }) });
  const text = async (url: string, token: string) => (await judge(url, token)).text();

  it('a token is decoded, with its user, and nothing of it is kept', async () => {
    const emulator = await start();
    const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
    const jwt = await client.generateJwt({ user: { id: 'user-1', email: 'ada@example.com', name: 'Zoë' } });
    // The whole answer of /jwt may be pasted.
    const page = await text(emulator.url, JSON.stringify({ jwt }));
    for (const part of ['The token is right', 'user-1', 'ada@example.com', 'Zoë', 'HS256', '&quot;expires&quot;']) {
      expect(page).toContain(part);
    }
    expect(emulator.calls).toEqual([]);
  });

  it('an expired token, a changed one, one of another key and one without a user are told apart', async () => {
    let time = Date.now();
    const emulator = await start({ now: () => time });
    const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
    const other = new VortexClient('VRTX.AAAAAAAAAAAAAAAAAAAAAA.other');
    const user = { id: 'user-1' };
    expect(await text(emulator.url, await other.generateJwt({ user }))).toContain('not signed with the API key');
    const [header, , signature] = (await client.generateToken({ user })).split('.');
    const [, claims] = (await client.generateToken({ user: { id: 'user-2' } })).split('.');
    expect(await text(emulator.url, `${header}.${claims}.${signature}`)).toContain(
      'It was changed after it was signed',
    );
    expect(await text(emulator.url, await client.generateToken({}))).toContain('no user.id');
    expect(await text(emulator.url, 'nothing')).toContain('three parts');
    const token = await client.generateToken({ user }, { expiresIn: '1h' });
    time += 2 * 60 * 60 * 1000;
    expect(await text(emulator.url, token)).toContain('The token expired at');
  });

  it('text that is no token is refused, and not decoded', async () => {
    const emulator = await start();
    const page = await text(emulator.url, 'nothing');
    expect(page).toContain('does not have the three parts');
    expect(page).not.toContain('aria-label="Header"');
  });

  it('a token of the older format with a scope is said not to be held to it', async () => {
    const emulator = await start();
    const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
    const jwt = await client.generateJwt({ user: { id: 'user-1' }, scope: 'team:team-1' });
    expect(await text(emulator.url, jwt)).toContain('A token of the older format is not held to these.');
  });

  it('a pasted text of 1,000,000 letters is judged within the time limit of a test', async () => {
    const emulator = await start();
    expect(await text(emulator.url, 'a'.repeat(1_000_000))).toContain('does not have the three parts');
  });

  it('a token from another site is refused', async () => {
    const emulator = await start();
    expect((await judge(emulator.url, 'x', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });
});

describe('the stream of changes', () => {
  /** Opens the stream. Returns a function that reads up to a word, and returns what it has read. */
  const follow = async (url: string) => {
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const response = await fetch(`${url}/events`, { signal: controller.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const until = async (word: string) => {
      let received = '';
      while (!received.includes(`data: ${word}\n`)) received += (await stream?.read())?.value ?? '';
      return received;
    };
    await until('open');
    return until;
  };

  it('each request, change of faults and move of the clock is announced, and nothing without a change', async () => {
    const emulator = await start();
    const until = await follow(emulator.url);
    await call(emulator, 'GET /api/v1/invitations/x');
    expect(await until('call')).toBe('data: call\n\n');
    emulator.fault('POST /api/v1/invitations', { status: 503 });
    await until('faults');
    await fetch(`${emulator.url}/_emulator/clock`, { method: 'PUT', body: '{"advance":1}' });
    await until('clock');
    emulator.reset();
    await until('reset');
  });

  it('an attempt that a reset breaks off is not announced', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => {
      silent.close();
      silent.closeAllConnections();
    });
    await once(silent, 'listening');
    const emulator = await start({ webhookUrl: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` });
    const until = await follow(emulator.url);
    await Promise.all([once(silent, 'request'), invite(emulator, { target: { type: 'internal', value: 'user-2' } })]);
    emulator.reset();
    await emulator.settled();
    emulator.fault('POST /api/v1/invitations', { status: 503 });
    expect(await until('faults')).not.toContain('data: attempt');
  });

  it('another site cannot read it', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/events`, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  });

  it('the emulator closes while a page is open', async () => {
    const emulator = await start();
    const response = await fetch(`${emulator.url}/events`);
    await emulator.close();
    await expect(response.text()).rejects.toThrow('terminated');
  });
});

describe('host name', () => {
  /** Returns the status for a given `Host` header, which `fetch` cannot set. */
  const statusFor = (url: string, host: string, path: string) =>
    new Promise((resolve, reject) => {
      request(url + path, { headers: { host } }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });

  it.each(['/', '/events', '/i/x', '/api/v1/invitations/x'])(
    '%s is served for loopback host names only',
    async (path) => {
      const { url } = await start();
      const { port } = new URL(url);
      for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.evil.example']) {
        expect(await statusFor(url, host, path)).toBe(403);
      }
      for (const host of ['localhost', `127.0.0.1:${port}`, `[::1]:${port}`, 'app.localhost']) {
        expect(await statusFor(url, host, path)).not.toBe(403);
      }
    },
  );

  it('every host name is served if the emulator listens on all addresses', async () => {
    const { url } = await start({ host: '0.0.0.0' });
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    expect(await statusFor(url.replace('localhost', '127.0.0.1'), 'emulator.internal', '/')).toBe(200);
  });
});
