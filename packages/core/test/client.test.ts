/** The client against real peers: the requests that it sends, and every way in which an exchange can fail. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { type CallEvent, SDK_VERSION, VortexClient, type VortexClientOptions } from '@vortex/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { failure } from './helpers.ts';

const KEY = 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.canary-secret';

const open = new Set<() => void>();
afterEach(() => {
  for (const close of open) close();
  open.clear();
  vi.unstubAllEnvs();
});

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  open.add(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts a peer that speaks HTTP. */
const http = (answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) =>
  listen(
    createHttpServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      answer(request, response, body);
    }),
  );

/** Starts a peer that hands over the socket as soon as a request arrives on it. */
const tcp = (behave: (socket: Socket) => void) =>
  listen(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => behave(socket));
    }),
  );

const client = (baseUrl: string, options: VortexClientOptions = {}) => new VortexClient(KEY, { baseUrl, ...options });

describe('requests', () => {
  test('a call sends the key, the name and version of the SDK, and the headers of the options, which cannot replace ours', async () => {
    let headers: IncomingMessage['headers'] = {};
    const url = await http((request, response) => {
      headers = request.headers;
      response.end('{"id":"i"}');
    });
    await client(url, { headers: { 'x-tenant': 't', 'X-API-Key': 'mine' } }).getInvitation('i');
    expect(headers).toMatchObject({
      'x-api-key': KEY,
      'x-tenant': 't',
      'content-type': 'application/json',
      'x-vortex-sdk-name': 'vortex-typescript',
      'x-vortex-sdk-version': SDK_VERSION,
    });
    expect(SDK_VERSION).toBe(manifest.version);
  });

  test('a call sends a valid traceparent and rejects an invalid one', async () => {
    const seen: unknown[] = [];
    const url = await http((request, response) => {
      seen.push(request.headers.traceparent);
      response.end('{"id":"i"}');
    });
    const one = client(url);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await one.getInvitation('i', { traceparent });
    await one.reinvite('i');
    const error = await failure(one.getInvitation('i', { traceparent: 'mine' }));
    expect([error.code, error.reason]).toEqual(['INVALID_ARGUMENT', 'format']);
    expect(seen).toEqual([traceparent, undefined]);
  });

  test('onCall receives the method, code and attempts of every call', async () => {
    const start = performance.now();
    const events: CallEvent[] = [];
    const statuses = [503, 200, 400];
    const url = await http((_, response) => response.writeHead(statuses.shift() ?? 500).end('{"id":"i"}'));
    const one = client(url, { onCall: (event) => events.push(event) });
    await one.getInvitation('i');
    await failure(one.reinvite('i'));
    expect(events.map(({ method, code, attempts }) => [method, code, attempts])).toEqual([
      ['getInvitation', 'OK', 2],
      ['reinvite', 'UPSTREAM_INVALID', 1],
    ]);
    for (const { duration } of events) {
      expect(duration).toBeGreaterThan(0);
      expect(duration).toBeLessThan(performance.now() - start);
    }
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no metrics');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no metrics'))],
  ])('an onCall that %s does not fail the call', async (_, onCall) => {
    const url = await http((_, response) => response.end('{"id":"i"}'));
    expect(await client(url, { onCall }).getInvitation('i')).toMatchObject({ id: 'i' });
  });

  test('options named read, body and query do not change a call', async () => {
    const url = await http((_, response) => response.end('{"id":"i"}'));
    const options = { read: () => 'mine', body: () => 'mine', query: 'mine' };
    expect(await client(url).getInvitation('i', options as object)).toEqual({ id: 'i' });
  });

  const requests: [string, (client: VortexClient) => Promise<unknown>, string, unknown][] = [
    [
      'getInvitationsByTarget',
      (c) => c.getInvitationsByTarget('email', 'a+b@x.com'),
      'GET /invitations?targetType=email&targetValue=a%2Bb%40x.com',
      undefined,
    ],
    [
      'getInvitationsByScope',
      (c) => c.getInvitationsByScope('team', 'team 1/x'),
      'GET /invitations/by-scope/team/team%201%2Fx',
      undefined,
    ],
    [
      'getInvitationsByScope with start',
      (c) => c.getInvitationsByScope('t', 's', { start: 20 }),
      'GET /invitations/by-scope/t/s?start=20',
      undefined,
    ],
    [
      'createInvitation with scopes under both spellings',
      (c) =>
        c.createInvitation({
          widgetConfigurationId: 'w',
          target: { type: 'sms', value: '+1' },
          inviter: { userId: 'u' },
          scopes: [
            { type: 'team', scopeId: 's1', name: 'A' },
            { type: 'team', groupId: 's2' },
          ],
        }),
      'POST /invitations',
      {
        widgetConfigurationId: 'w',
        target: { type: 'phone', value: '+1' },
        inviter: { userId: 'u' },
        groups: [
          { type: 'team', groupId: 's1', name: 'A' },
          { type: 'team', groupId: 's2', name: 's2' },
        ],
      },
    ],
    [
      'createInvitation with scopeId, scopeType and scopeName',
      (c) =>
        c.createInvitation({
          widgetConfigurationId: 'w',
          target: { type: 'internal', value: 'u2' },
          inviter: { userId: 'u' },
          scopeId: 's',
          scopeType: 'team',
          scopeName: 'S',
        }),
      'POST /invitations',
      {
        widgetConfigurationId: 'w',
        target: { type: 'internal', value: 'u2' },
        inviter: { userId: 'u' },
        groups: [{ type: 'team', groupId: 's', name: 'S' }],
      },
    ],
    [
      'createInvitation without the optional fields that are null',
      (c) =>
        c.createInvitation({
          widgetConfigurationId: 'w',
          target: { type: 'email', value: 'a@b.example', name: null },
          inviter: { userId: 'u', userEmail: null, name: null, avatarUrl: null },
          groups: null,
          scopes: [{ type: 'team', scopeId: 's', name: null, groupId: null }],
          scopeId: null,
          subtype: null,
          metadata: { role: null },
          unfurlConfig: { title: 'Hi', image: null },
        }),
      'POST /invitations',
      {
        widgetConfigurationId: 'w',
        target: { type: 'email', value: 'a@b.example' },
        inviter: { userId: 'u' },
        groups: [{ type: 'team', groupId: 's', name: 's' }],
        metadata: { role: null },
        unfurlConfig: { title: 'Hi' },
      },
    ],
    [
      'createInvitation with scopeId and a null scopeType, and with null for each object',
      (c) =>
        c.createInvitation({
          widgetConfigurationId: 'w',
          target: { type: 'email', value: 'a@b.example' },
          inviter: { userId: 'u' },
          scopeId: 's',
          scopeType: null,
          scopeName: null,
          templateVariables: null,
          metadata: null,
          unfurlConfig: null,
        }),
      'POST /invitations',
      {
        widgetConfigurationId: 'w',
        target: { type: 'email', value: 'a@b.example' },
        inviter: { userId: 'u' },
        groups: [{ type: 'default', groupId: 's', name: 's' }],
      },
    ],
    [
      'createInvitation with null for each name of a scope',
      (c) =>
        c.createInvitation({
          widgetConfigurationId: 'w',
          target: { type: 'email', value: 'a@b.example' },
          inviter: { userId: 'u' },
          scopes: null,
          scopeId: null,
          scopeType: null,
          scopeName: null,
        }),
      'POST /invitations',
      { widgetConfigurationId: 'w', target: { type: 'email', value: 'a@b.example' }, inviter: { userId: 'u' } },
    ],
    [
      'acceptInvitation without the fields of the user that are null',
      (c) => c.acceptInvitation('i', { email: 'u@x.com', phone: null, name: null, isExisting: null }),
      'POST /invitations/accept',
      { invitationIds: ['i'], user: { email: 'u@x.com' } },
    ],
    [
      'configureAutojoin without the fields that are null',
      (c) =>
        c.configureAutojoin({
          scopeType: 'team',
          scope: null,
          scopeId: 's',
          scopeName: null,
          domains: [],
          componentId: null,
          widgetId: 'c',
          metadata: null,
        }),
      'POST /invitations/autojoin',
      { scopeType: 'team', scope: 's', domains: [], componentId: 'c' },
    ],
    [
      'acceptInvitation with an unknown field of the user',
      (c) => c.acceptInvitation('i', { email: 'u@x.com', isExisting: false, ...{ extra: 'kept' } }),
      'POST /invitations/accept',
      { invitationIds: ['i'], user: { email: 'u@x.com', isExisting: false, extra: 'kept' } },
    ],
    [
      'acceptInvitations with a target of the older form',
      (c) => c.acceptInvitations(['i'], { type: 'phoneNumber', value: '+1' }),
      'POST /invitations/accept',
      { invitationIds: ['i'], user: { phone: '+1' } },
    ],
    [
      'acceptInvitation with a type beside the email',
      (c) => c.acceptInvitation('i', { email: 'u@x.com', ...{ type: 'member' } }),
      'POST /invitations/accept',
      { invitationIds: ['i'], user: { email: 'u@x.com', type: 'member' } },
    ],
    [
      'syncInternalInvitation',
      (c) => c.syncInternalInvitation({ creatorId: 'a', targetValue: 'b', action: 'declined', componentId: 'c' }),
      'POST /invitations/sync-internal-invitation',
      { creatorId: 'a', targetValue: 'b', action: 'declined', componentId: 'c' },
    ],
  ];
  test.each(requests.map(([name, call, line, body]) => [name, line, call, body] as const))(
    '%s sends %s',
    async (_, line, call, body) => {
      const seen: unknown[] = [];
      const url = await http((request, response, text) => {
        seen.push(`${request.method} ${request.url}`, text === '' ? undefined : JSON.parse(text));
        response.end('{"id":"i","invitations":[{"id":"i"}],"processed":0,"invitationIds":[],"autojoinDomains":[]}');
      });
      await call(client(url));
      expect(seen).toEqual([line.replace(' ', ' /api/v1'), body]);
    },
  );

  test('acceptInvitations with several targets makes one call for each, in order, up to the first failure', async () => {
    const bodies: unknown[] = [];
    const url = await http((_, response, body) => {
      bodies.push(JSON.parse(body).user);
      response.writeHead(bodies.length === 2 ? 409 : 200).end(`{"id":"i-${bodies.length}"}`);
    });
    const targets = ['a@x.example', 'b@x.example', 'c@x.example'].map((value) => ({ type: 'email', value }) as const);
    expect((await failure(client(url).acceptInvitations(['i'], targets))).code).toBe('UPSTREAM_CONFLICT');
    expect(bodies).toEqual([{ email: 'a@x.example' }, { email: 'b@x.example' }]);
    bodies.length = 5;
    expect((await client(url).acceptInvitations(['i'], targets.slice(0, 2))).id).toBe('i-7');
  });

  test.each<[string, (client: VortexClient) => Promise<unknown>]>([
    ['the id ..', (c) => c.revokeInvitation('..')],
    ['the id .%2E', (c) => c.getInvitation('.%2E')],
    ['a dot segment encoded twice', (c) => c.getInvitation('%252e%252E')],
    ['a dot encoded twice, its digits included', (c) => c.getInvitation('%25%32%65')],
    ['an empty id', (c) => c.getInvitation('')],
    ['an undefined id', (c) => c.getInvitation(undefined as unknown as string)],
    ['half a surrogate pair as the id', (c) => c.getInvitation('\ud83d')],
    ['the scope .', (c) => c.deleteInvitationsByScope('team', '.')],
    ['an accepting user whose email is empty', (c) => c.acceptInvitation('i', { email: '' })],
    [
      'an accepting user of the type username',
      (c) => c.acceptInvitation('i', { type: 'username' as 'email', value: 'ann' }),
    ],
    ['an empty list of targets', (c) => c.acceptInvitations(['i'], [])],
    [
      'a scope type without a scope',
      (c) =>
        c.createInvitation({
          widgetConfigurationId: 'w',
          target: { type: 'email', value: 'a@b.example' },
          inviter: { userId: 'u' },
          scopeType: 'team',
        } as unknown as Parameters<VortexClient['createInvitation']>[0]),
    ],
  ])('a call with %s rejects with INVALID_ARGUMENT, and nothing is sent', async (_, call) => {
    let calls = 0;
    const url = await http((_, response) => {
      calls += 1;
      response.end();
    });
    expect((await failure(call(client(url)))).code).toBe('INVALID_ARGUMENT');
    expect(calls).toBe(0);
  });
});

