/** Connections of the client on Node over real sockets: what was sent, how old they get, and how replies are decoded. */
import { spawnSync } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { memoryStore, SDK_VERSION, VortexClient, type VortexClientOptions } from '@vortex/core';
import { bodyFromKept, createRoutes } from '@vortex/core/adapter';
import { Agent, EnvHttpProxyAgent, getGlobalDispatcher, MockAgent, setGlobalDispatcher } from 'undici';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { failure, KEY } from './helpers.ts';

const open = new Set<() => void>();
const dispatcherOfFetch = getGlobalDispatcher();
const NEWER = Symbol.for('undici.globalDispatcher.2');
const dispatcherOfUndici8: unknown = Reflect.get(globalThis, NEWER);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  setGlobalDispatcher(dispatcherOfFetch);
  Reflect.set(globalThis, NEWER, dispatcherOfUndici8);
  for (const close of open) close();
  open.clear();
});

async function listen(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  open.add(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const http = async (answer: RequestListener) => `http://127.0.0.1:${await listen(createHttpServer(answer))}`;
const tcp = (behave: (socket: Socket) => void) =>
  listen(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      behave(socket);
    }),
  );

async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  return port;
}

/** Resolves every name to an address, or fails with a code, once `onLookup` tells it to. */
function resolveNames(to: { address: string } | { code: string }, onLookup = (resolve: () => void) => resolve()) {
  vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, options: dns.LookupOptions, done: CallableFunction) => {
    onLookup(() => {
      if ('code' in to) {
        done(Object.assign(new Error(`getaddrinfo ${to.code}`), { code: to.code, syscall: 'getaddrinfo' }));
      } else if (options.all) {
        done(null, [{ address: to.address, family: 4 }]);
      } else {
        done(null, to.address, 4);
      }
    });
  }) as unknown as typeof dns.lookup);
}

