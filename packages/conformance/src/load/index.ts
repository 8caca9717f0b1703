/** Saturates an adapter while some API calls fail, and restarts instances under load. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { report } from '../report.js';
import { runtimes } from '../runtimes/index.js';
import { type Generator, generate, sendSlow, type Tally } from './generator.js';
import type { LoadReport, LoadSettings } from './program.js';
import { type LoadUpstream, startLoadUpstream } from './upstream.js';

/** Requests before the heap is measured. A duration would say little about how much code has run. */
const WARM_UP = 2000;
/**
 * Growth of the heap that is not a leak. Requests of the last seconds occupy memory until the deadlines of their calls have
 * passed, so a larger heap is measured again.
 */
const GROWTH = 1.1;
/** Milliseconds. Generous, since the machine may be busy with other work. */
const MAX_LATE = 1000;
/** Milliseconds from SIGTERM to the exit. */
const MAX_EXIT = 5000;
/** Requests in flight at each SIGTERM. */
const HELD = 8;
/** Tenants, each with a key of its own. */
const TENANTS = 500;
const MB = 1e6;

/** Seconds of load, set by `npm run load`. Without it, the load is short. */
const { LOAD_SECONDS } = process.env;

/**
 * Defines the load tests of an adapter.
 *
 * @param program file of a program made with `runLoadProgram`
 * @param share share of `LOAD_SECONDS` for this adapter
 */
export function defineLoad(adapter: string, program: string, share = 1): void {
  const milliseconds = Math.max(2, Number(LOAD_SECONDS || 3) * share) * 1000;
  const restarts = LOAD_SECONDS ? Math.max(4, Math.ceil(milliseconds / 5000)) : 1;

  describe(`load on ${adapter}`, { timeout: milliseconds + restarts * 15_000 + 30_000 }, () => {
    let upstream: LoadUpstream;
    let instances: Instance[] = [];
    const generators: Generator[] = [];
    const load = (ports: readonly number[], name: string) => {
      const generator = generate(ports, name);
      generators.push(generator);
      return generator;
    };
    const start = (port = 0, tenants?: number) =>
      startInstance(program, { apiKey: API_KEY, baseUrl: upstream.url, port, ...(tenants && { tenants }) });

    beforeAll(async () => {
      upstream = await startLoadUpstream();
      instances = await Promise.all([start(), start()]);
    });
    afterAll(async () => {
      for (const generator of generators) void generator.stop();
      for (const instance of instances) instance.kill();
      await upstream?.close();
    });

    test.for([
      ['one key', undefined],
      [`a key for each of ${TENANTS} tenants`, TENANTS],
    ] as const)(
      'under load with %s every reply belongs to its request, no connection is cut, and the heap does not grow',
      async ([keys, tenants], { task }) => {
        const instance = tenants === undefined ? (instances[0] as Instance) : await start(0, tenants);
        if (tenants !== undefined) onTestFinished(() => instance.kill());
        const warm = load([instance.port], tenants === undefined ? 'warm' : 'warmup');
        while (warm.tally.requests < WARM_UP && warm.tally.failed === 0) await sleep(50);
        await warm.stop();
        const before = await settled(instance);

        const begun = performance.now();
        const generator = load([instance.port], tenants === undefined ? 'load' : 'tenants');
        await sleep(milliseconds);
        await generator.stop();
        const seconds = (performance.now() - begun) / 1000;
        const { late, busy } = await instance.report();
        const limit = before * GROWTH;
        const after = await settled(instance, limit);
        const { trouble, cut, calling } = await instance.report();

        const { tally } = generator;
        const rate = `${tally.requests} requests in ${seconds.toFixed(1)} s (${Math.round(tally.requests / seconds)}/s)`;
        const heap = `heap ${(before / MB).toFixed(1)} -> ${(after / MB).toFixed(1)} MB`;
        const loop = `event loop ${(busy * 100).toFixed(0)} % busy, p99 ${late.toFixed(0)} ms late`;
        report(task, `Load on ${adapter}, ${keys}: ${rate}: ${counts(tally)}; ${heap}; ${loop}`);

        expect(tally).toMatchObject({ failed: 0, failures: [] });
        expect(trouble).toEqual({});
        expect(cut).toBe(0);
        expect(calling, 'connections to the API').toBeLessThanOrEqual(256);
        expect(after, 'heap after the load').toBeLessThanOrEqual(limit);
        expect(late, '99th percentile of the delay of the event loop').toBeLessThan(MAX_LATE);
      },
    );

    test('a restart under load loses no request behind a proxy that resends requests without an answer', async ({
      task,
    }) => {
      const ports = instances.map(({ port }) => port);
      const generator = load(ports, 'restart');
      const ends: End[] = [];
      const held: unknown[] = [];
      await sleep(300);
      for (let count = 0; count < restarts; count += 1) {
        const index = count % instances.length;
        const instance = instances[index] as Instance;
        const tags = Array.from({ length: HELD }, (_, number) => `held-${HELD * count + number}`);
        const agent = new Agent({ keepAlive: true });
        const sent = tags.map((tag) => sendSlow(instance.port, tag, agent));
        const statuses = Promise.all(sent.map(({ status }) => status.catch(String)));
        for (let wait = 0; wait < 500 && !sent.every(({ id }) => upstream.hasMet(id)); wait += 1) await sleep(10);
        const end = instance.stop();
        held.push(...(await statuses));
        ends.push(await end);
        agent.destroy();
        instances[index] = await start(instance.port);
        await sleep(300);
      }
      await generator.stop();
      const running = await Promise.all(instances.map((instance) => instance.report()));

      const { tally } = generator;
      const exits = ends.map(({ milliseconds }) => Math.round(milliseconds)).join(', ');
      const seen = `${restarts} ${restarts === 1 ? 'restart' : 'restarts'} under ${tally.requests} requests: ${counts(tally)}, ${tally.resent} resent`;
      report(task, `Restart on ${adapter}: ${seen}; exits took ${exits} ms`);

      expect(tally).toMatchObject({ failed: 0, failures: [] });
      expect(held).toEqual(held.map(() => 200));
      for (const { code, milliseconds, last } of ends) {
        expect(milliseconds, 'time to exit').toBeLessThan(MAX_EXIT);
        expect(code).toBe(0);
        expect(last).toMatchObject({ cut: 0, calling: 0, trouble: {} });
        expect(last?.open).toBeGreaterThanOrEqual(HELD);
      }
      for (const report of running) expect(report).toMatchObject({ cut: 0, trouble: {} });
    });
  });
}

