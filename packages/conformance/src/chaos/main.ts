/**
 * `npm run chaos [-- --minutes 10]`: breaks the world around two applications of each adapter all at once, and counts what
 * must not happen. The API flaps and moves to another address, Redis is killed, clocks jump, applications are restarted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { signWebhook } from '@vortex/core/testing';
import { runtimes } from '../runtimes/index.js';
import {
  CHAOS_SECRET,
  type ChaosOrder,
  type ChaosReport,
  type ChaosSettings,
  type ChaosWriting,
  TENANT_HEADER,
} from './program.js';
import { ADDRESSES, startChaosUpstream } from './upstream.js';

const ADAPTERS = ['express', 'fastify', 'hono'] as const;
const TENANTS = 500;
const WRITERS = 3;
const READERS = 3;
/** Milliseconds. */
const EVENT_EVERY = 100;
const REDELIVER_AFTER = 300;
const HOUR = 3_600_000;
const MB = 1e6;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error('--minutes must be a number above 0.');
const end = performance.now() + minutes * 60_000;
const isOver = () => performance.now() > end;

const upstream = await startChaosUpstream();
/** Writes that an application began to send, and those whose outcome it called unknown. */
const written = new Set<string>();
const unknown: string[] = [];
const effects = new Map<string, number>();
const recorder = createServer(({ url = '' }, response) => {
  effects.set(url.slice(1), (effects.get(url.slice(1)) ?? 0) + 1);
  response.end();
}).listen(0, '127.0.0.1');
await once(recorder, 'listening');

const folder = mkdtempSync(join(tmpdir(), 'vortex-chaos-'));
const redisPath = join(folder, 'redis.sock');
let redis: ChildProcess | undefined;
// cspell:ignore appendfsync
/** With a log that is written before each answer, so that killing it loses no mark. */
async function startRedis(): Promise<void> {
  const flags = [
    '--port',
    '0',
    '--unixsocket',
    redisPath,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
  ];
  const started = spawn('redis-server', [...flags, '--dir', folder], { stdio: 'ignore' });
  await once(started, 'spawn');
  redis = started;
}
await startRedis();

let address: string = ADDRESSES[0];
let movedAt = performance.now();

/** Counts the faults at one adapter. The first block must stay 0. */
const newTally = () => ({
  doubledWrites: 0,
  lostWrites: 0,
  wrongUnknown: 0,
  unknownButSaidUnsent: 0,
  doubledEvents: 0,
  lostEvents: 0,
  badReplies: 0,
  trouble: 0,
  badExits: 0,
  writes: {} as Record<string, number>,
  reads: {} as Record<string, number>,
  events: 0,
  deliveries: {} as Record<string, number>,
  restarts: 0,
  slowestExit: 0,
  /** Heap of the application that is not restarted: minutes since the start, and MB. */
  heap: [] as [number, number][],
});
const count = (among: Record<string, number>, key: string) => {
  among[key] = (among[key] ?? 0) + 1;
};
type Tally = ReturnType<typeof newTally>;

class Instance {
  readonly #adapter: string;
  readonly #tally: Tally;
  #child: ChildProcess | undefined;
  #trouble = 0;
  readonly #waiting: ((report: ChaosReport) => void)[] = [];
  port = 0;

  constructor(adapter: string, tally: Tally) {
    this.#adapter = adapter;
    this.#tally = tally;
  }

  async start(): Promise<void> {
    const settings: ChaosSettings = {
      port: this.port,
      baseUrl: `http://api.vortex.test:${upstream.port}`,
      address,
      recorder: `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`,
      redis: redisPath,
      prefix: `${this.#adapter}:`,
    };
    const program = fileURLToPath(new URL(`../../../${this.#adapter}/test/chaos-program.ts`, import.meta.url));
    const [node] = runtimes['Node 24'];
    const child = spawn(node, ['--expose-gc', program], {
      env: { ...process.env, NODE_OPTIONS: '', CHAOS_SETTINGS: JSON.stringify(settings) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.#trouble = 0;
    child.on('message', (told: ChaosReport | ChaosWriting) => {
      if ('writing' in told) written.add(told.writing);
      else this.#note(told);
    });
    const { port } = await this.#nextReport();
    this.port = port;
  }

  order(order: ChaosOrder): void {
    if (this.#child?.connected) this.#child.send(order, () => {});
  }

  async report(): Promise<ChaosReport | undefined> {
    const child = this.#child;
    if (!child?.connected) return undefined;
    this.order('report');
    return Promise.race([this.#nextReport(), sleep(5000).then(() => undefined)]);
  }

  #nextReport(): Promise<ChaosReport> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends SIGTERM, as a process manager does, and waits for the exit. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const begun = performance.now();
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const [code] = await ended;
    clearTimeout(late);
    this.#tally.slowestExit = Math.max(this.#tally.slowestExit, Math.round(performance.now() - begun));
    if (code !== 0) this.#tally.badExits += 1;
  }

  #note(report: ChaosReport): void {
    for (const resolve of this.#waiting.splice(0)) resolve(report);
    const { trouble } = report;
    const sum = Object.values(trouble).reduce((all, each) => all + each, 0);
    if (sum > this.#trouble) console.log(this.#adapter, trouble);
    this.#tally.trouble += sum - this.#trouble;
    this.#trouble = sum;
  }
}

interface Sent {
  status: number;
  code: string | undefined;
}

/** Sends a request on a connection of its own. Undefined if the application accepted no connection. */
function send(port: number, method: string, path: string, headers: Record<string, string>, body?: string) {
  return new Promise<Sent | undefined | 'cut'>((resolve) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false });
    let isConnected = false;
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        isConnected = true;
      });
    });
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', () => resolve('cut'));
      response.once('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, code: JSON.parse(text).code });
        } catch {
          resolve({ status: response.statusCode ?? 0, code: 'NO_JSON' });
        }
      });
    });
    request.once('error', () => resolve(isConnected ? 'cut' : undefined));
    request.end(body);
  });
}

const running: Promise<unknown>[] = [];
const loop = (milliseconds: number, act: () => unknown) =>
  running.push(
    (async () => {
      for (;;) {
        await sleep(milliseconds);
        if (isOver()) return;
        await act();
      }
    })(),
  );
const random = <Item>(list: readonly Item[]): Item => list[Math.floor(Math.random() * list.length)] as Item;

const adapters = ADAPTERS.map((name) => {
  const tally = newTally();
  return { name, tally, instances: [new Instance(name, tally), new Instance(name, tally)] as const };
});
await Promise.all(adapters.flatMap(({ instances }) => instances.map((instance) => instance.start())));
const begun = performance.now();
console.log(`Chaos for ${minutes} min on ${ADAPTERS.join(', ')}, two applications each, ${TENANTS} tenants.`);

let number = 0;
const delivering = new Set<Promise<void>>();
for (const { name, tally, instances } of adapters) {
  const anywhere = async (...sent: [string, string, Record<string, string>, string?]) => {
    const first = random(instances);
    const reply = await send(first.port, ...sent);
    if (reply !== undefined) return reply;
    return send((first === instances[0] ? instances[1] : instances[0]).port, ...sent);
  };
  const tenant = () => ({ [TENANT_HEADER]: String(Math.floor(Math.random() * TENANTS)) });
  for (let writer = 0; writer < WRITERS; writer += 1) {
    loop(20, async () => {
      number += 1;
      const id = `${name}-w-${number}`;
      const reply = await anywhere('POST', `/api/vortex/invitations/${id}/reinvite`, tenant());
      const key = reply === undefined || reply === 'cut' ? String(reply) : `${reply.status} ${reply.code ?? ''}`.trim();
      count(tally.writes, key);
      const times = upstream.done.get(id) ?? 0;
      if (key === '200' && times === 0) tally.lostWrites += 1;
      if (key.endsWith('OUTCOME_UNKNOWN')) unknown.push(id);
      if (key.endsWith('UPSTREAM_UNREACHABLE') && times > 0) tally.unknownButSaidUnsent += 1;
      // At a restart, the kernel resets a connection that the application has not accepted yet. Nothing may come of it.
      const isLost = key === 'cut' && times > 0;
      if (isLost || key.endsWith('NO_JSON') || key.startsWith('500')) tally.badReplies += 1;
    });
  }
  for (let reader = 0; reader < READERS; reader += 1) {
    loop(20, async () => {
      number += 1;
      const reply = await anywhere('GET', `/api/vortex/invitations/${name}-r-${number}`, tenant());
      const key = reply === undefined || reply === 'cut' ? String(reply) : `${reply.status} ${reply.code ?? ''}`.trim();
      count(tally.reads, key);
      if (key.endsWith('NO_JSON') || key.startsWith('500')) tally.badReplies += 1;
    });
  }
  loop(EVENT_EVERY, () => {
    number += 1;
    tally.events += 1;
    const id = `${name}-e-${number}`;
    const deliver = async () => {
      const body = JSON.stringify({ id, type: 'invitation.accepted', timestamp: new Date().toISOString(), data: {} });
      const headers = {
        'content-type': 'application/json',
        'x-vortex-signature': await signWebhook(body, CHAOS_SECRET),
      };
      // Like the sender, until it is told that the event was handled.
      for (let attempt = 0; attempt < 200; attempt += 1) {
        const reply = await anywhere('POST', '/webhooks/vortex', headers, body);
        const key =
          reply === undefined || reply === 'cut' ? String(reply) : `${reply.status} ${reply.code ?? ''}`.trim();
        count(tally.deliveries, key);
        if (key === '200') return;
        await sleep(REDELIVER_AFTER);
      }
    };
    const delivery = deliver().finally(() => delivering.delete(delivery));
    delivering.add(delivery);
  });
  loop(15_000, async () => {
    tally.restarts += 1;
    await instances[1].stop();
    await instances[1].start();
  });
  loop(5000, async () => {
    const report = await instances[0].report();
    if (report) tally.heap.push([(performance.now() - begun) / 60_000, report.heap / MB]);
    instances[1].order('report');
  });
}
const instances = adapters.flatMap((adapter) => adapter.instances);