describe.each<[string, VortexClientOptions]>([
  ['the pool', {}],
  ['fetch', { fetch: globalThis.fetch }],
])('by %s', (_, by) => {
  const clientOf = (baseUrl: string, options: VortexClientOptions = {}) =>
    new VortexClient(KEY, { baseUrl, ...by, ...options });

  test.each<[string, () => Promise<string>]>([
    ['is refused', async () => `http://127.0.0.1:${await closedPort()}`],
    ['goes to an address without a route', async () => 'http://255.255.255.255:8080'],
    ['goes to a name that DNS cannot find', async () => 'http://vortex.invalid'],
    [
      'goes to a name for which DNS fails with a rare code',
      async () => {
        resolveNames({ code: 'ESERVFAIL' });
        return 'http://vortex.test';
      },
    ],
    ['is closed in the TLS handshake', async () => `https://127.0.0.1:${await tcp((socket) => void socket.end())}`],
  ])('a POST whose connection %s rejects with UPSTREAM_UNREACHABLE', async (_name, start) => {
    const error = await failure(clientOf(await start(), { allowInsecureHttp: true }).reinvite('i'));
    expect([error.code, error.cause]).toEqual([
      'UPSTREAM_UNREACHABLE',
      expect.objectContaining({ failure: 'unreachable' }),
    ]);
  });

  test('an exchange asks for no compression, and names this package unless the application sends another User-Agent', async () => {
    let headers: IncomingMessage['headers'] = {};
    const url = await http((request, response) => {
      headers = request.headers;
      response.end('{"id":"i"}');
    });
    await clientOf(url).getInvitation('i');
    expect(headers['accept-encoding']).toBe('identity');
    expect(headers['user-agent']).toBe(`vortex-typescript/${SDK_VERSION}`);
    await clientOf(url, { headers: { 'User-Agent': 'harbor/1' } }).getInvitation('i');
    expect(headers['user-agent']).toBe('harbor/1');
  });

  test.each([
    ['in one piece with its length', [1000], true],
    ['in one piece without its length', [1000], false],
    ['byte by byte with its length', Array.from({ length: 1000 }, () => 1), true],
    ['in pieces that grow, with its length', [1, 9, 90, 900], true],
    ['in pieces that shrink, with its length', [900, 90, 9, 1], true],
    ['in pieces that shrink, without its length', [900, 90, 9, 1], false],
  ])('a reply that arrives %s is read whole', async (_name, sizes, hasLength) => {
    const answer = JSON.stringify({ id: 'i', source: 'abcdefghij'.repeat(100).slice(22) });
    expect(answer).toHaveLength(1000);
    const baseUrl = await http(async (_request, response) => {
      response.socket?.setNoDelay();
      if (hasLength) response.setHeader('content-length', 1000);
      let start = 0;
      for (const size of sizes) {
        response.write(answer.slice(start, start + size));
        start += size;
        await nextTurn();
      }
      response.end();
    });
    expect(await clientOf(baseUrl).getInvitation('i')).toEqual(JSON.parse(answer));
  });

  const text = JSON.stringify({ id: 'i', metadata: { filler: 'x'.repeat(1000) } });
  test.each<[string, (bytes: string) => Uint8Array]>([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', Buffer.from],
    ['br, gzip', (bytes) => gzipSync(brotliCompressSync(bytes))],
  ])(
    'a reply with the Content-Encoding %s is read, within maxResponseBytes after decoding',
    async (encoding, encode) => {
      const url = await http((_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(encode(text));
      });
      expect(await clientOf(url).getInvitation('i')).toEqual(JSON.parse(text));
      const error = await failure(clientOf(url, { maxResponseBytes: 500 }).getInvitation('i'));
      expect(error).toMatchObject({
        code: 'UPSTREAM_BAD_RESPONSE',
        cause: { failure: 'too-large', cause: { name: 'TooLargeError', message: 'over 500 bytes' } },
      });
    },
  );

  test('an empty reply with a Content-Encoding is read', async () => {
    const url = await http((_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end());
    expect(await clientOf(url).revokeInvitation('i')).toBeUndefined();
  });

  test('a small reply that decodes to 200 MB is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    const url = await http((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const error = await failure(clientOf(url).getInvitation('i'));
    expect([error.code, error.message]).toEqual(['UPSTREAM_BAD_RESPONSE', expect.stringContaining('maxResponseBytes')]);
  });

  test('a reply that is not what its Content-Encoding says rejects a GET with UPSTREAM_BAD_RESPONSE, a write with OUTCOME_UNKNOWN', async () => {
    let requests = 0;
    const url = await http((_request, response) => {
      requests += 1;
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"id":"i"}');
    });
    expect((await failure(clientOf(url).getInvitation('i'))).code).toBe('UPSTREAM_BAD_RESPONSE');
    expect((await failure(clientOf(url).reinvite('i'))).code).toBe('OUTCOME_UNKNOWN');
    expect(requests).toBe(2);
  });

  test('a 100 Continue that was not asked for is no sign of a closed connection, and the call is not retried', async () => {
    let requests = 0;
    const port = await tcp((socket) => {
      socket.on('data', () => {
        requests += 1;
        socket.write('HTTP/1.1 100 Continue\r\n\r\n');
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"id":"i"}');
      });
    });
    const error = await failure(clientOf(`http://127.0.0.1:${port}`).getInvitation('i'));
    expect([error.code, error.cause]).toEqual([
      'UPSTREAM_BAD_RESPONSE',
      expect.objectContaining({ failure: 'not-http' }),
    ]);
    expect(requests).toBe(1);
  });
});

test('a POST whose connection is reset in the TLS handshake rejects with UPSTREAM_UNREACHABLE', async () => {
  const port = await tcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
  const error = await failure(new VortexClient(KEY, { baseUrl: `https://127.0.0.1:${port}` }).reinvite('i'));
  expect([error.code, error.cause]).toEqual([
    'UPSTREAM_UNREACHABLE',
    expect.objectContaining({ failure: 'unreachable' }),
  ]);
});

test('a Content-Encoding that is written in capitals, beside identity and nothing, is undone', async () => {
  const url = await http((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'GZIP, identity,' }).end(gzipSync('{"id":"i"}'));
  });
  expect(await new VortexClient(KEY, { baseUrl: url }).getInvitation('i')).toEqual({ id: 'i' });
});

test('a Content-Encoding that is unknown, is not that of the bytes, or has more than two steps, rejects with UPSTREAM_BAD_RESPONSE', async () => {
  let encoding = 'compress';
  const url = await http((_request, response) => {
    const bytes = gzipSync(gzipSync(gzipSync('{"id":"i"}')));
    response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
  });
  const client = new VortexClient(KEY, { baseUrl: url });
  const failures: unknown[] = [];
  for (encoding of ['compress', 'constructor', 'gzip, gzip, gzip', 'deflate']) {
    const { code, message, cause } = await failure(client.getInvitation('i'));
    expect(message).toContain('a Content-Encoding that cannot be decoded');
    const { failure: kind, cause: inner } = cause as { failure: string; cause: Error };
    failures.push([code, kind, inner.message]);
  }
  const unknown = 'The Content-Encoding is unknown, or has too many steps.';
  expect(failures).toEqual(
    [unknown, unknown, unknown, expect.any(String)].map((said) => ['UPSTREAM_BAD_RESPONSE', 'undecodable', said]),
  );
});