const API_KEY = `VRTX.${Buffer.from('6f2c1d9a0b3e4f5a8c7d6e5f4a3b2c1d', 'hex').toString('base64url')}.load-secret`;

function counts({ replies, left, failed }: Tally): string {
  const statuses = Object.entries(replies).map(([status, count]) => `${count} x ${status}`);
  return `${statuses.join(', ')}, ${left} left, ${failed} failed`;
}

/** Measures the heap after the deadlines of past requests, when it stops falling or is small enough. */
async function settled(instance: Instance, enough?: number): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY;
  let still = 0;
  for (let count = 0; count < 40; count += 1) {
    await sleep(200);
    const { heap } = await instance.report();
    still = heap < lowest * 0.995 ? 0 : still + 1;
    lowest = Math.min(lowest, heap);
    if (enough === undefined ? still >= 2 : lowest <= enough && still >= 1) break;
  }
  return lowest;
}

interface End {
  code: number | null;
  milliseconds: number;
  /** The last report of the process. */
  last: LoadReport | undefined;
}

interface Instance {
  port: number;
  report(): Promise<LoadReport>;
  /** Sends SIGTERM, as a process manager does, and waits for the exit. */
  stop(): Promise<End>;
  kill(): void;
}

async function startInstance(program: string, settings: LoadSettings): Promise<Instance> {
  const [node] = runtimes['Node 24'];
  const child = spawn(node, ['--expose-gc', program], {
    env: { ...process.env, NODE_OPTIONS: '', LOAD_SETTINGS: JSON.stringify(settings) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-5000);
  });
  const nextReport = () =>
    new Promise<LoadReport>((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the program exited with ${code}: ${errors}`));
      if (child.exitCode !== null || child.signalCode !== null) return ended(child.exitCode);
      child.once('exit', ended);
      child.once('message', (report: LoadReport) => {
        child.off('exit', ended);
        resolve(report);
      });
    });
  const { port } = await nextReport();
  return {
    port,
    report: () => {
      // If the message cannot be sent, no report comes, and the missing report fails the test.
      child.send('report', () => {});
      return nextReport();
    },
    stop: async () => {
      const begun = performance.now();
      let last: LoadReport | undefined;
      child.once('message', (report: LoadReport) => {
        last = report;
      });
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 2 * MAX_EXIT);
      const [code] = await once(child, 'close');
      clearTimeout(late);
      return { code, milliseconds: performance.now() - begun, last };
    },
    kill: () => child.kill('SIGKILL'),
  };
}
