/** Errors that hold what an upstream has answered, and with it perhaps the API key; errors of another copy of this package. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { VortexClient, VortexError } from '@vortex/core';
import { afterEach, describe, expect, test } from 'vitest';

const SECRET = 'made-up-Secret';
const KEY = `VRTX.Pxwrep1OTGuKHw4tPEtaaQ.${SECRET}`;

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A TCP server that answers each request as it is told, and counts them. */
async function peer(answer: (socket: Socket, request: string) => void) {
  const seen = { url: '', requests: 0 };
  const server = createServer((socket) => {
    open.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (request) => {
      seen.requests += 1;
      answer(socket, request.toString('latin1'));
    });
  });
  open.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return seen;
}

async function failureOf(calling: Promise<unknown>): Promise<VortexError> {
  const error = await calling.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VortexError);
  const everything = inspect(error, { depth: null, showHidden: true, maxStringLength: null });
  // Servers and our own code may change the case of a header.
  expect(everything.toLowerCase()).not.toContain(SECRET.toLowerCase());
  return error as VortexError;
}

const head = (...lines: string[]) =>
  ['HTTP/1.1 200 OK', 'content-type: application/json', ...lines, '', ''].join('\r\n');

describe.each([
  ['a pool of undici', {}],
  ['fetch', { fetch }],
])('by %s', (_, by) => {
  const clientOf = (baseUrl: string) => new VortexClient(KEY, { baseUrl, ...by });

  test.each<[string, (socket: Socket, request: string) => void]>([
    ['the request itself', (socket, request) => void socket.end(request)],
    ['the key as a status', (socket) => void socket.end(`HTTP/1.1 ${KEY} OK\r\n\r\n`)],
    ['the key in a line that is no header', (socket) => void socket.end(head(`no header ${KEY}`))],
    ['NUL bytes and the key in a header', (socket) => void socket.end(head(`x-echo: \0${KEY}`))],
    ['a head that is too long', (socket) => void socket.end(head(`x-echo: ${KEY.repeat(10_000)}`))],
    ['the key as the size of a chunk', (socket) => void socket.end(`${head('transfer-encoding: chunked')}${KEY}\r\n`)],
  ])('%s is UPSTREAM_BAD_RESPONSE, sent once, and the error holds no secret', async (_name, answer) => {
    const server = await peer(answer);
    const { code, message, cause } = await failureOf(clientOf(server.url).getInvitation('i'));
    expect([code, (cause as { failure: string }).failure]).toEqual(['UPSTREAM_BAD_RESPONSE', 'not-http']);
    expect(message).toContain('not HTTP');
    expect(server.requests).toBe(1);
  });

  test('an answer to a write that is not HTTP leaves its outcome unknown', async () => {
    const server = await peer((socket, request) => void socket.end(request));
    expect((await failureOf(clientOf(server.url).reinvite('i'))).code).toBe('OUTCOME_UNKNOWN');
    expect(server.requests).toBe(1);
  });

  test('plain HTTP behind an https: base URL is UPSTREAM_UNREACHABLE, sent once, for want of TLS', async () => {
    const server = await peer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const client = clientOf(server.url.replace('http:', 'https:'));
    for (const call of [() => client.getInvitation('i'), () => client.reinvite('i')]) {
      const { code, message, cause } = await failureOf(call());
      expect([code, (cause as { failure: string }).failure]).toEqual(['UPSTREAM_UNREACHABLE', 'not-tls']);
      expect(message).toContain('does not speak TLS');
    }
    expect(server.requests).toBe(2);
  });

  test.each([
    ['that is short and printable', 'r-1', 'r-1'],
    ['of 100 characters', 'r'.repeat(100), 'r'.repeat(100)],
    ['of more', 'r'.repeat(101), undefined],
    ['that is not ASCII', 'r\u00e9', undefined],
    ['with a tab', 'r\t1', undefined],
    ['that holds the key', `r ${KEY}`, undefined],
    ['that holds the secret', `r ${SECRET}`, undefined],
  ])('a request id %s', async (_name, id, kept) => {
    const server = await peer(
      (socket) => void socket.end(`HTTP/1.1 400 Bad\r\nx-request-id: ${id}\r\ncontent-length: 2\r\n\r\n{}`, 'latin1'),
    );
    const { code, requestId } = await failureOf(clientOf(server.url).getInvitation('i'));
    expect([code, requestId]).toEqual(['UPSTREAM_INVALID', kept]);
  });
});

test.each([
  ['the key', KEY],
  ['the key among others', `gzip, ${KEY}, br`],
])(
  'a Content-Encoding of %s is UPSTREAM_BAD_RESPONSE, and the error has the secret in no letter case',
  async (_, encoding) => {
    const server = await peer(
      (socket) => void socket.end(`${head(`content-encoding: ${encoding}`, 'content-length: 2')}{}`),
    );
    const { code, cause } = await failureOf(new VortexClient(KEY, { baseUrl: server.url }).getInvitation('i'));
    expect([code, (cause as { failure: string }).failure]).toEqual(['UPSTREAM_BAD_RESPONSE', 'undecodable']);
  },
);

