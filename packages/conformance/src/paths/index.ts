/**
 * Sends hostile ids, scopes and queries through an adapter, over HTTP, to an upstream that records its requests. Each must be
 * exactly the call that the request target means. `intents.ts` derives that call from the target alone, without core. A lane
 * is a server with its own upstream that gets one request at a time, so every recorded request belongs to one that was sent.
 * Lanes run side by side.
 */
import { Agent } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { report } from '../report.js';
import type { Start } from '../server.js';
import { startUpstream } from '../upstream.js';
import { EXPECTED, judge, type Lane, type Tally } from './judge.js';
import { RARE, requests } from './requests.js';
import type { Traits } from './traits.js';

const USUAL_RUNS = 500;
/** Share of the requests that must reach the upstream, since a run in which nothing arrives would prove nothing. */
const AT_LEAST_ARRIVED = 0.2;

/**
 * Defines the test of hostile paths for an adapter. `PATHS_RUNS` replaces the number of requests. `PATHS_SEED` repeats a
 * run, and otherwise each run has a new seed.
 */
export function definePaths(adapter: string, start: Start, traits: Traits = {}): void {
  const { lanes: laneCount = 16, share = 1 } = traits;
  const seed = wholeNumber('PATHS_SEED') ?? Date.now() % 2 ** 31;
  const runs = Math.ceil((wholeNumber('PATHS_RUNS') ?? USUAL_RUNS) * share);

  test(`no hostile path through ${adapter} becomes a call that it does not mean`, {
    timeout: 60_000 + runs * 20,
  }, async ({ task }) => {
    const say = (figures: string) => report(task, `Paths: ${adapter}: seed ${seed}, ${figures}`);
    say('not finished');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const lanes = await Promise.all(Array.from({ length: laneCount }, () => openLane(start)));
    const tally: Tally = { arrived: 0, refused: 0, kinds: new Map() };
    try {
      const results = await Promise.all(
        lanes.map((lane, index) =>
          fc.check(
            fc.asyncProperty(requests, (request) => judge(request, lane, agent, traits, tally)),
            {
              seed: seed + index,
              numRuns: Math.ceil(runs / laneCount),
              examples: RARE.filter((_, number) => number % laneCount === index).map((one) => [one]),
            },
          ),
        ),
      );
      // A call that is made after its reply arrives late.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const late = lanes.flatMap(({ upstream }) => upstream.arrivals);

      const { arrived, refused, kinds } = tally;
      const wrong = results.filter((result) => result.failed).length;
      const requested = arrived + refused + wrong;
      say(`${requested} requests, ${arrived} arrived, ${refused} refused, ${wrong} wrong`);
      const failed = results.find((result) => result.failed);
      if (failed) {
        const { message } = failed.errorInstance as Error;
        throw new Error(`${adapter}, PATHS_SEED=${seed}: ${message}\n${fc.defaultReportMessage(failed)}`);
      }
      expect(late).toEqual([]);

      // The absence of wrong calls means little unless calls arrived and every kind of bad input was tried.
      expect(arrived).toBeGreaterThan(requested * AT_LEAST_ARRIVED);
      if (runs >= USUAL_RUNS) expect(EXPECTED.filter((kind) => !kinds.has(kind))).toEqual([]);
    } finally {
      agent.destroy();
      await Promise.all(lanes.map(({ server }) => server.close()));
      await Promise.all(lanes.map(({ upstream }) => upstream.close()));
    }
  });
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (!text) return undefined;
  if (/^\d{1,9}$|^[12]\d{9}$/u.test(text)) return Number(text);
  throw new Error(`${name} is ${text}, but must be a whole number below 3,000,000,000.`);
}

async function openLane(start: Start): Promise<Lane> {
  const upstream = await startUpstream();
  const body = JSON.stringify({ id: 'i-1', invitations: [], autojoinDomains: [], invitation: null });
  upstream.script({ status: 200, headers: { 'content-type': 'application/json' }, body });
  return { upstream, hasFailed: false, server: await start({ apiKey: upstream.apiKey, baseUrl: upstream.url }) };
}
