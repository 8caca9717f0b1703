/** A fast Vortex API without state. The id or the scope of a call chooses the fault that the call meets. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

interface FaultDefinition {
  /** Status of the reply of our routes. */
  status: number;
  /** True if a GET or a DELETE is sent again, so that a single fault is not visible. */
  retried: boolean;
  answer(response: ServerResponse, good: () => void): void;
}

const failing = (status: number, headers = {}) => ({
  status: status === 500 ? 502 : status,
  retried: true,
  answer: (response: ServerResponse) => void response.writeHead(status, headers).end('{"message":"injected"}'),
});

const answerWith = (headers: Record<string, string>, body: string, then: (response: ServerResponse) => void) => ({
  status: 502,
  retried: false,
  answer: (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.write(body);
    then(response);
  },
});

const faultDefinitions = {
  e500: failing(500),
  e503: failing(503),
  e429: failing(429, { 'retry-after': '0' }),
  reset: { status: 502, retried: true, answer: ({ socket }) => void socket?.resetAndDestroy() },
  resetinbody: answerWith({}, '{"id":', ({ socket }) => setTimeout(() => socket?.resetAndDestroy(), 5)),
  truncated: answerWith({ 'content-length': '1000' }, '{"id":', (response) => setTimeout(() => response.destroy(), 5)),
  garbage: answerWith({}, '<h1>{"id":', (response) => response.end()),
  slow: { status: 200, retried: false, answer: (_, good) => void setTimeout(good, 300) },
} satisfies Record<string, FaultDefinition>;

export type Fault = keyof typeof faultDefinitions;
export const faults: Readonly<Record<Fault, FaultDefinition>> = faultDefinitions;
export const faultNames = Object.keys(faultDefinitions) as Fault[];

/** Makes an id or a scope whose first call, or whose every call, meets a fault. */
export const faultyId = (tag: string, fault: Fault, when: 'once' | 'always') => `${tag}_${fault}_${when}`;

export interface LoadUpstream {
  url: string;
  /** True if a call has named the faulty id. */
  hasMet(id: string): boolean;
  close(): Promise<void>;
}

export async function startLoadUpstream(): Promise<LoadUpstream> {
  const met = new Set<string>();
  const server = createServer(async (request, response) => {
    const body = await readText(request).catch(() => undefined);
    if (body === undefined) return;
    const good = () => answerWell(request, body, response);
    const [id = '', fault, when] = /[a-z]+-\d+_([a-z0-9]+)_(once|always)/u.exec(`${request.url} ${body}`) ?? [];
    if (!fault || (when === 'once' && met.has(id))) return good();
    met.add(id);
    faults[fault as Fault].answer(response, good);
  });
  // By contract, a POST may fail on a connection that is just being closed. That is not tested here.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hasMet: (id) => met.has(id),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.race([closed, sleep(1000)]);
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function answerWell({ method, url = '' }: IncomingMessage, body: string, response: ServerResponse): void {
  if (response.destroyed) return;
  if (method === 'DELETE') return void response.writeHead(204).end();
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(goodAnswer(url, body)));
}

function goodAnswer(url: string, body: string): unknown {
  const last = decodeURIComponent(url.split('/').at(-1) ?? '');
  const invitation = (id: string) => ({
    id,
    status: 'queued',
    target: [{ type: 'email', value: 'guest@harbor.example' }],
    groups: [{ id: 'g-1', groupId: 'mine', type: 'team', name: 'Mine', createdAt: '2026-01-01T00:00:00.000Z' }],
    foreignCreatorId: 'u-ann',
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  if (body) return { invitations: JSON.parse(body).invitationIds.map(invitation) };
  if (url.includes('/by-scope/')) return { invitations: [1, 2, 3].map((number) => invitation(`${last}-${number}`)) };
  return invitation(last);
}
