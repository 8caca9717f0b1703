/** Tests several servers on one PostgreSQL, and a PostgreSQL that hangs. */
import { hasPostgres, needsPostgres, type Postgres, startPostgres } from '@vortex/conformance/postgres';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type App, startApp } from './app.js';

const undo: (() => unknown)[] = [];

describe.skipIf(!hasPostgres)(`servers on one PostgreSQL${needsPostgres}`, () => {
  let postgres: Postgres;
  let url: string;
  let count = 0;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());
  beforeEach(async () => {
    count += 1;
    const client = new pg.Client(postgres.url);
    await client.connect();
    await client.query(`create database test${count}`);
    await client.end();
    url = new URL(`/test${count}`, postgres.url).href;
  });
  afterEach(async () => {
    for (const each of undo.splice(0).reverse()) await each();
  });

  const start = async () => {
    const app = await startApp({ database: { url } });
    undo.push(() => app.close());
    return app;
  };
  const call = (app: App, path: string, { headers, ...init }: RequestInit = {}) =>
    fetch(app.url + path, {
      ...init,
      headers: { origin: app.url, ...(init.body && { 'content-type': 'application/json' }), ...headers },
    });
  const signIn = async (app: App, userId: string) => {
    const response = await call(app, '/api/session/demo', { method: 'POST', body: JSON.stringify({ userId }) });
    return response.headers.get('set-cookie') ?? '';
  };

  it('two servers that start at once on an empty database both run, and a page of either gets the events of the other', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const cookie = await signIn(one, 'ada');
    const leaving = new AbortController();
    const page = await call(two, '/api/events', { headers: { cookie }, signal: leaving.signal });
    expect(page.status).toBe(200);
    const invited = await call(one, '/api/vortex/invitations', {
      method: 'POST',
      headers: { cookie },
      body: JSON.stringify({
        widgetConfigurationId: 'any',
        target: { type: 'email', value: 'zoe@example.com' },
        scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
      }),
    });
    expect(invited.status).toBe(200);
    let received = '';
    for await (const chunk of page.body ?? []) {
      received += Buffer.from(chunk).toString();
      if (received.includes('data:')) break;
    }
    expect(received).toContain('data: {"about":"team","teamId":"harbor"}\n\n');
    leaving.abort();
  });

  it('signing out at one server ends the streams of the user at the other', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const cookie = await signIn(one, 'ada');
    const page = await call(two, '/api/events', { headers: { cookie } });
    const ended = page.text();
    expect((await call(one, '/api/session', { method: 'DELETE', headers: { cookie } })).status).toBeLessThan(300);
    expect(await ended).toContain('retry');
  });

  it('a request to a server whose PostgreSQL hangs is answered with a 5xx, and works again once it answers', async () => {
    const app = await start();
    const cookie = await signIn(app, 'ada');
    const me = (signal?: AbortSignal) => call(app, '/api/me', { headers: { cookie }, ...(signal && { signal }) });
    const token = (signal: AbortSignal) =>
      call(app, '/api/vortex/jwt', { method: 'POST', headers: { cookie }, signal });
    postgres.hang(true);
    try {
      // More requests than the pool has connections.
      const limit = () => AbortSignal.timeout(5000);
      const answers = await Promise.all([...Array.from({ length: 15 }, () => me(limit())), token(limit())]);
      expect(answers.map(({ status }) => status >= 500)).toEqual(answers.map(() => true));
    } finally {
      postgres.hang(false);
    }
    await expect.poll(async () => (await me()).status, { timeout: 20_000 }).toBe(200);
  });
});
