/** The calls of users and the loads of their rules over HTTP: the share of one user, the turns of several, and the end of a load with its request. */
import { once } from 'node:events';
import { createServer, type RequestListener, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VortexClient, type VortexMountOptions, type VortexUser } from '@vortex/core';
import { abortedOnClose, createRoutes, nodeBody } from '@vortex/core/adapter';
import { expect, onTestFinished, test } from 'vitest';
import { KEY } from './helpers.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An API that answers a load only when it is told to. It answers acceptances at once. */
async function startApi() {
  const held: { id: string; response: ServerResponse }[] = [];
  const begun: string[] = [];
  let atOnce = 0;
  let isOpen = false;
  const answer = ({ id, response }: (typeof held)[number]) => {
    const ended = once(response, 'close');
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ id, invitations: [] }));
    return ended;
  };
  const url = await serve((incoming, response) => {
    if (incoming.method === 'POST') return void response.end('{"id":"accepted"}');
    const load = { id: decodeURIComponent(incoming.url?.split('/').at(-1) ?? ''), response };
    begun.push(load.id);
    if (isOpen) return void answer(load);
    held.push(load);
    atOnce = Math.max(atOnce, held.length);
    response.once('close', () => held.includes(load) && held.splice(held.indexOf(load), 1));
  });
  return {
    url,
    /** The ids of all loads that have arrived. */
    begun,
    held,
    /** The largest number of loads that waited for their answers together. */
    atOnce: () => atOnce,
    /** Answers the oldest load. */
    answerOne: () => held[0] && answer(held[0]),
    /** Answers all loads, those that come later too. */
    open: () => {
      isOpen = true;
      for (const load of [...held]) void answer(load);
    },
  };
}

interface Context {
  user: string;
  tenant: string;
}

/**
 * Mounts core on Node. The header `x-user` names the caller, with the tenant as in `a/ann` if it matters. `isBare` leaves out
 * the signal of the caller.
 */
async function startApplication(
  baseUrl: string,
  options: Partial<VortexMountOptions<VortexUser, Context>> = {},
  isBare = false,
) {
  /** The users whose rules were called, and the outcomes of the requests. */
  const asked: string[] = [];
  const codes: string[] = [];
  const client = new VortexClient(KEY, { baseUrl, maxInFlight: 8 });
  onTestFinished(() => client.close());
  const routes = createRoutes<Context, VortexUser>({
    ...(!('apiKey' in options) && { client }),
    authenticateUser: ({ user }) => ({ id: user, email: `${user}@harbor.example` }),
    authorizeOperation: async (op, { id }) => {
      asked.push(String(id));
      return op.name === 'ACCEPT_INVITATIONS' && (await op.loadInvitations()).length > 0;
    },
    onResponse: ({ code }) => codes.push(code),
    logger: { warn() {}, error() {} },
    hookTimeout: 30_000,
    ...options,
  });
  const routeOf = (method: string | undefined) =>
    routes.find(({ operation }) => operation === (method === 'GET' ? 'GET_INVITATIONS' : 'ACCEPT_INVITATIONS'));
  const url = await serve(async (incoming, response) => {
    const [tenant = '', user = tenant] = String(incoming.headers['x-user']).split('/');
    const reply = await routeOf(incoming.method)?.handle({
      url: String(incoming.url),
      header: (name) => incoming.headers[name]?.toString(),
      body: nodeBody(incoming, 65_536, () => undefined),
      signal: () => (isBare ? undefined : abortedOnClose(response)),
      context: { user, tenant },
    });
    response.writeHead(reply?.status ?? 500).end(reply?.body);
  });
  const send = (user: string, method: string, target: string, body?: object) => {
    const call = request(url + target, {
      method,
      agent: false,
      headers: { 'content-type': 'application/json', 'x-user': user },
    });
    const status = new Promise<number | undefined>((resolve) => {
      call.on('response', (response) => resolve(response.resume().statusCode));
      call.on('error', () => resolve(undefined));
    });
    call.end(body && JSON.stringify(body));
    return { status, leave: () => call.destroy() };
  };
  const accept = (user: string, invitationIds: readonly string[]) =>
    send(user, 'POST', '/invitations/accept', { invitationIds });
  /** Sends a request whose operation makes one call, which the API holds back. */
  const list = (user: string) => send(user, 'GET', '/invitations?targetType=email&targetValue=ann%40harbor.example');
  return { accept, list, asked, codes };
}

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