describe('replies', () => {
  test('an invitation has its scopes under both spellings', async () => {
    const url = await http((_, response) => response.end('{"id":"i","groups":[null,{"groupId":"g"}]}'));
    const invitation = await client(url).getInvitation('i');
    expect(invitation.scopes).toEqual([{ groupId: 'g', scopeId: 'g' }]);
    expect(invitation.groups).toBe(invitation.scopes);
  });

  test.each([
    ['groups', '"groups":[]', []],
    ['groups and a scope', '"groups":[],"scope":"s","scopeType":"team"', ['s']],
    ['groups and a scope without a type', '"groups":null,"scope":"s"', ['s']],
  ])('an invitation with empty %s has the scopes that its reply names', async (_, fields, ids) => {
    const url = await http((_request, response) => response.end(`{"id":"i",${fields}}`));
    const { scopes } = await client(url).getInvitation('i');
    expect(scopes?.map(({ scopeId }) => scopeId)).toEqual(ids);
  });

  test('a JSON reply is read whatever its Content-Type, with its unknown fields', async () => {
    const url = await http((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('{"id":"i","groups":null,"new":1}');
    });
    expect(await client(url).getInvitation('i')).toEqual({ id: 'i', new: 1 });
  });

  test('a reply of the wrong shape rejects with its status and request id, and names the field', async () => {
    const url = await http((_, response) => {
      response.writeHead(200, { 'x-request-id': 'req-1' }).end('{"invitations":[{"id":"a"},{"id":5}]}');
    });
    const error = await failure(client(url).getInvitationsByScope('t', 's'));
    expect(error).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      status: 502,
      upstreamStatus: 200,
      requestId: 'req-1',
    });
    expect(error.message).toContain('invitations.1.id');
  });

  test.each([
    ['7', 7],
    ['0', 0],
    ['-1', undefined],
    ['junk', undefined],
    ['', undefined],
  ])('the Retry-After %j of a 429 is read as %s seconds', async (header, seconds) => {
    const url = await http((_, response) => response.writeHead(429, { 'retry-after': header }).end());
    const { code, retryAfter } = await failure(client(url).reinvite('i'));
    expect([code, retryAfter]).toEqual(['RATE_LIMITED', seconds]);
  });

  test('the Retry-After date of a 503 is read as seconds from now', async () => {
    const url = await http((_, response) => {
      response.writeHead(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end();
    });
    const { code, retryAfter } = await failure(client(url).reinvite('i'));
    expect(code).toBe('UPSTREAM_UNAVAILABLE');
    expect(retryAfter).toBeGreaterThan(55);
    expect(retryAfter).toBeLessThanOrEqual(60);
  });
});