test('a fetch that throws makes a call reject with a VortexError', async () => {
  const fetch = () => {
    throw new TypeError('no fetch');
  };
  expect((await failure(new VortexClient(KEY, { fetch }).reinvite('i'))).code).toBe('OUTCOME_UNKNOWN');
});

describe('a global dispatcher', () => {
  const anAgent = () => new Agent();
  const limited = () => new Agent({ connections: 1 });
  // By shape: undici 8 needs Node 22.
  const setByUndici8 = (dispatcher: Agent) => {
    Reflect.set(globalThis, NEWER, dispatcher);
    class Dispatcher1Wrapper extends Agent {}
    return new Dispatcher1Wrapper();
  };
  test.each<[kind: string, usesProxies: string, by: 'fetch' | 'the pool', create: () => unknown]>([
    ['that is undefined', '', 'the pool', () => undefined],
    ['that is null', '', 'the pool', () => null],
    ['without options', '', 'the pool', anAgent],
    ['without options', '1', 'the pool', anAgent],
    ['with options', '', 'fetch', limited],
    ['with options', '1', 'fetch', limited],
    ['with an interceptor', '', 'fetch', () => anAgent().compose((dispatch) => dispatch)],
    ['of another class', '', 'fetch', () => new MockAgent()],
    ['of another class', '1', 'fetch', () => new MockAgent()],
    ['of the class that Node itself sets', '', 'fetch', () => new EnvHttpProxyAgent()],
    ['of the class that Node itself sets', '1', 'the pool', () => new EnvHttpProxyAgent()],
    ['that undici 8 sets when it is imported', '', 'the pool', () => setByUndici8(anAgent())],
    ['that undici 8 sets when it is imported', '1', 'the pool', () => setByUndici8(anAgent())],
    ['that the application has set by undici 8', '', 'fetch', () => setByUndici8(limited())],
  ])('beside a global dispatcher %s, with NODE_USE_ENV_PROXY=%s, calls go by %s', async (_, value, by, create) => {
    for (const name of ['HTTP_PROXY', 'http_proxy']) vi.stubEnv(name, undefined);
    vi.stubEnv('NODE_USE_ENV_PROXY', value);
    // `setGlobalDispatcher` refuses undefined and null.
    Reflect.set(globalThis, Symbol.for('undici.globalDispatcher.1'), create());
    const modes: unknown[] = [];
    const url = await http((request, response) => {
      modes.push(request.headers['sec-fetch-mode']);
      response.end('{"id":"i"}');
    });
    expect(await new VortexClient(KEY, { baseUrl: url }).getInvitation('i')).toEqual({ id: 'i' });
    // Only `fetch` sends the header.
    expect(modes).toEqual([by === 'fetch' ? 'cors' : undefined]);
  });
});

