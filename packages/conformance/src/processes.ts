/** Delivers webhooks to several processes that share a store, and kills some of them. */
import { once } from 'node:events';
import { Agent } from 'node:http';
import { signWebhook } from '@vortex/core/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WebhookSettings } from './application.js';
import { send } from './http.js';
import { needsPostgres, startPostgres } from './postgres.js';
import { startRecorder, WEBHOOK_SECRET } from './recorder.js';
import { needsRedis, startRedis } from './redis.js';
import { report } from './report.js';
import { type Program, startProgram } from './runtimes/index.js';

/** Killed processes. `npm run crash` sets it. */
const ROUNDS = Number(process.env.CRASH_ROUNDS || 10);
/** Rounds that run at a time. Most of a round is waiting: for a process to start, and for the claim of a killed one to end. */
const LANES = Math.ceil(Math.min(4, ROUNDS / 10));
/** In milliseconds. A process that is stopped for longer loses its claim, as a killed one does. */
const CRASH_LEASE = 1000;
const EVENTS = 100;
const REPLAYS = 10_000;

interface Store {
  name: string;
  missing: string;
  /** True if a mark and an effect are committed together. */
  isTransactional?: boolean;
  /** True if each process has a store of its own. */
  isAlone?: boolean;
  open(): Promise<{
    shared: NonNullable<WebhookSettings['shared']>;
    effects?(id: string): Promise<number>;
    close?(): Promise<void>;
  }>;
}

const TABLES = `
  CREATE TABLE vortex_webhooks (id text PRIMARY KEY, owner text NOT NULL, expires bigint NOT NULL);
  CREATE TABLE marks (id text PRIMARY KEY);
  CREATE TABLE effects (id text NOT NULL)`;

async function openPostgres(sharedAt: (url: string) => NonNullable<WebhookSettings['shared']>) {
  const { url, stop } = await startPostgres();
  const pool = new pg.Pool({ connectionString: url });
  // The server closes idle connections when it stops.
  pool.on('error', () => {});
  await pool.query(TABLES);
  const effects = async (id: string): Promise<number> =>
    (await pool.query('SELECT count(*)::int AS count FROM effects WHERE id = $1', [id])).rows[0].count;
  return { shared: sharedAt(url), effects, close: () => pool.end().then(stop) };
}

const stores: readonly Store[] = [
  { name: 'memoryStore', missing: '', isAlone: true, open: async () => ({ shared: 'memory' }) },
  {
    name: 'redisStore',
    missing: needsRedis,
    open: async () => {
      const { path, close } = await startRedis();
      return { shared: { redis: path }, close };
    },
  },
  { name: 'sqlStore', missing: needsPostgres, open: () => openPostgres((lease) => ({ lease })) },
  {
    name: 'transactionalStore',
    missing: needsPostgres,
    isTransactional: true,
    open: () => openPostgres((transaction) => ({ transaction })),
  },
];

/**
 * Defines the tests of webhooks in several processes, for each store.
 *
 * @param file program that mounts the webhook over the store at `settings.webhook.shared`
 */
export function defineProcesses(adapter: string, file: string): void {
  for (const store of stores) defineProcessesOf(store, adapter, file);
}