test('the calls of one user take three quarters of maxInFlight, further ones are answered with 503, and other users with 200', async () => {
  const api = await startApi();
  const { accept, list, codes } = await startApplication(api.url, {
    authorizeOperation: async (op) => !('loadInvitations' in op) || (await op.loadInvitations()).length > 0,
  });
  const greedy = ids('greedy', 8).map(() => list('greedy'));
  await expect.poll(() => codes).toEqual(['OVERLOADED', 'OVERLOADED']);
  const modest = [list('modest'), accept('rule', ['x'])];
  await expect.poll(() => api.held.length).toBe(8);
  api.open();
  expect(await Promise.all(modest.map(({ status }) => status))).toEqual([200, 200]);
  const statuses = await Promise.all(greedy.map(({ status }) => status));
  expect(statuses.sort()).toEqual([200, 200, 200, 200, 200, 200, 503, 503]);
  // Places are free again.
  for (const user of ['greedy', 'modest']) {
    const again = ids(user, 4).map(() => list(user).status);
    expect(await Promise.all(again)).toEqual([200, 200, 200, 200]);
  }
});

test('the rules of one user who accepts much use half of maxInFlight, and every caller is answered with 200', async () => {
  const api = await startApi();
  const { accept } = await startApplication(api.url);
  const greedy = ['a', 'b', 'c'].map((prefix) => accept('greedy', ids(prefix, 30)));
  await expect.poll(() => api.held.length).toBe(4);
  const modest = ['x', 'y'].map((prefix) => accept('modest', ids(prefix, 1)));
  // Answers one load after the other, as a slow API does.
  let isAnswered = false;
  const statuses = Promise.all([...modest, ...greedy].map(({ status }) => status)).finally(() => {
    isAnswered = true;
  });
  while (!isAnswered) {
    await api.answerOne();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await statuses).toEqual([200, 200, 200, 200, 200]);
  expect(api.begun).toHaveLength(92);
  expect(api.atOnce()).toBe(4);
});

test('the rule of another user takes the second place that becomes free, however many loads of the first user wait', async () => {
  const api = await startApi();
  const { accept, asked } = await startApplication(api.url);
  const greedy = ['a', 'b', 'c'].map((prefix) => accept('greedy', ids(prefix, 30)));
  await expect.poll(() => asked).toEqual(['greedy', 'greedy', 'greedy']);
  const modest = accept('modest', ['x']);
  await expect.poll(() => asked).toContain('modest');
  await expect.poll(() => api.begun.length).toBe(4);
  await api.answerOne();
  await api.answerOne();
  await expect.poll(() => api.begun.length).toBe(6);
  expect(api.begun).toContain('x');
  api.open();
  expect(await Promise.all([modest, ...greedy].map(({ status }) => status))).toEqual([200, 200, 200, 200]);
});

/** The options of a mount of two tenants, each with a key of its own. */
const ofTenants = (baseUrl: string) => ({
  baseUrl,
  apiKey: ({ tenant }: Context) => (tenant === 'a' ? KEY : KEY.replace('Pxwrep', 'wPxrep')),
});

test('the calls of one user leave those of a user with the same id of another tenant their share', async () => {
  const api = await startApi();
  const { list, codes } = await startApplication(api.url, { ...ofTenants(api.url), authorizeOperation: () => true });
  const greedy = ids('greedy', 256).map(() => list('a/1'));
  await expect.poll(() => [api.held.length, codes.length]).toEqual([192, 64]);
  expect(new Set(codes)).toEqual(new Set(['OVERLOADED']));
  const modest = list('b/1');
  await expect.poll(() => [api.held.length, codes.length]).toEqual([193, 64]);
  api.open();
  expect(await modest.status).toBe(200);
  await Promise.all(greedy.map(({ status }) => status));
});

