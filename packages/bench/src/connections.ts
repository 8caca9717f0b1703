/** Measures the memory of a connection: idle after a request, and with half of a body sent. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Contender, type Framework, frameworks, jwt } from './cases.js';
import { webhook } from './data.js';
import type { Setting } from './measure.js';
import { type Program, startServer } from './processes.js';

export interface Cost {
  framework: Framework;
  contender: Contender;
  what: string;
  /** Bytes for each connection. */
  bytes: number;
}

const COUNT = 500;
/** Half of the largest body of a request. */
const HALF = 32 * 1024;

export async function connections({ node, upstream }: Setting): Promise<Cost[]> {
  const costs: Cost[] = [];
  for (const framework of frameworks) {
    for (const contender of ['bare', 'vortex'] as const) {
      const server = await startServer(node, framework, contender, upstream);
      const add = (what: string, bytes: number) => costs.push({ framework, contender, what, bytes });
      try {
        // The first connections warm up the server.
        await memoryFor(server, 50, idle);
        add('idle, after POST /jwt', await memoryFor(server, COUNT, idle));
        add('half of a webhook of 64 kB sent', await memoryFor(server, COUNT, half));
      } finally {
        await server.stop();
      }
    }
  }
  return costs;
}

/** Opens connections, and returns the memory that each of them takes. */
async function memoryFor(server: Program, count: number, open: (socket: Socket) => Promise<number>): Promise<number> {
  const before = await server.memory(0);
  const sockets = Array.from({ length: count }, () => connect(server.port, '127.0.0.1'));
  try {
    const sent = await Promise.all(
      sockets.map(async (socket) => {
        await once(socket, 'connect');
        return open(socket);
      }),
    );
    const after = await server.memory(sent.reduce((sum, bytes) => sum + bytes, 0));
    return (after - before) / count;
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

async function idle(socket: Socket): Promise<number> {
  const head = `POST ${jwt.request(1).path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n`;
  socket.write(head);
  await once(socket, 'data');
  return head.length;
}

async function half(socket: Socket): Promise<number> {
  const { signature } = webhook(1);
  const head = `POST /webhooks/vortex HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nx-vortex-signature: ${signature}\r\ncontent-length: ${2 * HALF}\r\n\r\n`;
  socket.write(head + ' '.repeat(HALF));
  return head.length + HALF;
}

export function table(costs: readonly Cost[]): string {
  const kB = (bytes: number | undefined) => ((bytes ?? 0) / 1024).toFixed(1);
  const rows = [...new Set(costs.map(({ what }) => what))].flatMap((what) =>
    frameworks.map((framework) => {
      const of = (contender: Contender) =>
        costs.find((one) => one.what === what && one.framework === framework && one.contender === contender)?.bytes;
      return `| ${what} | ${framework} | ${kB(of('bare'))} | ${kB(of('vortex'))} |`;
    }),
  );
  return ['| kB for each connection |  | baseline | ours |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