function defineProcessesOf(
  { name, missing, isTransactional, isAlone, open }: Store,
  adapter: string,
  file: string,
): void {
  describe.skipIf(missing !== '')(`webhooks on ${adapter} over ${name} in several processes${missing}`, () => {
    let opened: Awaited<ReturnType<Store['open']>>;
    let recorder: Awaited<ReturnType<typeof startRecorder>>;
    let both: [Program, Program] | undefined;
    const programs = () => both as [Program, Program];
    const agent = new Agent({ keepAlive: true });
    const start = (lease: number, to = recorder): Promise<Program> => {
      const webhook = { secret: WEBHOOK_SECRET, recorder: to.url, shared: opened.shared, lease };
      // The program is TypeScript, which Node 20 does not run.
      return startProgram('Node 22', file)({ apiKey: '', baseUrl: '', webhook });
    };
    beforeAll(async () => {
      [opened, recorder] = await Promise.all([open(), startRecorder()]);
      both = await Promise.all([start(60_000), start(60_000)]);
    });
    beforeEach(() => recorder.reset());
    afterAll(async () => {
      agent.destroy();
      await Promise.all([recorder, ...(both ?? [])].map((one) => one?.close()));
      await opened?.close?.();
    });

    let count = 0;
    const newEvent = async () => {
      count += 1;
      const body = JSON.stringify({ id: `e-${count}`, type: 'invitation.accepted', data: {} });
      return { id: `e-${count}`, body, signature: await signWebhook(body, WEBHOOK_SECRET) };
    };
    type Event = Awaited<ReturnType<typeof newEvent>>;
    /** Returns the status, or undefined if the process was killed. */
    const deliver = async (to: { url: string }, event: Event, kept?: Agent): Promise<number | undefined> => {
      const { body, signature } = event;
      const headers = { 'content-type': 'application/json', 'x-vortex-signature': signature };
      try {
        return (await send(to.url, 'POST', '/webhooks/vortex', { body, headers }, kept)).status;
      } catch (error) {
        // A server may close an idle connection just as it is used again. A sender then delivers once more.
        if (kept && (error as NodeJS.ErrnoException).code === 'ECONNRESET') return deliver(to, event);
        return undefined;
      }
    };
    /** Counts the rows of an event, or the calls of its last handler. */
    const effects = async ({ id }: Event, from = recorder) =>
      opened.effects ? opened.effects(id) : from.calls.filter((call) => call === `onEvent ${id}`).length;

    // Two processes do not share their memory.
    if (!isAlone) {
      test('an event that is delivered fifty times at once to two processes is handled once', async () => {
        const event = await newEvent();
        // A transaction waits for the one before it, and a claim is refused meanwhile.
        const finish = isTransactional ? () => {} : recorder.hold();
        const deliveries = Array.from({ length: 50 }, (_, index) => deliver(programs()[index % 2] as Program, event));
        expect(await Promise.race(deliveries)).toBe(isTransactional ? 200 : 503);
        finish();
        const statuses = await Promise.all(deliveries);
        expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(1);
        expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
        expect(recorder.calls).toEqual([`on ${event.id}`, `onEvent ${event.id}`]);
        for (const one of programs()) expect(await deliver(one, event)).toBe(200);
        expect(recorder.calls).toHaveLength(2);
      });

      test(`${REPLAYS} deliveries of ${EVENTS} events to two processes handle each event once`, {
        timeout: 240_000,
      }, async ({ task }) => {
        const events = await Promise.all(Array.from({ length: EVENTS }, newEvent));
        const outcomes = new Map<number | undefined, number>();
        let sent = 0;
        const sender = async () => {
          while (sent < REPLAYS) {
            const event = events[(sent * 7) % EVENTS] as Event;
            sent += 1;
            const status = await deliver(programs()[sent % 2] as Program, event, agent);
            outcomes.set(status, (outcomes.get(status) ?? 0) + 1);
          }
        };
        await Promise.all(Array.from({ length: 32 }, sender));
        expect(await Promise.all(events.map((event) => effects(event)))).toEqual(Array(EVENTS).fill(1));
        expect([...outcomes.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
        const seen = Array.from(outcomes, ([status, times]) => `${times} x ${status}`).join(', ');
        report(
          task,
          `Webhooks on ${adapter} over ${name}, two processes: ${REPLAYS} deliveries (${seen}), 0 duplicate effects`,
        );
      });
    }

    test(`the event of a process that is killed in its handler is handled by another, ${ROUNDS} times`, {
      timeout: 30_000 + ROUNDS * 5000,
    }, async ({ task }) => {
      const repeated: string[] = [];
      let begun = 0;
      const lane = async () => {
        const own = await startRecorder();
        let [victim, other] = await Promise.all([start(CRASH_LEASE, own), start(CRASH_LEASE, own)]);
        try {
          while (begun < ROUNDS) {
            const round = begun;
            begun += 1;
            const [event, bystander] = await Promise.all([newEvent(), newEvent()]);
            // Kills before the effect in one round, and between the effect and the mark in the next.
            const moment = round % 2 === 0 ? `on ${event.id}` : `onEvent ${event.id}`;
            const reached = new Promise<string>((resolve) => {
              own.behave((call) => {
                if (call !== moment) return undefined;
                own.behave(() => {});
                resolve('reached');
                return new Promise(() => {});
              });
            });
            const lost = deliver(victim, event);
            expect(await Promise.race([reached, lost])).toBe('reached');
            const next = start(CRASH_LEASE, own);
            victim.process.kill('SIGKILL');
            await once(victim.process, 'exit');
            expect(await lost).toBeUndefined();

            expect(await deliver(other, bystander)).toBe(200);
            // Delivers again like a sender that was answered 503, but sooner.
            await expect.poll(() => deliver(other, event), { interval: 50 }).toBe(200);
            expect(await deliver(other, event)).toBe(200);
            expect(await effects(bystander, own)).toBe(1);
            const times = await effects(event, own);
            expect(times).toBe(isTransactional || round % 2 === 0 ? 1 : 2);
            if (times > 1) repeated.push(event.id);
            own.reset();
            [victim, other] = [other, await next];
          }
        } finally {
          await Promise.all([victim, other, own].map((one) => one.close()));
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      const twice = `${repeated.length} handled twice${repeated.length > 0 ? ', all killed between the effect and the mark' : ''}`;
      report(task, `Webhooks on ${adapter} over ${name}, killed in the handler ${ROUNDS} times: 0 lost, ${twice}`);
    });
  });
}