test('calls go through the proxy of the environment only if NODE_USE_ENV_PROXY is 1', async () => {
  const proxied: unknown[] = [];
  const proxy = createHttpServer().on('connect', ({ url }, socket: Socket) => {
    proxied.push(url);
    socket.end('HTTP/1.1 502 No\r\n\r\n');
  });
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${await listen(proxy)}`);
  for (const name of ['http_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(name, undefined);
  const url = await http((_request, response) => void response.end('{"id":"i"}'));
  for (const value of [undefined, '0']) {
    vi.stubEnv('NODE_USE_ENV_PROXY', value);
    expect(await new VortexClient(KEY, { baseUrl: url }).getInvitation('i')).toEqual({ id: 'i' });
  }
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  expect((await failure(new VortexClient(KEY, { baseUrl: url }).reinvite('i'))).code).toBe('UPSTREAM_UNREACHABLE');
  expect(proxied).toEqual([new URL(url).host]);
});

test('a POST through a proxy that does not speak HTTP rejects with UPSTREAM_UNREACHABLE', async () => {
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${await tcp((socket) => void socket.end('no HTTP\r\n\r\n'))}`);
  for (const name of ['http_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(name, undefined);
  const client = new VortexClient(KEY, { baseUrl: 'http://api.vortex.test', allowInsecureHttp: true });
  expect(await failure(client.reinvite('i'))).toMatchObject({
    code: 'UPSTREAM_UNREACHABLE',
    cause: { failure: 'unreachable', cause: { name: 'HTTPParserError' } },
  });
});

test('a POST whose connection closes after an interim reply rejects with OUTCOME_UNKNOWN', async () => {
  const port = await tcp((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 103 Early Hints\r\n\r\n'));
  });
  expect(await failure(new VortexClient(KEY, { baseUrl: `http://127.0.0.1:${port}` }).reinvite('i'))).toMatchObject({
    code: 'OUTCOME_UNKNOWN',
    cause: { failure: 'broken' },
  });
});

test('a POST whose signal aborts before it has a connection rejects at once, and is not sent', async () => {
  let requests = 0;
  const url = await http((_request, response) => {
    requests += 1;
    response.end('{"id":"i"}');
  });
  const controller = new AbortController();
  const { signal } = controller;
  let goOn = () => {};
  resolveNames({ address: '127.0.0.1' }, (resolve) => {
    goOn = resolve;
    controller.abort();
  });
  const baseUrl = url.replace('127.0.0.1', 'vortex.test');
  const client = new VortexClient(KEY, { baseUrl, allowInsecureHttp: true });
  expect(await failure(client.reinvite('i', { signal }))).toMatchObject({
    code: 'ABORTED',
    message: 'The call was aborted.',
  });
  goOn();
  await client.close();
  const another = new VortexClient(KEY, { baseUrl, allowInsecureHttp: true });
  const unsent = { code: 'ABORTED', cause: { failure: 'unreachable' } };
  expect(await failure(another.reinvite('i', { signal }))).toMatchObject(unsent);
  // The signal of the second call was aborted before it, so that it makes no connection.
  expect([requests, vi.mocked(dns.lookup).mock.calls.length]).toEqual([0, 1]);
});

test('a POST whose deadline passes before it has a connection rejects with UPSTREAM_TIMEOUT, and no change may have been made', async () => {
  resolveNames({ address: '127.0.0.1' }, () => {});
  const client = new VortexClient(KEY, { baseUrl: 'http://vortex.test', allowInsecureHttp: true, timeout: 100 });
  expect(await failure(client.reinvite('i'))).toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    message: 'The Vortex API did not answer within 100 ms.',
    cause: { failure: 'unreachable' },
  });
});

test.each<[string, () => void]>([
  ['the pool', () => {}],
  ['the fetch of a global dispatcher', () => setGlobalDispatcher(new Agent({ keepAliveTimeout: 1000 }))],
])('a POST whose signal aborts while %s is opened is not sent', async (_, prepare) => {
  prepare();
  let requests = 0;
  const baseUrl = await http((_request, response) => {
    requests += 1;
    response.end('{"id":"i"}');
  });
  const controller = new AbortController();
  const client = new VortexClient(KEY, { baseUrl });
  const call = failure(client.reinvite('i', { signal: controller.signal }));
  controller.abort();
  expect(await call).toMatchObject({ code: 'ABORTED', cause: { failure: 'unreachable' } });
  await client.getInvitation('i');
  expect(requests).toBe(1);
});

test('long replies that arrive together are read in one turn of the event loop each', async () => {
  const reply = JSON.stringify({ id: 'i', metadata: { filler: 'x'.repeat(300 * 1024) } });
  const waiting: ServerResponse[] = [];
  const url = await http((_request, response) => {
    waiting.push(response);
    if (waiting.length === 8) for (const each of waiting) each.end(reply);
  });
  const client = new VortexClient(KEY, { baseUrl: url });
  let turn = 0;
  let counting = setImmediate(function count() {
    turn += 1;
    counting = setImmediate(count);
  });
  const turns = await Promise.all(Array.from({ length: 8 }, () => client.getInvitation('i').then(() => turn)));
  clearImmediate(counting);
  expect(new Set(turns).size).toBe(8);
});

