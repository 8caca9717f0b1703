/** A Vortex API that fails in changing ways, and knows which writes it has carried out. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

type Fault = (response: ServerResponse, carryOut: () => void, answer: () => void) => void;

const faults: Readonly<Record<string, Fault>> = {
  'status 500': (response) => void response.writeHead(500).end('{}'),
  'status 503': (response) => void response.writeHead(503).end('{}'),
  'status 429': (response) => void response.writeHead(429, { 'retry-after': '0' }).end('{}'),
  'reset before it acts': ({ socket }) => void socket?.resetAndDestroy(),
  'reset after it acted': ({ socket }, carryOut) => {
    carryOut();
    socket?.resetAndDestroy();
  },
  'reply cut off': (response, carryOut) => {
    carryOut();
    response.writeHead(200, { 'content-length': '500' }).write('{"id":');
    setTimeout(() => response.destroy(), 5);
  },
  'no HTTP': ({ socket }) => void socket?.end('what?\r\n\r\n'),
  'no JSON': (response, carryOut) => {
    carryOut();
    response.writeHead(200).end('<html>');
  },
  slow: (_, carryOut, answer) => {
    carryOut();
    setTimeout(answer, 500);
  },
  'no answer': () => {},
};
export const faultNames = Object.keys(faults);

/** The addresses of the API. Its name moves between them. */
export const ADDRESSES = ['127.0.0.1', '127.0.0.2'] as const;

export async function startChaosUpstream() {
  /** How often each write was carried out, by the id of the invitation. */
  const done = new Map<string, number>();
  const connections = { count: 0 };
  const lastAt = new Map<string, number>();
  const open = new Set<Socket>();
  let share = 0;
  let isRefusing = false;

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const { method, url = '', socket } = request;
    lastAt.set(socket.localAddress ?? '', performance.now());
    const [, id = ''] = /\/invitations\/([^/?]+)/u.exec(url) ?? [];
    const carryOut = () => {
      if (method === 'POST') done.set(id, (done.get(id) ?? 0) + 1);
    };
    const answer = () => {
      if (response.destroyed) return;
      const body = JSON.stringify({ id, status: 'queued' });
      const isZipped = Math.random() < 0.1;
      response.writeHead(200, { 'content-type': 'application/json', ...(isZipped && { 'content-encoding': 'gzip' }) });
      response.end(isZipped ? gzipSync(body) : body);
    };
    request.resume().once('end', () => {
      const name = Math.random() < share ? faultNames[Math.floor(Math.random() * faultNames.length)] : undefined;
      if (name) return faults[name]?.(response, carryOut, answer);
      carryOut();
      answer();
    });
  };
  const servers = ADDRESSES.map(() => {
    const server = createServer(serve);
    // Shorter than the client keeps connections, so that it meets connections that are being closed.
    server.keepAliveTimeout = 3000;
    server.on('connection', (socket: Socket) => {
      connections.count += 1;
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      // Before any byte of a request.
      if (isRefusing) socket.resetAndDestroy();
    });
    return server;
  });
  const listen = (index: number, port: number) =>
    new Promise<void>((resolve) => servers[index]?.listen(port, ADDRESSES[index], resolve));
  await listen(0, 0);
  const { port } = (servers[0] as Server).address() as AddressInfo;
  await listen(1, port);
  return {
    port,
    done,
    connections,
    /** When each address was last called, by `performance.now()`. */
    lastAt,
    /** @param next share of the requests that meet a fault */
    flap: (next: number) => {
      share = next;
    },
    /** Closes all connections, and each new one at once, or lets them be. */
    refuse: (next: boolean) => {
      isRefusing = next;
      if (next) for (const socket of open) socket.destroy();
    },
    close: () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
