/** Calls through a real CONNECT proxy, by the variables that Node's own `fetch` reads and by a global dispatcher. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { VortexClient } from '@vortex/core';
import { bodyFromKept, createRoutes } from '@vortex/core/adapter';
import { Agent, getGlobalDispatcher, MockAgent, ProxyAgent, setGlobalDispatcher } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { failure, KEY } from './helpers.ts';

/** A name that no DNS server knows. Only the proxy can reach it. */
const BASE_URL = 'http://api.vortex.test';

/** The hosts that the proxy was asked to connect to, and the keys that the API was sent. */
const connects: (string | undefined)[] = [];
const keys: unknown[] = [];
const sockets = new Set<Socket>();
let hangs = false;
const api = createServer((request, response) => {
  keys.push(request.headers['x-api-key']);
  response.end('{"id":"i"}');
});
const proxy = createServer().on('connect', ({ url, headers }, client: Socket) => {
  connects.push(url);
  sockets.add(client);
  if (hangs) return;
  if (headers['proxy-authorization'] !== undefined) return void client.end('HTTP/1.1 407 No\r\n\r\n');
  const server = connect(portOf(api), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.pipe(client).pipe(server);
  });
  server.on('error', () => client.destroy());
  client.on('error', () => server.destroy());
});
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const proxyUrl = () => `http://127.0.0.1:${portOf(proxy)}`;

beforeAll(async () => {
  for (const server of [api, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of [api, proxy]) {
    server.closeAllConnections();
    server.close();
  }
});
const usual = getGlobalDispatcher();
beforeEach(() => {
  connects.length = 0;
  keys.length = 0;
  hangs = false;
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy']) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  setGlobalDispatcher(usual);
});

const clientOf = (baseUrl = BASE_URL, timeout = 10_000) =>
  new VortexClient(KEY, { baseUrl, allowInsecureHttp: true, timeout });

test('with NODE_USE_ENV_PROXY, calls go through HTTP_PROXY, over connections that are kept', async () => {
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  vi.stubEnv('HTTP_PROXY', proxyUrl());
  const client = clientOf();
  for (let call = 0; call < 5; call += 1) await client.getInvitation('i');
  expect(new Set(connects)).toEqual(new Set(['api.vortex.test:80']));
  expect(connects.length).toBeLessThan(5);
  expect(keys).toEqual(Array(5).fill(KEY));
  await client.close();
});

test('the keys of several tenants share the connections through the proxy', async () => {
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  vi.stubEnv('HTTP_PROXY', proxyUrl());
  const route = createRoutes<string, { id: string }>({
    apiKey: (tenant) => `${KEY}-${tenant}`,
    baseUrl: BASE_URL,
    allowInsecureHttp: true,
    authenticateUser: () => ({ id: 'u' }),
    authorizeOperation: () => true,
  }).find(({ operation }) => operation === 'GET_INVITATION');
  for (let tenant = 0; tenant < 20; tenant += 1) {
    const reply = await route?.handle({
      url: '/invitations/i',
      body: async () => bodyFromKept(''),
      header: () => undefined,
      signal: () => undefined,
      context: String(tenant),
    });
    expect(reply?.status).toBe(200);
  }
  expect(keys).toEqual(Array.from({ length: 20 }, (_, tenant) => `${KEY}-${tenant}`));
  expect(connects.length).toBeLessThan(4);
});

test('a host in NO_PROXY is called without the proxy, and without NODE_USE_ENV_PROXY every host is', async () => {
  vi.stubEnv('HTTP_PROXY', proxyUrl());
  const direct = `http://127.0.0.1:${portOf(api)}`;
  await clientOf(direct).getInvitation('i');
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  vi.stubEnv('NO_PROXY', 'example.com,127.0.0.1');
  await clientOf(direct).getInvitation('i');
  expect([keys.length, connects]).toEqual([2, []]);
});

test('a POST that a proxy refuses, or that finds no proxy, rejects with UPSTREAM_UNREACHABLE', async () => {
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  vi.stubEnv('HTTP_PROXY', proxyUrl().replace('//', '//user:pass@'));
  expect((await failure(clientOf().reinvite('i'))).code).toBe('UPSTREAM_UNREACHABLE');
  const closed = createServer();
  await once(closed.listen(0, '127.0.0.1'), 'listening');
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${portOf(closed)}`);
  closed.close();
  expect((await failure(clientOf().reinvite('i'))).code).toBe('UPSTREAM_UNREACHABLE');
  expect(keys).toEqual([]);
});

test('a proxy that does not answer makes a call reject with UPSTREAM_TIMEOUT at its deadline', async () => {
  hangs = true;
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  vi.stubEnv('HTTP_PROXY', proxyUrl());
  expect((await failure(clientOf(BASE_URL, 200).reinvite('i'))).code).toBe('UPSTREAM_TIMEOUT');
});

test('a global dispatcher that is a proxy carries the calls', async () => {
  const agent = new ProxyAgent(proxyUrl());
  setGlobalDispatcher(agent);
  expect((await clientOf().getInvitation('i')).id).toBe('i');
  expect([connects, keys]).toEqual([['api.vortex.test:80'], [KEY]]);
  await agent.close();
});

test('a global dispatcher with options of its own, or that a test has put in its place, carries the calls', async () => {
  const port = portOf(api);
  const lookup = (_name: string, _options: unknown, done: CallableFunction) =>
    done(null, [{ address: '127.0.0.1', family: 4 }]);
  const agent = new Agent({ connect: { lookup: lookup as never } });
  setGlobalDispatcher(agent);
  expect((await clientOf(`http://api.vortex.test:${port}`).getInvitation('i')).id).toBe('i');
  const mock = new MockAgent();
  mock.disableNetConnect();
  setGlobalDispatcher(mock);
  mock.get(BASE_URL).intercept({ path: '/api/v1/invitations/m' }).reply(200, { id: 'm' });
  expect((await clientOf().getInvitation('m')).id).toBe('m');
  expect(keys).toEqual([KEY]);
  await Promise.all([agent.close(), mock.close()]);
});

test('the dispatcher that fetch creates for itself is no reason to call by fetch', async () => {
  await fetch(`http://127.0.0.1:${portOf(api)}`);
  setGlobalDispatcher(new Agent());
  const error = await failure(clientOf('http://255.255.255.255:8080').reinvite('i'));
  // The pool rejects with the error of the system; fetch wraps it in a TypeError.
  expect(error.cause).toMatchObject({ cause: { name: 'Error' } });
});