test('the rules of users with the same id of two tenants take turns', async () => {
  const api = await startApi();
  const { accept, asked } = await startApplication(api.url, ofTenants(api.url));
  const greedy = ids('a', 14).map((prefix) => accept('a/1', ids(prefix, 10)));
  await expect.poll(() => asked.length).toBe(14);
  const modest = accept('b/1', ['x']);
  await expect.poll(() => [asked.length, api.begun.length]).toEqual([15, 128]);
  await api.answerOne();
  await api.answerOne();
  await expect.poll(() => api.begun.length).toBe(130);
  expect(api.begun).toContain('x');
  api.open();
  expect(new Set(await Promise.all([modest, ...greedy].map(({ status }) => status)))).toEqual(new Set([200]));
});

test('loads that wait end when their callers disconnect, and leave every place to others', async () => {
  const api = await startApi();
  const { accept, asked, codes } = await startApplication(api.url);
  const first = accept('first', ids('a', 4));
  await expect.poll(() => api.held.length).toBe(4);
  const users = ['p', 'q', 'r', 's'];
  const leavers = users.map((user) => accept(user, ids(user, 3)));
  const next = accept('next', ['x']);
  await expect.poll(() => [...asked].sort()).toEqual(['first', 'next', ...users]);
  for (const leaver of leavers) leaver.leave();
  await expect.poll(() => codes).toEqual(users.map(() => 'ABORTED'));
  api.open();
  expect(await Promise.all([first.status, next.status])).toEqual([200, 200]);
  expect([...api.begun].sort()).toEqual([...ids('a', 4), 'x']);
});

test.each([
  ['a Node request', false],
  ['a request without a signal', true],
])('no load begins after the time of the rule is up, for %s', async (_, isBare) => {
  const api = await startApi();
  const { accept } = await startApplication(api.url, { hookTimeout: 1000 }, isBare);
  expect(await accept('greedy', ids('a', 100)).status).toBe(504);
  // The loads in flight are ended too, so their places are free for the next request.
  await expect.poll(() => api.held).toEqual([]);
  api.open();
  expect(await accept('modest', ids('x', 2)).status).toBe(200);
  expect([...api.begun].sort()).toEqual([...ids('a', 4), ...ids('x', 2)]);
});

test('no load of the own invitations begins after the time of the rule is up', async () => {
  const api = await startApi();
  const { accept } = await startApplication(api.url, {
    hookTimeout: 1000,
    authenticateUser: ({ user }) => ({ id: user, addresses: ids(`${user}@harbor.example`, 20) }),
    authorizeOperation: {
      ACCEPT_INVITATIONS: async (op) => (await op.loadOwnInvitations()).length === 0,
    },
  });
  expect(await accept('greedy', ['i']).status).toBe(504);
  expect(api.begun).toHaveLength(4);
  api.open();
  await expect.poll(() => api.held).toEqual([]);
  expect(await accept('modest', ['i']).status).toBe(200);
  expect(api.begun).toHaveLength(4 + 20);
});

test('a rule that loads after its reply was sent makes no call', async () => {
  const api = await startApi();
  api.open();
  let loadLater: (() => Promise<unknown>) | undefined;
  const { accept } = await startApplication(api.url, {
    authorizeOperation: {
      ACCEPT_INVITATIONS: (op) => {
        loadLater = () => op.loadInvitations();
        return true;
      },
    },
  });
  expect(await accept('ann', ['i']).status).toBe(200);
  await expect(loadLater?.()).rejects.toMatchObject({ code: 'ABORTED' });
  expect(api.begun).toEqual([]);
});

test('an error of loadOwnInvitations that passes through a rule keeps its own status', async () => {
  const url = await serve((_, response) => response.writeHead(429).end());
  const { accept } = await startApplication(url, {
    authorizeOperation: {
      ACCEPT_INVITATIONS: async (op) => (await op.loadOwnInvitations()).length > 0,
    },
  });
  expect(await accept('ann', ['i']).status).toBe(429);
});
