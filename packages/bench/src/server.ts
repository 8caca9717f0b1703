/** Runs one contender on one framework as a process, or one store of webhooks, and measures itself on request. */
import type { AddressInfo, Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, Framework } from './cases.js';

/** The measurements of a server process since the message `begin`. */
export interface Measured {
  /** The CPU time of all threads, in seconds. */
  cpu: number;
  /** The 99th percentile of the event loop delay, in milliseconds. */
  late: number;
  /** The peak of the resident memory since the process started, in bytes. */
  peak: number;
}

const RESOLUTION = 1;

const [framework, contender, upstream = ''] = process.argv.slice(2) as [Framework, Contender, string];
const { start } = (await import(`./${framework}.js`)) as typeof import('./express.js');
const server = await start(contender, upstream, 0);

const lateness = monitorEventLoopDelay({ resolution: RESOLUTION });
let before = process.cpuUsage();

/** The open connections. */
const sockets = new Set<Socket>();
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

/** Waits until the open connections have received so many bytes, and returns the memory in use after a collection. */
async function memory(received: number): Promise<number> {
  const total = () => [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  while (total() < received) await sleep(10);
  // Bodies that are being read are taken from their streams in later turns.
  await sleep(100);
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

process.on('message', async (message) => {
  const [, received] = /^memory (\d+)$/u.exec(String(message)) ?? [];
  if (received !== undefined) {
    process.send?.(await memory(Number(received)));
    return;
  }
  if (message === 'begin') {
    lateness.reset();
    lateness.enable();
    before = process.cpuUsage();
    process.send?.('begun');
    return;
  }
  const { user, system } = process.cpuUsage(before);
  lateness.disable();
  const measured: Measured = {
    cpu: (user + system) / 1e6,
    late: lateness.percentile(99) / 1e6 - RESOLUTION,
    peak: process.resourceUsage().maxRSS * 1024,
  };
  process.send?.(measured);
});
process.once('disconnect', () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });
