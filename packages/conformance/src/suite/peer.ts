import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';

/** A TCP peer that misbehaves on the wire, which no mock of a client could. */
export interface Peer {
  url: string;
  /** Sets the treatment of the next requests. The last treatment repeats. */
  treat(...treatments: Treatment[]): void;
  /** Number of requests since the last call of `treat`. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Answers a request, given as text, on its socket. */
export type Treatment = (socket: Socket, request: string) => void;

const head = (status: string, ...lines: string[]) =>
  ['HTTP/1.1 ', status, '\r\n', ...lines.map((line) => `${line}\r\n`), '\r\n'].join('');
const JSON_TYPE = 'content-type: application/json';
/** Compressed on first use and only once: it takes 0.3 s. */
let bomb: Buffer | undefined;

export const treatments = {
  'never answers': () => {},
  'stalls in the body': (socket) => void socket.write(`${head('200 OK', JSON_TYPE, 'content-length: 20')}{"id":`),
  'drips the body': (socket) => {
    socket.write(head('200 OK', JSON_TYPE, 'content-length: 1000'));
    const drip = setInterval(() => socket.write(' '), 20);
    socket.on('close', () => clearInterval(drip));
  },
  'resets at once': (socket) => void socket.resetAndDestroy(),
  'ends without a byte': (socket) => void socket.end(),
  'breaks off in the body': (socket) =>
    void socket.end(`${head('200 OK', JSON_TYPE, 'content-length: 500')}{"id":"i"}`),
  'answers without end': (socket) => {
    socket.write(head('200 OK', JSON_TYPE, 'transfer-encoding: chunked'));
    const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`;
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
      if (!socket.destroyed) socket.once('drain', more);
    };
    more();
  },
  'sends a gzip bomb': (socket) => {
    bomb ??= gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    socket.write(head('200 OK', JSON_TYPE, 'content-encoding: gzip', `content-length: ${bomb.length}`));
    socket.end(bomb);
  },
  'answers well': (socket) => void socket.write(`${head('200 OK', JSON_TYPE, 'content-length: 10')}{"id":"i"}`),
} as const satisfies Record<string, Treatment>;

export async function startPeer(tls?: { key: string; cert: string }): Promise<Peer> {
  let queue: Treatment[] = [];
  let requests = 0;
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    // The requests of these tests are small and not pipelined, so one piece of data is one request.
    socket.on('data', (request) => {
      requests += 1;
      const treatment = queue.length > 1 ? queue.shift() : queue[0];
      treatment?.(socket, request.toString('latin1'));
    });
  };
  const server = tls ? createTlsServer(tls, serve) : createServer(serve);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    treat: (...next) => {
      queue = next;
      requests = 0;
    },
    get requests() {
      return requests;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A self-signed certificate for 127.0.0.1, with its key. It protects nothing. */
export const untrusted = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQa//j6vlmkgWE/jF
X865sYYn7G6ZDyI/QdL7uDi3Gj2hRANCAAR7UQfOik/0h3Inxh9YUq1MErYYIdlD
3qmkjxqv4iO5OMIiXoqEzZGnJUq0uZSyixa833oNf8Z518Sb++KLqouP
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmTCCAUCgAwIBAgIUC0rsQgvKRu1CHiEDXjhme3757cEwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdW50cnVzdGVkLnRlc3QwIBcNMjYxMTIwMTIzNDQxWhgPMjEy
NjEwMjcxMjM0NDFaMBkxFzAVBgNVBAMMDnVudHJ1c3RlZC50ZXN0MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEe1EHzopP9IdyJ8YfWFKtTBK2GCHZQ96ppI8ar+Ij
uTjCIl6KhM2RpyVKtLmUsosWvN96DX/GedfEm/vii6qLj6NkMGIwHQYDVR0OBBYE
FL7APdAqnDXTWw2DcCkDyMEYBtZnMB8GA1UdIwQYMBaAFL7APdAqnDXTWw2DcCkD
yMEYBtZnMA8GA1UdEwEB/wQFMAMBAf8wDwYDVR0RBAgwBocEfwAAATAKBggqhkjO
PQQDAgNHADBEAiBVt8rwOkYKSXdiZYnFuZncB4NsMwBCDYTstRM511y3BgIgPok1
08kLsKqmKG5M4IAtxnl0+OaI9FDGuVRk5vsnSuU=
-----END CERTIFICATE-----`,
};
