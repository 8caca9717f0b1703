/** Tests the record of requests: what it keeps, and what it removes. */
import { VortexClient } from '@vortex/core';
import { connectEmulator, createEmulator, type Emulator } from '@vortex/emulator';
import { describe, expect, it } from 'vitest';
import { redactor } from '../src/redact.js';
import { linesOf } from '../src/terminal.js';
import { call, invite, newInvitation, start } from './helpers.js';

const tokenFor = (emulator: Emulator) => {
  const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url, fetch: emulator.fetch });
  return client.generateToken({ user: { id: 'user-1' } }, { expiresIn: '1h' });
};

describe('the record of requests', () => {
  it('a request is recorded with its caller, its body, its reply and its duration', async () => {
    const emulator = await start();
    const sdk = { 'x-vortex-sdk-name': 'vortex-node-sdk', 'x-vortex-sdk-version': '0.20.0' };
    const body = newInvitation();
    const reply = await call(emulator, 'POST /api/v1/invitations', body, sdk);
    const [recorded] = emulator.calls;
    expect(recorded).toMatchObject({
      api: 'server',
      method: 'POST',
      path: '/api/v1/invitations',
      status: 201,
      duration: expect.any(Number),
      caller: 'vortex-node-sdk/0.20.0',
      user: null,
      faulty: false,
    });
    expect(JSON.parse(recorded?.request.body ?? '')).toEqual(body);
    expect(JSON.parse(recorded?.reply.body ?? '')).toEqual(reply.body);
  });

  it.each([
    [
      'Chrome 130',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
    ],
    [
      'Edge 131',
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0',
    ],
    ['Safari 18', 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15'],
    ['Firefox 132', 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'],
    ['curl/8.5', 'curl/8.5'],
  ])('the caller %s is recorded by its name and version', async (name, agent) => {
    const emulator = await start();
    await call(emulator, 'GET /api/v1/invitations/x', undefined, { 'user-agent': agent });
    expect(emulator.calls[0]?.caller).toBe(name);
  });

  it.each([
    'GET /invitations?targetType=email&targetValue=grace%40example.com',
    'GET /invitations/x',
    'POST /invitations',
    'GET /',
    'POST /token',
  ])('%s with an API key is recorded, and is answered with a JSON 404 instead of a page', async (route) => {
    const emulator = await start();
    const body = route.startsWith('POST') ? {} : undefined;
    const reply = await call(emulator, route, body, { accept: '*/*' });
    const [method, path = ''] = route.split(' ');
    const message = `Cannot ${method} ${path.split('?')[0]}`;
    expect(reply).toEqual({ status: 404, body: { statusCode: 404, message, error: 'Not Found' } });
    expect(emulator.calls).toMatchObject([{ api: 'server', method, path, status: 404 }]);
  });

  it.each(['/api/v2/x', '/api/v1/x', '/i/x/y/z'])('a request for %s is recorded once', async (path) => {
    const emulator = await start();
    await call(emulator, `GET ${path}`);
    expect(emulator.calls).toMatchObject([{ path, status: 404 }]);
  });

  it('a request in process is recorded before its promise resolves', async () => {
    const emulator = createEmulator();
    const body = JSON.stringify(newInvitation());
    await emulator.fetch(`${emulator.url}/api/v1/invitations`, { method: 'POST', body });
    expect(emulator.calls).toMatchObject([{ status: 401, request: { body }, reply: { body: expect.any(String) } }]);
  });

  it('a request of the client API is recorded with the user of its token, and a preflight is not', async () => {
    const emulator = await start();
    const headers = { authorization: `Bearer ${await tokenFor(emulator)}` };
    await fetch(`${emulator.url}/api/v1/invitations/sent`, { headers });
    await fetch(`${emulator.url}/api/v1/invitations/sent`, { method: 'OPTIONS' });
    expect(emulator.calls).toMatchObject([{ api: 'client', user: 'user-1', status: 200 }]);
  });

  it('API keys and tokens are removed from headers, paths and bodies, and the id of the key stays', async () => {
    const emulator = await start();
    const token = await tokenFor(emulator);
    const other = 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.the-secret-of-another-key';
    const body = { ...newInvitation(), metadata: { token, key: emulator.apiKey, other } };
    await call(emulator, `POST /api/v1/invitations?token=${token}`, body, {
      cookie: 'session=1',
      authorization: token,
    });
    await fetch(`${emulator.url}/api/v1/invitations`, { headers: { authorization: `Bearer ${token}` } });
    const text = JSON.stringify(emulator.calls);
    const [, , secret = ''] = emulator.apiKey.split('.');
    for (const hidden of [secret, token, token.split('.')[2], 'the-secret-of', 'session=1'])
      expect(text).not.toContain(hidden);
    expect(emulator.calls[0]?.request.headers['x-api-key']).toBe('VRTX.wP_uAA5NShufWsD_7gAOTQ.[removed]');
    expect(emulator.calls[1]?.request.headers.authorization).toBe('Bearer [removed]');
  });

  it.each([
    ['after an escaped space', '%20eyJa.b.c', '%20[token removed]'],
    ['after letters', 'x-eyJa.b.c', 'x-[token removed]'],
    ['after a part with a dot', 'a.eyJeyJa.b.c.d', 'a.[token removed].d'],
    ['with only two parts', 'eyJa.b', 'eyJa.b'],
  ])('a token %s is found in %j', (_, text, clean) => {
    expect(redactor([])(text)).toBe(clean);
  });

  it.each(['eyJ', 'eyJ.', 'eyJa.b ', 'VRTX.a ', 'VRTX-'])(
    'secrets are looked for in 1 MB of %j within the time limit of a test',
    (part) => {
      const text = part.repeat(Math.floor(1_000_000 / part.length));
      expect(redactor([])(text)).toHaveLength(text.length);
    },
  );

  it('the newest 500 requests are kept, with 16,384 characters of a body', async () => {
    const emulator = createEmulator();
    const ask = (path: string, body: string) =>
      emulator.fetch(`${emulator.url}/api/v1/${path}`, {
        method: 'POST',
        headers: { 'x-api-key': emulator.apiKey },
        body,
      });
    await ask('invitations', JSON.stringify(newInvitation({ metadata: { text: 'é'.repeat(20_000) } })));
    expect(emulator.calls[0]?.request.body).toHaveLength(16_384);
    expect(emulator.calls[0]?.request.bytes).toBeGreaterThan(40_000);
    for (let n = 0; n < 501; n += 1) await ask(String(n), '');
    expect(emulator.calls).toHaveLength(500);
    expect(emulator.calls[0]?.path).toBe('/api/v1/1');
  });

  it('a broken connection is recorded without a status, and a late reply with its delay', async () => {
    const emulator = await start();
    const route = 'GET /api/v1/invitations/:invitationId';
    const read = () => fetch(`${emulator.url}/api/v1/invitations/x`, { headers: { 'x-api-key': emulator.apiKey } });
    emulator.fault(route, { reset: true, times: 1 });
    await expect(read()).rejects.toThrow('fetch failed');
    emulator.fault(route, { delay: 30, times: 1 });
    await read();
    expect(emulator.calls).toMatchObject([
      { status: null, faulty: true },
      { status: 404, faulty: true },
    ]);
    expect(emulator.calls[1]?.duration).toBeGreaterThan(25);
  });

  it('a click on the link of an invitation is recorded', async () => {
    const emulator = await start();
    const { shortLink } = await invite(emulator);
    await fetch(shortLink);
    expect(emulator.calls.at(-1)).toMatchObject({ api: 'link', status: 200, path: new URL(shortLink).pathname });
  });

  it('another process reads the requests, and reset() forgets them', async () => {
    const emulator = await start();
    await invite(emulator);
    const connected = connectEmulator(emulator.url);
    expect(await connected.calls()).toEqual(emulator.calls);
    emulator.reset();
    expect(await connected.calls()).toEqual([]);
  });

  it('the lines of the program have no control characters of a path or a token', async () => {
    const emulator = await start();
    await call(emulator, 'GET /api/v1/a%1b%5b2J%c2%9b2J');
    const header = Buffer.from(JSON.stringify({ alg: 'x\u009b2J\u007f' })).toString('base64url');
    await fetch(`${emulator.url}/api/v1/invitations`, { headers: { authorization: `Bearer ${header}.e30.x` } });
    const lines = emulator.calls.flatMap((record) => linesOf({ kind: 'call', record }, emulator.url));
    expect(lines.join(' ')).toContain('Cannot GET /api/v1/a\ufffd[2J\ufffd2J');
    expect(lines.join(' ')).toContain('alg "x\ufffd2J\ufffd"');
    expect(lines.join(' ')).not.toMatch(/\p{Cc}/u);
  });
});
