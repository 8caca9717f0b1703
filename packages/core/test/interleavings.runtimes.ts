/** Every order in which deliveries of an event, crashes and the end of a lease can follow each other. */
import { createClient } from '@libsql/client';
import { memoryStore, type WebhookStore } from '@vortex/core';
import { sqlStore } from '@vortex/core/sql';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mount, settle } from './helpers.ts';

const LEASE = 3000;

/** What one delivery does next. Both kinds of crash keep all later calls of the process from the store. */
const steps = ['deliver', 'succeed', 'throw', 'crash in the handler', 'crash before the mark'] as const;
type Step = { name: (typeof steps)[number]; of: number } | { name: 'the lease ends' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => void vi.useRealTimers());

type Phase = 'not sent' | 'running' | 'dead' | number;

/** A store under test, and a way to let the leases of dead owners end, as time does for a store in memory. */
interface Subject {
  store: WebhookStore;
  endLeases(owners: readonly string[]): Promise<unknown>;
}

/** Runs one order of steps on real claims over a real store. */
async function replay(order: readonly Step[], deliveries: number, { store, endLeases }: Subject) {
  let effects = 0;
  let failures = 0;
  const deadOwners: string[] = [];
  const phases: Phase[] = [];

  const open = (index: number) => {
    let isDead = false;
    let dieAtMark = false;
    let finish: { resolve(): void; reject(error: Error): void } | undefined;
    let owner = '';
    const never = new Promise<never>(() => {});
    const mounted = mount({
      lease: LEASE,
      answerWithin: LEASE * 100,
      store: {
        claim: (id, claim) => {
          owner = claim.owner;
          return isDead ? never : store.claim(id, claim);
        },
        complete: (id) => {
          if (dieAtMark) {
            isDead = true;
            phases[index] = 'dead';
            deadOwners.push(owner);
          }
          return isDead ? never : store.complete(id);
        },
        release: (id, by) => (isDead ? never : store.release(id, by)),
      },
      onEvent: async () => {
        phases[index] = 'running';
        await new Promise<void>((resolve, reject) => {
          finish = { resolve, reject };
        });
        effects += 1;
      },
    });
    return {
      deliver: () => {
        void mounted.deliver().then(({ status }) => {
          if (phases[index] !== 'dead') phases[index] = status;
        });
      },
      succeed: () => finish?.resolve(),
      throw: () => {
        failures += 1;
        finish?.reject(new Error('handler'));
      },
      'crash in the handler': () => {
        isDead = true;
        phases[index] = 'dead';
        deadOwners.push(owner);
      },
      'crash before the mark': () => {
        dieAtMark = true;
        finish?.resolve();
      },
    };
  };
  const rest = async () => {
    await vi.advanceTimersByTimeAsync(1);
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  const processes = Array.from({ length: deliveries }, (_, index) => {
    phases.push('not sent');
    return open(index);
  });
  for (const step of order) {
    if ('of' in step) processes[step.of]?.[step.name]();
    else {
      // Live handlers renew their leases meanwhile.
      for (let third = 0; third < 4; third += 1) {
        await vi.advanceTimersByTimeAsync(LEASE / 3);
        await rest();
      }
      await endLeases(deadOwners);
    }
    await rest();
  }
  const seen = [...phases];
  return {
    seen,
    effects,
    failures,
    /** Lets all handlers that run succeed and all leases end, and delivers once more. */
    drain: async () => {
      for (const [index, phase] of phases.entries()) if (phase === 'running') processes[index]?.succeed();
      await rest();
      for (let third = 0; third < 4; third += 1) await vi.advanceTimersByTimeAsync(LEASE / 3);
      await endLeases(deadOwners);
      const { status } = await settle(
        mount({
          lease: LEASE,
          store,
          onEvent: () => {
            effects += 1;
          },
        }).deliver(),
        10,
      );
      return { status, effects };
    },
  };
}

function nextSteps(phases: readonly Phase[]): Step[] {
  const each = phases.flatMap((phase, of): Step[] => {
    // Deliveries that have not been sent are alike.
    if (phase === 'not sent') return phases.indexOf(phase) === of ? [{ name: 'deliver', of }] : [];
    return phase === 'running' ? steps.slice(1).map((name) => ({ name, of })) : [];
  });
  return [...each, { name: 'the lease ends' }];
}

const libsql = createClient({ url: ':memory:' });

test.each<[string, number, number, () => Promise<Subject>]>([
  ['memory', 3, 4542, async () => ({ store: memoryStore(), endLeases: async () => {} })],
  [
    'SQLite',
    2,
    430,
    async () => {
      await libsql.executeMultiple(
        'DROP TABLE IF EXISTS vortex_webhooks; CREATE TABLE vortex_webhooks (id text PRIMARY KEY, owner text, expires bigint)',
      );
      const endLeases = async (owners: readonly string[]) => {
        for (const owner of owners) {
          await libsql.execute({ sql: 'UPDATE vortex_webhooks SET expires = 0 WHERE owner = ?', args: [owner] });
        }
      };
      return { store: sqlStore(libsql), endLeases };
    },
  ],
])(
  'over %s, no order of %i deliveries, crashes and the end of a lease handles an event twice without a crash, loses it or holds it',
  async (_, deliveries, expected, subject) => {
    const orders: Step[][] = [[]];
    let count = 0;
    for (let order = orders.pop(); order; order = orders.pop()) {
      count += 1;
      // Those of dead processes would go on.
      vi.clearAllTimers();
      const run = await replay(order, deliveries, await subject());
      const crashes = order.filter(({ name }) => name === 'crash before the mark').length;
      const told = JSON.stringify(order);
      expect(run.effects, told).toBeLessThanOrEqual(1 + crashes);
      expect(run.seen.filter((phase) => phase === 'running').length, told).toBeLessThanOrEqual(1);
      const next = nextSteps(run.seen);
      const end = await run.drain();
      // The event is answered as done, and it was handled: neither lost nor held by a dead process.
      expect([end.status, end.effects >= 1, end.effects <= 1 + crashes], told).toEqual([200, true, true]);
      // The end of a lease is tried once after each other step, since a second one changes nothing.
      const wasEnd = order.at(-1)?.name === 'the lease ends';
      for (const step of next) if (!(wasEnd && step.name === 'the lease ends')) orders.push([...order, step]);
    }
    expect(count).toBe(expected);
  },
  240_000,
);