describe('an error that fetch rejects with', () => {
  /** The causes of a call whose `fetch` throws this, from the first after the ExchangeError on. */
  async function causesOf(thrown: unknown): Promise<unknown[]> {
    const client = new VortexClient(KEY, { fetch: () => Promise.reject(thrown), timeout: 2000 });
    const causes: unknown[] = [];
    let { cause } = (await failureOf(client.reinvite('i'))).cause as Error;
    for (; cause !== undefined; cause = (cause as Error).cause) causes.push(cause);
    return causes;
  }

  test('an error of fetch is copied by its name, code and message, without what it holds besides', async () => {
    const cause = Object.assign(new RangeError('inner'), { socket: { key: KEY } });
    const thrown = Object.assign(new TypeError('outer', { cause }), { code: 'E_OUTER', data: KEY });
    const causes = await causesOf(thrown);
    expect(causes).toEqual([
      expect.objectContaining({ name: 'TypeError', code: 'E_OUTER', message: 'outer' }),
      expect.objectContaining({ name: 'RangeError', message: 'inner' }),
    ]);
    for (const copy of causes) expect(copy).toBeInstanceOf(Error);
    expect(causes[1]).not.toHaveProperty('code');
    expect(causes[1]).not.toHaveProperty('cause');
    expect(causes).not.toContain(thrown);
    expect(causes).not.toContain(cause);
  });

  test('the copy of an error of fetch has at most 200 printable characters, and [redacted] in place of the key and its secret', async () => {
    const [copy] = await causesOf(
      Object.assign(new Error(`a\n\0${KEY} ${SECRET} ${'x'.repeat(300)}`), { code: SECRET }),
    );
    const { message, code } = copy as { message: string; code: string };
    expect(message).toMatch(/^a\?\?\[redacted\] \[redacted\] x+$/u);
    expect(message).toHaveLength(200);
    expect(code).toBe('[redacted]');
  });

  test('an error of fetch and its causes are copied to a depth of three', async () => {
    const loop: Error & { cause?: unknown } = new Error('again');
    loop.cause = loop;
    expect((await causesOf(loop)).map((copy) => (copy as Error).message)).toEqual(['again', 'again', 'again']);
  });

  test('the query of a URL that an error of fetch quotes is left out, since it may hold an address', async () => {
    const url = 'https://api.example/api/v1/invitations?targetType=email&targetValue=ann%40harbor.example';
    const [copy] = await causesOf(new TypeError(`error sending request for url (${url}): refused`));
    expect((copy as Error).message).toBe(
      'error sending request for url (https://api.example/api/v1/invitations): refused',
    );
  });

  test.each<[string, unknown]>([
    ['text', `text ${KEY}`],
    ['nothing', undefined],
    ['an object', { data: KEY }],
  ])('what fetch rejects with is copied if it is %s', async (_, thrown) => {
    const [copy, ...others] = await causesOf(thrown);
    expect([copy, others]).toEqual([expect.objectContaining({ name: 'Error' }), []]);
  });

  test.each<[string, string, unknown]>([
    ['Bun', 'Malformed_HTTP_Response', Object.assign(new TypeError('?'), { code: 'Malformed_HTTP_Response' })],
    ['Bun, in a chunk,', 'InvalidHTTPResponse', Object.assign(new TypeError('?'), { code: 'InvalidHTTPResponse' })],
    [
      'Deno',
      'words',
      new TypeError('fetch failed', { cause: new Error('client error (SendRequest): invalid HTTP version parsed') }),
    ],
  ])('an answer that %s says is not HTTP by %s is UPSTREAM_BAD_RESPONSE', async (_runtime, _sign, thrown) => {
    const client = new VortexClient(KEY, { fetch: () => Promise.reject(thrown) });
    expect((await failureOf(client.getInvitation('i'))).code).toBe('UPSTREAM_BAD_RESPONSE');
  });
});

describe('VortexError.is', () => {
  class Renamed extends VortexError {
    override readonly name = 'Renamed';
  }
  const like = (fields: object) =>
    Object.assign(new Error('m'), { name: 'VortexError', code: 'FORBIDDEN', status: 403, ...fields });
  test.each<[boolean, string, unknown]>([
    [true, 'a VortexError', new VortexError('FORBIDDEN')],
    [true, 'an error of a subclass with a name of its own', new Renamed('FORBIDDEN')],
    [true, 'an error of another copy', like({})],
    [
      true,
      'an invalid signature of another copy',
      like({ name: 'VortexWebhookSignatureError', code: 'INVALID_SIGNATURE', status: 401 }),
    ],
    [false, 'an error whose name only ends like ours', like({ name: 'NoVortexError' })],
    [false, 'an error whose name only begins like ours', like({ name: 'VortexErrors' })],
    [false, 'an error with our code and another name', like({ name: 'Error' })],
    [false, 'an error with an unknown code', like({ code: 'TEAPOT' })],
    [false, 'an error whose code is a list', like({ code: ['FORBIDDEN'] })],
    [false, 'an error whose code is a member of every object', like({ code: 'toString', status: undefined })],
    [false, 'an error with another status than its code has', like({ status: 500 })],
    [false, 'an object that is no error', { ...like({}) }],
    [false, 'null', null],
    [false, 'undefined', undefined],
  ])('VortexError.is is %s for %s', (expected, _, value) => {
    expect(VortexError.is(value)).toBe(expected);
  });
});