describe.each<[string, VortexClientOptions]>([
  ['the pool', {}],
  ['fetch', { fetch: globalThis.fetch }],
])('failures with %s', (_, by) => {
  const client = (baseUrl: string, options: VortexClientOptions = {}) =>
    new VortexClient(KEY, { baseUrl, ...by, ...options });

  const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

  test.each<[string, (socket: Socket) => void]>([
    ['sends no headers', () => {}],
    ['stalls within the body', (socket) => socket.write(`${HEAD}content-length: 20\r\n\r\n{"id":`)],
    [
      'sends its body byte by byte',
      (socket) => {
        socket.write(`${HEAD}content-length: 1000\r\n\r\n`);
        const drip = setInterval(() => socket.write(' '), 20);
        socket.on('close', () => clearInterval(drip));
      },
    ],
  ])(
    'a peer that %s makes a call reject with UPSTREAM_TIMEOUT at its deadline, and a write says that the change may have been made',
    async (_, behave) => {
      const late = client(await tcp(behave), { timeout: 150 });
      const sentence = 'The Vortex API did not answer within 150 ms.';
      const changed = `${sentence} The change may have been made.`;
      for (const [call, message] of [
        [late.getInvitation('i'), sentence],
        [late.reinvite('i'), changed],
        [late.revokeInvitation('i'), changed],
      ] as const) {
        const error = await failure(call);
        expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', status: 504, message });
        expect(error.cause).toBeDefined();
      }
    },
  );

  test.each<[string, (socket: Socket) => void, string, string?]>([
    ['whose connection is reset', (socket) => socket.resetAndDestroy(), 'done'],
    ['answered with 502', (socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'), 'done'],
    [
      'answered with 429',
      (socket) => socket.end('HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n'),
      'NOT_FOUND',
    ],
    [
      'answered with 503, as by a proxy without a server behind it,',
      (socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n'),
      'UPSTREAM_BAD_RESPONSE',
      'page not found',
    ],
  ])(
    'a DELETE %s, and answered with 404 when it is sent again, ends with %3$s',
    async (_, first, expected, body = '{}') => {
      let requests = 0;
      const url = await tcp((socket) => {
        requests += 1;
        if (requests === 1) first(socket);
        else socket.end(`HTTP/1.1 404 Not Found\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      });
      const ending = client(url).revokeInvitation('i');
      expect(
        await ending.then(
          () => 'done',
          ({ code }) => code,
        ),
      ).toBe(expected);
      expect(requests).toBe(2);
    },
  );

  test('a call to a closed port rejects with UPSTREAM_UNREACHABLE, for reads and writes', async () => {
    const url = await tcp(() => {});
    for (const close of open) close();
    expect((await failure(client(url).getInvitation('i'))).code).toBe('UPSTREAM_UNREACHABLE');
    expect((await failure(client(url).reinvite('i'))).code).toBe('UPSTREAM_UNREACHABLE');
  });

  test('a POST whose connection is reset rejects with OUTCOME_UNKNOWN, and is sent once', async () => {
    let requests = 0;
    const url = await tcp((socket) => {
      requests += 1;
      socket.resetAndDestroy();
    });
    expect(await failure(client(url).reinvite('i'))).toMatchObject({ code: 'OUTCOME_UNKNOWN', status: 502 });
    expect(requests).toBe(1);
  });

  test('a truncated body makes a call reject with UPSTREAM_BAD_RESPONSE', async () => {
    const url = await tcp((socket) => socket.end(`${HEAD}content-length: 500\r\n\r\n{"id":"i"}`));
    expect(await failure(client(url).getInvitation('i'))).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', status: 502 });
  });

  test('a reply without end is read no further than maxResponseBytes', async () => {
    let written = 0;
    const url = await http((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const more = (): void => {
        while (!response.destroyed && written < 200) {
          written += 1;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      more();
    });
    expect((await failure(client(url).getInvitation('i'))).code).toBe('UPSTREAM_BAD_RESPONSE');
    expect(written).toBeLessThan(100);
  });

  test('a redirect is not followed, and its target gets no request', async () => {
    let visits = 0;
    const elsewhere = await http((_, response) => {
      visits += 1;
      response.end('{"id":"i"}');
    });
    const url = await http((_, response) => response.writeHead(307, { location: elsewhere }).end());
    const error = await failure(client(url).reinvite('i'));
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', upstreamStatus: 307 });
    expect(visits).toBe(0);
  });

  test('a call whose signal aborts rejects with ABORTED', async () => {
    const controller = new AbortController();
    const url = await tcp(() => controller.abort());
    expect((await failure(client(url).getInvitation('i', { signal: controller.signal }))).code).toBe('ABORTED');
  });

  test('a body that is not JSON rejects with INVALID_ARGUMENT, and nothing is sent', async () => {
    const metadata = { big: 1n };
    const call = client('http://127.0.0.1:1').createInvitation({
      widgetConfigurationId: 'w',
      target: { type: 'email', value: 'a@b.example' },
      inviter: { userId: 'u' },
      metadata,
    });
    expect((await failure(call)).code).toBe('INVALID_ARGUMENT');
  });

  test('neither a client nor an error shows the key, to inspect or as JSON', async () => {
    const url = await http((_, response) => response.writeHead(500).end(`{"message":"${KEY}"}`));
    const one = client(url);
    await one.generateToken({ user: { id: 'u' } });
    const errors = [await failure(one.getInvitation('i')), await failure(one.getInvitation('..'))];
    for (const value of [one, ...errors]) {
      expect(inspect(value, { depth: 10, showHidden: true })).not.toContain('canary');
      expect(JSON.stringify(value)).not.toContain('canary');
    }
  });
});

describe('limits', () => {
  const silent = () => tcp(() => {});

  test('a call over maxInFlight rejects at once with OVERLOADED, and is not sent', async () => {
    let requests = 0;
    const answers: ServerResponse[] = [];
    const url = await http((_, response) => {
      requests += 1;
      answers.push(response);
    });
    const one = client(url, { maxInFlight: 2 });
    const running = [one.getInvitation('a'), one.getInvitation('b')];
    await expect.poll(() => requests).toBe(2);
    expect(await failure(one.getInvitation('c'))).toMatchObject({ code: 'OVERLOADED', status: 503 });
    expect(requests).toBe(2);
    for (const answer of answers) answer.end('{"id":"i"}');
    await Promise.all(running);
    const again = one.getInvitation('d');
    await expect.poll(() => requests).toBe(3);
    answers.at(-1)?.end('{"id":"d"}');
    expect((await again).id).toBe('d');
  });

  test('a failed call no longer counts towards maxInFlight', async () => {
    const one = client(await silent(), { maxInFlight: 1, timeout: 30 });
    for (let count = 0; count < 3; count += 1) {
      expect((await failure(one.getInvitation('i'))).code).toBe('UPSTREAM_TIMEOUT');
    }
  });

  test('a reply over maxResponseBytes is refused, and the error names the option', async () => {
    const url = await http((_, response) => response.end(JSON.stringify({ id: 'x'.repeat(1000) })));
    expect((await client(url, { maxResponseBytes: 2000 }).getInvitation('i')).id).toHaveLength(1000);
    expect((await failure(client(url, { maxResponseBytes: 500 }).getInvitation('i'))).message).toContain(
      'maxResponseBytes',
    );
  });
});

test('a Retry-After over 5 s is not waited for, even if the deadline would allow it', async () => {
  let requests = 0;
  const url = await http((_, response) => {
    requests += 1;
    response.writeHead(503, { 'retry-after': '6' }).end();
  });
  expect(await failure(client(url, { timeout: 60_000 }).getInvitation('i'))).toMatchObject({ retryAfter: 6 });
  expect(requests).toBe(1);
});

test('close waits for running calls', async () => {
  let answer: (() => void) | undefined;
  const url = await http((_, response) => {
    answer = () => response.end('{"id":"i"}');
  });
  const one = client(url);
  const running = one.getInvitation('i');
  await expect.poll(() => answer).toBeDefined();
  const order: string[] = [];
  const ended = [running.then(() => order.push('answered')), one.close().then(() => order.push('closed'))];
  await new Promise((resolve) => setImmediate(resolve));
  answer?.();
  await Promise.all(ended);
  expect([(await running).id, order]).toEqual(['i', ['answered', 'closed']]);
  await new VortexClient(KEY, { baseUrl: url }).close();
});

test('a GET is sent again on a new connection if the peer closes the kept-alive one', async () => {
  const requests: number[] = [];
  const url = await tcp((socket) => {
    const connection = requests.push(1) - 1;
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"id":"i"}');
    // The next request on this connection meets a server that has just given up the idle connection.
    socket.on('data', () => {
      requests[connection] = 2;
      socket.destroy();
    });
  });
  const one = client(url, { maxInFlight: 1 });
  for (let count = 0; count < 3; count += 1) expect((await one.getInvitation('i')).id).toBe('i');
  expect(requests).toEqual([2, 2, 1]);
});

test('a connection that cannot be made rejects with UPSTREAM_TIMEOUT before the deadline of the call', {
  timeout: 15_000,
}, async () => {
  // A stopped process whose accept queue is full: the kernel drops every further attempt to connect.
  const script = `const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    console.log(s.address().port);
    process.kill(process.pid, 'SIGSTOP');
  });`;
  const stopped = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const fillers: Socket[] = [];
  try {
    const port = Number(String((await once(stopped.stdout, 'data'))[0]));
    for (let count = 0; count < 4; count += 1) fillers.push(connect(port, '127.0.0.1').on('error', () => {}));
    // A backlog of 1 has room for two.
    await expect.poll(() => fillers.filter(({ pending }) => !pending).length).toBe(2);
    const error = await failure(client(`http://127.0.0.1:${port}`, { timeout: 9000 }).getInvitation('i'));
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', cause: { failure: 'connect-timeout' } });
  } finally {
    for (const filler of fillers) filler.destroy();
    stopped.kill('SIGKILL');
  }
});

describe('the base URL', () => {
  test.each([
    ['', ''],
    ['/', ''],
    ['/api/v1', ''],
    ['/api/v1/', ''],
    ['/proxy', '/proxy'],
    ['/proxy/api/v1/', '/proxy'],
  ])('a base URL that ends in %j calls %s/api/v1', async (end, prefix) => {
    let target: string | undefined;
    const url = await http((request, response) => {
      target = request.url;
      response.end('{"id":"i"}');
    });
    await client(`${url}${end}`).getInvitation('i');
    expect(target).toBe(`${prefix}/api/v1/invitations/i`);
  });

  test('the base URL of a client is VORTEX_API_BASE_URL at the time when the client is made', async () => {
    const url = await http((_, response) => response.end('{"id":"found"}'));
    vi.stubEnv('VORTEX_API_BASE_URL', `${url}/`);
    const made = new VortexClient(KEY);
    vi.stubEnv('VORTEX_API_BASE_URL', 'https://elsewhere.example');
    expect((await made.getInvitation('i')).id).toBe('found');
  });
});
