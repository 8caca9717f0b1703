/** Tests several servers on one PostgreSQL, and a PostgreSQL that hangs or drops connections. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { hasPostgres, needsPostgres, type Postgres, startPostgres } from '@vortex/conformance/postgres';
import { webhookEvent, webhookRequest } from '@vortex/core/testing';
import { DEFAULT_WEBHOOK_SECRET } from '@vortex/emulator';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../server/domain/database.js';
import { type App, startApp } from './app.js';

const undo: (() => unknown)[] = [];

/** The startup parameters that PgBouncer accepts by default. */
const ACCEPTED = new Set([
  'user',
  'database',
  'application_name',
  'client_encoding',
  'DateStyle',
  'IntervalStyle',
  'TimeZone',
  'standard_conforming_strings',
]);

/** Starts a proxy that refuses the connections that PgBouncer refuses by default. Returns the URL of the database behind it. */
async function startProxy(url: string): Promise<string> {
  const { port, hostname } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', (startup) => {
      // The length and the version of the protocol, and then names and values.
      const words = startup.subarray(8).toString().split('\0');
      const refused = words.find((word, index) => index % 2 === 0 && word && !ACCEPTED.has(word));
      if (refused) {
        const fields = { S: 'FATAL', C: '08P01', M: `unsupported startup parameter: ${refused}` };
        const text = `${Object.entries(fields)
          .map(([name, value]) => `${name}${value}\0`)
          .join('')}\0`;
        const head = Buffer.from('E\0\0\0\0');
        head.writeInt32BE(4 + text.length, 1);
        socket.end(Buffer.concat([head, Buffer.from(text)]));
        return;
      }
      const behind = connectTo(Number(port), hostname);
      sockets.add(behind.on('error', () => {}));
      behind.write(startup);
      socket.pipe(behind).pipe(socket);
    });
  });
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return Object.assign(new URL(url), { port: (server.address() as AddressInfo).port }).href;
}

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

  const inviteZoe = async (app: App, cookie: string): Promise<string> => {
    const response = await call(app, '/api/vortex/invitations', {
      method: 'POST',
      headers: { cookie },
      body: JSON.stringify({
        widgetConfigurationId: 'any',
        target: { type: 'email', value: 'zoe@example.com' },
        scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
      }),
    });
    expect(response.status).toBe(200);
    return (await response.json()).id;
  };
  /** Invites Zoë. Returns functions that deliver the event of her acceptance, and look whether she is a member. */
  const joinZoe = async (app: App) => {
    const cookie = await signIn(app, 'ada');
    const invitationId = await inviteZoe(app, cookie);
    await app.emulator?.settled();
    const event = webhookEvent('group.member.added', {
      data: { invitationId, scope: 'harbor', scopeType: 'team', user: { email: 'zoe@example.com' } },
    });
    const deliver = async () => {
      const sent = await webhookRequest(event, DEFAULT_WEBHOOK_SECRET);
      return (await fetch(`${app.url}/webhooks/vortex`, { method: 'POST', ...sent })).status;
    };
    const isMember = async () => {
      const { members } = await (await call(app, '/api/teams/harbor', { headers: { cookie } })).json();
      return members.some((member: { id: string }) => member.id === 'zoe');
    };
    return { deliver, isMember };
  };
  const connect = async () => {
    const client = new pg.Client(url);
    await client.connect();
    undo.push(() => client.end());
    return client;
  };

  it('two servers that start at once on an empty database both run, and a page of either gets the events of the other', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const cookie = await signIn(one, 'ada');
    const leaving = new AbortController();
    const page = await call(two, '/api/events', { headers: { cookie }, signal: leaving.signal });
    expect(page.status).toBe(200);
    await inviteZoe(one, cookie);
    let received = '';
    for await (const chunk of page.body ?? []) {
      received += Buffer.from(chunk).toString();
      if (received.includes('data:')) break;
    }
    expect(received).toContain('data: {"about":"team","teamId":"harbor"}\n\n');
    leaving.abort();
  });

  it('connections through a proxy that refuses startup parameters, as PgBouncer does, are opened and have timeouts', async () => {
    const { db, close } = await openDatabase({ url: await startProxy(url) });
    undo.push(close);
    const read = sql`select current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle`;
    // More than one connection.
    const answers = await Promise.all([db.execute(read), db.execute(read), db.transaction((tx) => tx.execute(read))]);
    const timeouts = { statement: '1500ms', idle: '30s' };
    expect(answers).toMatchObject(answers.map(() => ({ rows: [timeouts] })));
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

  it('a connection that is lost while a webhook handler waits for Vortex fails only that delivery', async () => {
    const app = await start();
    const { deliver, isMember } = await joinZoe(app);
    const client = await connect();
    app.emulator?.fault('GET /api/v1/invitations/:invitationId', { delay: 2000, times: 1 });
    const first = deliver();
    // The last statement before the call of Vortex.
    const end = `select pg_terminate_backend(pid) from pg_stat_activity
      where state = 'idle in transaction' and query like '%from "users"%'`;
    await expect.poll(async () => (await client.query(end)).rowCount).toBe(1);
    expect([await first, await isMember()]).toEqual([500, false]);
    expect([await deliver(), await isMember()]).toEqual([200, true]);
  });

  it('a webhook that waits too long for a lock is answered with 503, and is handled by the next delivery', async () => {
    const app = await start();
    const { deliver, isMember } = await joinZoe(app);
    const other = await connect();
    await other.query('begin');
    await other.query('lock table webhooks in exclusive mode');
    expect(await deliver()).toBe(503);
    await other.query('rollback');
    expect([await deliver(), await isMember()]).toEqual([200, true]);
  });

  it('transactions that a hanging PostgreSQL does not begin take no connections from later requests', async () => {
    const app = await start();
    const cookie = await signIn(app, 'ada');
    const me = async () => (await call(app, '/api/me', { headers: { cookie } })).status;
    const follow = async () =>
      (await call(app, '/api/session/link', { method: 'POST', body: JSON.stringify({ token: 'none' }) })).status;
    // Opens all connections of the pool.
    await Promise.all(Array.from({ length: 15 }, me));
    postgres.hang(true);
    try {
      const answers = await Promise.all(Array.from({ length: 10 }, follow));
      expect(answers).toEqual(answers.map(() => 500));
    } finally {
      postgres.hang(false);
    }
    await expect.poll(me).toBe(200);
    expect(await follow()).toBe(410);
  });
});
