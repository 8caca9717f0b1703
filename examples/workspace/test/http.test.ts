/** Tests the three HTTP layers with the same requests, over real sockets. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../server/domain/database.js';
import { sessions } from '../server/domain/schema.js';
import { servers } from '../server/settings.js';
import { type App, openEmptyMemory, startApp } from './app.js';

describe.each(servers)('%s', (server) => {
  let app: App;
  let db: Database;
  beforeAll(async () => {
    const open = await openEmptyMemory();
    db = open.db;
    app = await startApp({ server, open: async () => open });
  });
  afterAll(() => app?.close());

  const call = (path: string, { headers, ...init }: RequestInit = {}) =>
    fetch(app.url + path, {
      ...init,
      headers: { origin: app.url, ...(init.body && { 'content-type': 'application/json' }), ...headers },
    });
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    call(path, { method: 'POST', body, headers });
  const signIn = async (userId: string) => {
    const response = await post('/api/session/demo', JSON.stringify({ userId }));
    return response.headers.get('set-cookie') ?? '';
  };

  it.each(['/', '/teams/harbor', '/invitation?invitationId=x', '/no.such.page'])(
    'GET %s answers with the page',
    async (path) => {
      const response = await fetch(app.url + path);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('<div id="root">');
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': expect.stringContaining('text/html'),
        'content-security-policy': expect.stringContaining("default-src 'self'"),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cache-control': 'no-cache',
      });
    },
  );

  it('a file below /assets is cached for a year', async () => {
    const page = await (await fetch(app.url)).text();
    const [asset = ''] = /\/assets\/[^"]+\.js/u.exec(page) ?? [];
    const response = await fetch(app.url + asset);
    expect([response.status, response.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ]);
    expect((await fetch(`${app.url}/assets/none.js`)).status).toBe(404);
  });

  it('the script is sent compressed to a browser that accepts it', async () => {
    const page = await (await fetch(app.url)).text();
    const [asset = ''] = /\/assets\/[^"]+\.js/u.exec(page) ?? [];
    const sizes: number[] = [];
    for (const encoding of ['br', 'identity']) {
      const { headers, body } = await new Promise<{ headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
        request(app.url + asset, { headers: { 'accept-encoding': encoding } }, async (response) => {
          resolve({ headers: response.headers, body: Buffer.concat(await response.toArray()) });
        })
          .on('error', reject)
          .end();
      });
      expect(headers['content-type']).toContain('javascript');
      expect(headers['cache-control']).toContain('immutable');
      expect(headers['content-encoding']).toBe(encoding === 'br' ? 'br' : undefined);
      sizes.push(body.length);
    }
    expect(sizes[0]).toBeLessThan(0.4 * (sizes[1] ?? 0));
  });

  it.each<
    [
      method: string,
      path: string,
      body: string | undefined,
      headers: Record<string, string>,
      status: number,
      code: string,
    ]
  >([
    ['GET', '/api/none', undefined, {}, 404, 'NOT_FOUND'],
    ['GET', '/api?x', undefined, {}, 404, 'NOT_FOUND'],
    ['GET', '/api/teams/harbor', undefined, {}, 401, 'UNAUTHENTICATED'],
    ['GET', '/api/events', undefined, {}, 401, 'UNAUTHENTICATED'],
    ['POST', '/api/vortex/jwt', undefined, {}, 401, 'UNAUTHENTICATED'],
    ['POST', '/api/session', '{"email":', {}, 400, 'INVALID_REQUEST'],
    ['POST', '/api/session', '{"email":7}', {}, 400, 'INVALID_REQUEST'],
    ['POST', '/api/session', '{"email":"zoe"}', {}, 400, 'INVALID_REQUEST'],
    ['POST', '/api/session', '[]', {}, 400, 'INVALID_REQUEST'],
    ['POST', '/api/session', '{"email":"zoe@example.com","next":"//evil.example"}', {}, 400, 'INVALID_REQUEST'],
    ['POST', '/api/session', '{"email":"zoe@example.com","next":"/\\\\evil.example"}', {}, 400, 'INVALID_REQUEST'],
    ['POST', '/api/session', '{"email":"zoe@example.com","next":"/\\t/evil.example"}', {}, 400, 'INVALID_REQUEST'],
    ['POST', '/api/session', '{"email":"zoe@example.com","next":"https://evil.example"}', {}, 400, 'INVALID_REQUEST'],
    ['POST', '/api/session/demo', '{"userId":"nobody"}', {}, 400, 'INVALID_REQUEST'],
    ['POST', '/api/session/link', '{"token":"none"}', {}, 410, 'LINK_EXPIRED'],
    ['POST', '/api/session', `{"email":"${'x'.repeat(70_000)}"}`, {}, 413, 'INVALID_REQUEST'],
    ['POST', '/api/session/demo', '{"userId":"ada"}', { origin: 'https://evil.example' }, 403, 'CROSS_SITE_REQUEST'],
    ['POST', '/api/session/demo', '{"userId":"ada"}', { 'sec-fetch-site': 'same-site' }, 403, 'CROSS_SITE_REQUEST'],
    ['DELETE', '/api/session', undefined, { origin: 'null' }, 403, 'CROSS_SITE_REQUEST'],
    ['POST', '/webhooks/vortex', '{"id":"1","type":"group.member.added"}', {}, 401, 'INVALID_SIGNATURE'],
  ])('%s %s with the body %.70s is refused', async (method, path, body, headers, status, code) => {
    const response = await call(path, { method, headers, ...(body !== undefined && { body }) });
    expect([response.status, await response.json()]).toEqual([status, { code, error: expect.any(String) }]);
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'a body of the type %s, which a form can send, is refused',
    async (type) => {
      const response = await post('/api/session/demo', '{"userId":"ada"}', { 'content-type': type });
      expect([400, 415]).toContain(response.status);
      expect(response.headers.get('set-cookie')).toBeNull();
    },
  );

  it('signing in sets a cookie that scripts cannot read, and signing out deletes it', async () => {
    const cookie = await signIn('ada');
    expect(cookie).toMatch(/^roster=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Expires=/u);
    const me = async () => (await call('/api/me', { headers: { cookie } })).json();
    expect(await me()).toMatchObject({ user: { id: 'ada' }, teams: [{ id: 'harbor', role: 'admin' }] });
    const out = await call('/api/session', { method: 'DELETE', headers: { cookie } });
    expect(out.headers.get('set-cookie')).toContain(
      'roster=; Path=/; HttpOnly; SameSite=Lax; Expires=Thu, 01 Jan 1970',
    );
    expect(await me()).toEqual({ user: null, teams: [] });
  });

  it('signing in as another user ends the session that the browser had, and its event streams', async () => {
    const [old] = (await signIn('ada')).split(';');
    const me = async (cookie = '') => (await (await call('/api/me', { headers: { cookie } })).json()).user?.id;
    const page = await call('/api/events', { headers: { cookie: old ?? '' } });
    const signInOver = (userId: string) => post('/api/session/demo', JSON.stringify({ userId }), { cookie: old ?? '' });
    expect((await signInOver('unknown-user')).status).toBe(400);
    expect(await me(old)).toBe('ada');
    const response = await signInOver('tomas');
    expect(await page.text()).toContain('retry');
    expect([await me(old), await me(response.headers.get('set-cookie') ?? '')]).toEqual([undefined, 'tomas']);
  });

  it.each([
    [
      'link',
      async () => {
        await post('/api/session', JSON.stringify({ email: 'zoe@example.com' }));
        const { mails } = await (await call('/api/demo/outbox')).json();
        return { token: new URL(mails[0].link).searchParams.get('token') };
      },
    ],
    ['demo', async () => ({ userId: 'zoe' })],
  ])(
    'a sign-in by %s that cannot end the session of the browser changes nothing, and can be tried again',
    async (by, prepare) => {
      const [cookie = ''] = (await signIn('ada')).split(';');
      const body = JSON.stringify(await prepare());
      const follow = () => post(`/api/session/${by}`, body, { cookie });
      const before = await db.$count(sessions);
      await db.execute(sql`create or replace function refuse() returns trigger language 'plpgsql' as $$
      begin raise exception 'refused by the test'; end $$`);
      await db.execute(sql`create trigger refuse before delete on sessions for each row execute function refuse()`);
      const allow = () => db.execute(sql`drop trigger if exists refuse on sessions`);
      onTestFinished(async () => void (await allow()));
      const refused = await follow();
      expect([refused.status, refused.headers.get('set-cookie')]).toEqual([500, null]);
      expect(await db.$count(sessions)).toBe(before);
      await allow();
      expect((await follow()).status).toBe(200);
      expect(await db.$count(sessions)).toBe(before);
    },
  );

  it('an open page gets an event when an invitation is created', async () => {
    const cookie = await signIn('ada');
    const leaving = new AbortController();
    const response = await call('/api/events', { headers: { cookie }, signal: leaving.signal });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': expect.stringContaining('text/event-stream'),
      'cache-control': 'no-store',
    });
    const invited = await post(
      '/api/vortex/invitations',
      JSON.stringify({
        widgetConfigurationId: 'any',
        target: { type: 'email', value: 'zoe@example.com' },
        scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
      }),
      { cookie },
    );
    expect(invited.status).toBe(200);
    let received = '';
    for await (const chunk of response.body ?? []) {
      received += Buffer.from(chunk).toString();
      if (received.includes('data:')) break;
    }
    expect(received).toContain('data: {"about":"team","teamId":"harbor"}\n\n');
    leaving.abort();
  });

  it('an invitation that Vortex refuses to look up for now is not reported as missing', async () => {
    app.emulator?.fault('GET /api/v1/invitations/:invitationId', { status: 429 });
    const limited = await call('/api/invitations/any');
    expect([limited.status, (await limited.json()).code]).toEqual([429, 'RATE_LIMITED']);
    app.emulator?.fault('GET /api/v1/invitations/:invitationId', { times: 0 });
    for (const id of ['none', 'accept', encodeURIComponent('../any')]) {
      const missing = await call(`/api/invitations/${id}`);
      expect([missing.status, (await missing.json()).code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('a webhook about an invitation that was deleted is answered with 200 and adds no member', async () => {
    const { emulator } = app;
    const cookie = await signIn('ada');
    const body = {
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'mei@orchard.example' },
      scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
    };
    const { id } = await (await post('/api/vortex/invitations', JSON.stringify(body), { cookie })).json();
    const announce = async (data: object) => {
      emulator?.announce('group.member.added', id, { ...data });
      await emulator?.settled();
      expect(emulator?.deliveries.at(-1)).toMatchObject({ attempts: [{ status: 200 }] });
      const { members } = await (await call('/api/teams/harbor', { headers: { cookie } })).json();
      return members.some((member: { id: string }) => member.id === 'mei');
    };
    expect(await announce({ invitationId: 'unknown' })).toBe(false);
    expect(await announce({})).toBe(true);
  });

  it.each([
    ['a request to the outbox with another host is refused with 421', '/api/demo/outbox', true],
    // Webhooks are accepted for any host, since their signature is checked.
    ['a webhook with another host is not refused with 421', '/webhooks/vortex', false],
  ])('%s', async (_, path, isRefused) => {
    const { port } = new URL(app.url);
    const status = await new Promise((resolve, reject) => {
      const options = {
        port,
        host: '127.0.0.1',
        path,
        headers: { host: `rebound.example:${port}` },
      };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status === 421).toBe(isRefused);
  });
});