loop(3000, () => upstream.flap(random([0, 0, 0.1, 0.3])));
loop(11_000, async () => {
  upstream.refuse(true);
  await sleep(700);
  upstream.refuse(false);
});
loop(20_000, async () => {
  const killed = redis as ChildProcess;
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await sleep(500);
  await startRedis();
});
loop(7000, () => random(instances).order({ clock: random([-HOUR, 0, HOUR]) }));
let stale = 0;
loop(75_000, () => {
  address = address === ADDRESSES[0] ? ADDRESSES[1] : ADDRESSES[0];
  movedAt = performance.now();
  for (const instance of instances) instance.order({ address });
});
loop(1000, () => {
  const other = address === ADDRESSES[0] ? ADDRESSES[1] : ADDRESSES[0];
  // A connection lives for a minute, and a call on it for 3 s.
  if ((upstream.lastAt.get(other) ?? 0) > movedAt + 64_000) stale += 1;
});
loop(30_000, () => console.log(`${Math.round((performance.now() - begun) / 1000)} s, ${number} requests and events`));

await Promise.all(running);
upstream.flap(0);
await Promise.all(delivering);
for (const { name, tally } of adapters) {
  tally.wrongUnknown = unknown.filter((id) => id.startsWith(name) && !written.has(id)).length;
  for (const [id, times] of upstream.done) if (id.startsWith(name) && times > 1) tally.doubledWrites += 1;
  for (const [id, times] of effects) if (id.startsWith(name) && times > 1) tally.doubledEvents += 1;
  tally.lostEvents = tally.events - [...effects.keys()].filter((id) => id.startsWith(name)).length;
}
for (const instance of instances) await instance.report();
await Promise.all(instances.map((instance) => instance.stop()));
redis?.kill('SIGKILL');
upstream.close();
recorder.close();
rmSync(folder, { recursive: true, force: true });

let failed = stale > 0;
for (const { name, tally } of adapters) {
  const { heap, writes, reads, deliveries, events, restarts, slowestExit, ...never } = tally;
  failed ||= Object.values(never).some((times) => times > 0);
  console.log(`\n${name}: ${JSON.stringify(never)}`);
  console.log(`  writes ${JSON.stringify(writes)}\n  reads ${JSON.stringify(reads)}`);
  console.log(`  ${events} events, delivered with ${JSON.stringify(deliveries)}`);
  console.log(`  ${restarts} restarts, the slowest exit ${slowestExit} ms; heap ${slope(heap)}`);
}
console.log(`\n${upstream.connections.count} connections to the API; ${stale} s at an old address after a minute`);
process.exitCode = failed ? 1 : 0;
console.log(failed ? 'FAILED' : 'Nothing happened that must not.');

/** The slope by least squares, without the first third, in which code is compiled and caches fill. */
function slope(samples: readonly [number, number][]): string {
  const late = samples.slice(Math.floor(samples.length / 3));
  const mean = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0) / list.length;
  const [x, y] = [mean(late.map(([at]) => at)), mean(late.map(([, heap]) => heap))];
  const rise = mean(late.map(([at, heap]) => (at - x) * (heap - y))) / mean(late.map(([at]) => (at - x) ** 2));
  return `${y.toFixed(1)} MB, slope ${rise.toFixed(3)} MB/min over ${late.length} samples`;
}