test('a name that moves to another address is followed within a minute under steady traffic, without an error', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const requests = { old: 0, new: 0 };
  const answer =
    (which: keyof typeof requests): RequestListener =>
    (_request, response) => {
      requests[which] += 1;
      setTimeout(() => response.end('{"id":"i"}'), 5);
    };
  const port = await listen(createHttpServer(answer('old')), '127.0.0.1');
  await listen(createHttpServer(answer('new')), '127.0.0.2', port);
  const client = new VortexClient(KEY, { baseUrl: `http://vortex.test:${port}`, allowInsecureHttp: true });
  const burst = () => Promise.all(Array.from({ length: 20 }, () => client.getInvitation('i')));
  resolveNames({ address: '127.0.0.1' });
  await burst();
  resolveNames({ address: '127.0.0.2' });
  // In flight while their connections get too old.
  const before = burst();
  vi.advanceTimersByTime(61_000);
  await Promise.all([before, burst()]);
  const { old } = requests;
  for (let round = 0; round < 3; round += 1) await burst();
  expect(requests).toEqual({ old, new: 120 - old });
  expect(old).toBeLessThanOrEqual(40);
  await client.close();
});

test('a client with one call in flight replaces a connection that is a minute old', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  let connections = 0;
  const server = createHttpServer((_request, response) => void response.end('{"id":"i"}'));
  server.on('connection', () => {
    connections += 1;
  });
  const client = new VortexClient(KEY, { baseUrl: `http://127.0.0.1:${await listen(server)}`, maxInFlight: 1 });
  for (let round = 0; round < 3; round += 1) {
    await client.getInvitation('i');
    await client.getInvitation('i');
    vi.advanceTimersByTime(61_000);
  }
  expect(connections).toBe(3);
});

test.each([
  ['at once', 0],
  ['a minute later', 61_000],
])(
  'a client that is closed finishes a call whose next attempt is made %s, and keeps no connection',
  async (_, pause) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    let requests = 0;
    let closing: Promise<void> | undefined;
    const server = createHttpServer((_request, response) => {
      requests += 1;
      response.writeHead(requests === 1 ? 503 : 200).end('{"id":"i"}');
      closing = client.close();
      vi.advanceTimersByTime(pause);
    });
    const client = new VortexClient(KEY, { baseUrl: `http://127.0.0.1:${await listen(server)}`, timeout: 120_000 });
    const calling = client.getInvitation('i');
    await expect.poll(() => requests).toBeGreaterThan(0);
    expect((await failure(client.reinvite('i'))).message).toContain('closed');
    expect(await calling).toEqual({ id: 'i' });
    await closing;
    const connections = () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
    await expect.poll(connections).toBe(0);
    expect(requests).toBe(2);
  },
);

test('the keys of 200 tenants, one after the other, use as many connections as one key', async () => {
  const connectionsFor = async (tenants: number) => {
    let connections = 0;
    const server = createHttpServer((_request, response) => void response.end('{"id":"i"}'));
    server.on('connection', () => {
      connections += 1;
    });
    const route = createRoutes<string, { id: string }>({
      apiKey: (tenant) => `${KEY}-${tenant}`,
      baseUrl: `http://127.0.0.1:${await listen(server)}`,
      authenticateUser: () => ({ id: 'u' }),
      authorizeOperation: () => true,
    }).find(({ operation }) => operation === 'GET_INVITATION');
    for (let call = 0; call < 200; call += 1) {
      const reply = await route?.handle({
        url: '/invitations/i',
        body: async () => bodyFromKept(''),
        header: () => undefined,
        signal: () => undefined,
        context: String(call % tenants),
      });
      expect(reply?.status).toBe(200);
    }
    return connections;
  };
  const one = await connectionsFor(1);
  expect(one).toBeLessThan(5);
  expect(await connectionsFor(200)).toBeLessThanOrEqual(one + 1);
});

describe.each([
  ['ahead', 3_600_000],
  ['back', -3_600_000],
])('a clock that jumps an hour %s', (direction, jump) => {
  const clock = `a clock that jumps an hour ${direction}`;
  const jumpClock = () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jump });
  };

  test(`${clock} does not end the lease of a running webhook handler`, () => {
    const store = memoryStore();
    expect(store.claim('e', { owner: 'one', lease: 60_000 })).toBe('new');
    jumpClock();
    expect(store.claim('e', { owner: 'two', lease: 60_000 })).toBe('in-flight');
    store.complete('e');
    expect(store.claim('e', { owner: 'two', lease: 60_000 })).toBe('done');
  });

  test(`${clock} neither ends a call early nor keeps it beyond its deadline, and a GET is tried again`, async () => {
    let requests = 0;
    const url = await http((_request, response) => {
      requests += 1;
      jumpClock();
      if (requests === 1) response.writeHead(503).end();
      else if (requests === 2) response.end('{"id":"i"}');
    });
    const client = new VortexClient(KEY, { baseUrl: url, timeout: 1500 });
    expect((await client.getInvitation('i')).id).toBe('i');
    expect((await failure(client.getInvitation('i'))).code).toBe('UPSTREAM_TIMEOUT');
    expect(requests).toBe(3);
  });

  test(`${clock} does not change what a Retry-After that is a date means`, async () => {
    const url = await http((_request, response) => {
      const now = Date.now();
      const retryAfter = new Date(now + 7000).toUTCString();
      response.writeHead(429, { date: new Date(now).toUTCString(), 'retry-after': retryAfter }).end();
      jumpClock();
    });
    expect((await failure(new VortexClient(KEY, { baseUrl: url }).reinvite('i'))).retryAfter).toBe(7);
  });
});

