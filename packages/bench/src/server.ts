/** A process that serves as one contender on one framework, and measures itself when it is told to. */
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Contender, Framework } from './cases.js';

/** What a server process says of the time since `begin`. */
export interface Measured {
  /** Seconds of all its threads. */
  cpu: number;
  /** Milliseconds that the event loop was late by, 99th percentile. */
  late: number;
  /** Peak of the resident memory since the process began, in bytes. */
  peak: number;
}

const RESOLUTION = 1;

const [framework, contender, upstream = ''] = process.argv.slice(2) as [Framework, Contender, string];
const { start } = (await import(`./${framework}.js`)) as typeof import('./express.js');
const server = await start(contender, upstream, 0);

const lateness = monitorEventLoopDelay({ resolution: RESOLUTION });
let before = process.cpuUsage();

process.on('message', (message) => {
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
