import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type EmulatedInvitation, type Emulator, startEmulator } from '@vortex/emulator';
import { onTestFinished } from 'vitest';

/** The fields of all JSON bodies that the API answers with. */
export interface Body {
  id: string;
  shortLink: string;
  status: string;
  statusCode: number;
  message: string | string[];
  error: string;
  invitations: EmulatedInvitation[];
  invitation: EmulatedInvitation | null;
  autojoinDomains: { id: string; domain: string }[];
  processed: number;
  invitationIds: string[];
}

/** Starts an emulator that is closed when the test ends. */
export async function start(options?: Parameters<typeof startEmulator>[0]): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

/** Calls a route of an emulator over HTTP. A string `body` is sent unchanged, any other value as JSON. */
export async function call(emulator: Emulator, route: string, body?: unknown, headers: Record<string, string> = {}) {
  const [method, path] = route.split(' ');
  const response = await fetch(emulator.url + path, {
    method: method ?? 'GET',
    headers: { 'x-api-key': emulator.apiKey, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Body };
}

export const TEAM = { type: 'team', groupId: 'team-1', name: 'Engineering' };

export function newInvitation(overrides: Record<string, unknown> = {}) {
  return {
    widgetConfigurationId: 'configuration-1',
    target: { type: 'email', value: 'grace@example.com' },
    inviter: { userId: 'user-1', userEmail: 'ada@example.com', name: 'Ada' },
    groups: [TEAM],
    ...overrides,
  };
}

export async function invite(emulator: Emulator, overrides: Record<string, unknown> = {}): Promise<Body> {
  const { status, body } = await call(emulator, 'POST /api/v1/invitations', newInvitation(overrides));
  if (status !== 201) throw new Error(`The invitation was not created: ${status} ${JSON.stringify(body)}`);
  return body;
}

interface Received {
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Starts a webhook receiver. `answer` returns the status for the n-th request, counted from 0. Status 0 drops it. */
export async function startReceiver(answer: (n: number) => number = () => 204) {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const status = answer(requests.length);
    requests.push({ method: request.method ?? '', headers: request.headers, body });
    if (status === 0) request.socket.resetAndDestroy();
    else response.writeHead(status, { location: '/elsewhere' }).end();
    server.emit('received');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    requests,
    /** Resolves when the given number of requests has arrived. */
    async received(count: number): Promise<void> {
      while (requests.length < count) await once(server, 'received');
    },
    types: () => requests.map((request) => (JSON.parse(request.body) as { type: string }).type).sort(),
  };
}