/** Runs a program in a process with few file descriptors, and returns what it prints. */
function runWithFewFiles(program: string): string[] {
  const folder = mkdtempSync(join(import.meta.dirname, '../node_modules/.files-'));
  try {
    writeFileSync(join(folder, 'program.mjs'), program);
    const command = `ulimit -n 1000; exec "${process.execPath}" "${join(folder, 'program.mjs')}"`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const WITHOUT_FILES = `
  import fs from 'node:fs';
  import { createServer } from 'node:http';
  import { VortexClient } from '@vortex/core';
  const server = createServer((request, response) => response.end('{"id":"i"}')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new VortexClient('${KEY}', { baseUrl: 'http://127.0.0.1:' + server.address().port });
  const taken = [];
  const takeFiles = () => { try { for (;;) taken.push(fs.openSync('/dev/null')); } catch {} };
  const freeFiles = () => { for (const file of taken.splice(0)) fs.closeSync(file); };
  const tell = async (call) => console.log(await call.then(({ id }) => id, ({ name, code }) => name + ' ' + code));`;

test.skipIf(process.platform === 'win32')(
  'a client whose first call has no file descriptor left to load undici rejects it with a VortexError, and works afterwards',
  () => {
    const lines = runWithFewFiles(`${WITHOUT_FILES}
      takeFiles();
      await tell(client.reinvite('i'));
      const closed = new VortexClient('${KEY}', { baseUrl: 'http://127.0.0.1:' + server.address().port });
      await tell(closed.reinvite('i'));
      await closed.close();
      freeFiles();
      await tell(client.getInvitation('i'));
      process.exit();`);
    expect(lines).toEqual(['VortexError UPSTREAM_UNREACHABLE', 'VortexError UPSTREAM_UNREACHABLE', 'i']);
  },
);

test.skipIf(process.platform === 'win32')(
  'a POST that has no file descriptor left for its connection rejects with UPSTREAM_UNREACHABLE',
  () => {
    const lines = runWithFewFiles(`${WITHOUT_FILES}
      await tell(client.getInvitation('i'));
      const other = new VortexClient('${KEY}', { baseUrl: 'http://127.0.0.1:' + server.address().port });
      takeFiles();
      await tell(other.reinvite('i'));
      freeFiles();
      await tell(other.getInvitation('i'));
      process.exit();`);
    expect(lines).toEqual(['i', 'VortexError UPSTREAM_UNREACHABLE', 'i']);
  },
);

test.skipIf(process.platform === 'win32')(
  'a router built while no file descriptor is left to load zod answers 500 with a line in the log, and works afterwards',
  () => {
    const lines = runWithFewFiles(`${WITHOUT_FILES}
      import { createRoutes } from '@vortex/core/adapter';
      takeFiles();
      const log = { warn() {}, error: (line) => console.log(line) };
      const routes = createRoutes({
        client, authenticateUser: () => ({ id: 'u' }), authorizeOperation: () => true, logger: log,
      });
      const { handle } = routes.find(({ operation }) => operation === 'GET_INVITATION');
      const request = {
        method: 'GET', url: '/invitations/i', context: {}, params: { invitationId: 'i' },
        header: () => undefined, signal: () => undefined, body: async () => ({ kind: 'empty' }),
      };
      const answer = async () => { const { status, body } = await handle(request); console.log(status, body); };
      await answer();
      freeFiles();
      await answer();
      await answer();
      process.exit();`);
    expect(lines).toEqual([
      expect.stringContaining('GET_INVITATION'),
      '500 {"error":"Something went wrong.","code":"INTERNAL"}',
      '200 {"id":"i"}',
      '200 {"id":"i"}',
    ]);
  },
);
