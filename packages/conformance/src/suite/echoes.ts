/** Answers of the API that are not HTTP, and answers that quote the request and with it the API key. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ann } from './data.js';
import type { Group } from './group.js';
import { type Peer, startPeer, type Treatment } from './peer.js';

const keyOf = (request: string) => /^x-api-key: (.*)\r$/imu.exec(request)?.[1] ?? 'no key arrived';
const head = (...lines: string[]) =>
  ['HTTP/1.1 200 OK', 'content-type: application/json', ...lines, '', ''].join('\r\n');

const notHttp = {
  'another protocol': (socket) => void socket.end('what do you want?\r\n\r\n'),
  'the request itself': (socket, request) => void socket.end(request),
  'a status that holds the key': (socket, request) => void socket.end(`HTTP/1.1 ${keyOf(request)} OK\r\n\r\n`),
  'a header line that holds the key': (socket, request) => void socket.end(head(`no header ${keyOf(request)}`)),
  'NUL bytes and the key in a header': (socket, request) => void socket.end(head(`x-echo: \0${keyOf(request)}`)),
} as const satisfies Record<string, Treatment>;

export const echoes: Group = {
  of: 'seam',
  title: 'answers of the API that are not HTTP or quote the request',
  define({ call, canary, expectFailure, upstream, runtime }) {
    let peer: Peer;
    beforeAll(async () => {
      peer = await startPeer();
    });
    afterAll(() => peer.close());
    const get = () => call('GET', '/invitations/i-1', { user: ann }, { baseUrl: peer.url });

    test.each(Object.entries(notHttp))(
      'an API that answers with %s is a 502 after one attempt, and its answer is not quoted',
      async (_, answer) => {
        peer.treat(answer);
        const reply = await get();
        // workerd reports such an answer as a broken connection, which is tried again.
        if (runtime === 'workerd') expectFailure(reply, 502, 'UPSTREAM_UNREACHABLE');
        else expectFailure(reply, 502, 'UPSTREAM_BAD_RESPONSE');
        expect(peer.requests).toBe(runtime === 'workerd' ? 3 : 1);
        expect(canary.leaks).toEqual([]);
      },
    );

    // workerd itself logs such a chunk, and with it the key.
    if (runtime !== 'workerd') {
      test('an answer with the key as the size of a chunk is a 502 that does not quote it', async () => {
        peer.treat((socket, request) => void socket.end(`${head('transfer-encoding: chunked')}${keyOf(request)}\r\n`));
        expectFailure(await get(), 502, 'UPSTREAM_BAD_RESPONSE');
        expect(canary.leaks).toEqual([]);
      });
    }

    test('an X-Request-Id that holds the key is dropped', async () => {
      upstream.script({ status: 500, headers: { 'x-request-id': upstream.apiKey } });
      expectFailure(await call('GET', '/invitations/i-1'), 502, 'UPSTREAM_ERROR');
      expect(canary.leaks).toEqual([]);
    });

    test('an API that answers plain HTTP in place of TLS is a 502', async () => {
      peer.treat((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      const settings = { baseUrl: peer.url.replace('http:', 'https:') };
      expectFailure(await call('GET', '/invitations/i-1', { user: ann }, settings), 502, 'UPSTREAM_UNREACHABLE');
    });
  },
};
