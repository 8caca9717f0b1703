/**
 * Hostile ids, scopes and queries through an adapter, over HTTP, to an upstream that writes down what arrives. Whatever
 * arrives must be exactly what the request target says it should be; what that is, `intents.ts` works out from the
 * target alone and without core. A lane is a server with an upstream of its own that gets one request at a time, so that
 * every arrival belongs to one request; lanes run side by side.
 */
import { Agent } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { report } from '../report.js';
import type { Start } from '../server.js';
import { startUpstream } from '../upstream.js';
import { EXPECTED, judge, type Lane, type Tally } from './judge.js';
import { requests } from './requests.js';
import type { Traits } from './traits.js';

const USUAL_RUNS = 2000;
const AT_LEAST_ARRIVED = 0.2;

/** `PATHS_SEED` and `PATHS_RUNS` replace the seed, which is a new one every time, and the number of requests. */
export function definePaths(adapter: string, start: Start, traits: Traits = {}): void {
  const { lanes: laneCount = 16, share = 1 } = traits;
  const seed = wholeNumber('PATHS_SEED') ?? Date.now() % 2 ** 31;
  const runs = Math.ceil((wholeNumber('PATHS_RUNS') ?? USUAL_RUNS) * share);

  test(`hostile paths through ${adapter}`, { timeout: 60_000 + runs * 20 }, async ({ task }) => {
    const say = (figures: string) => report(task, `paths: ${adapter}: seed ${seed}, ${figures}`);
    say('not finished');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const lanes = await Promise.all(Array.from({ length: laneCount }, () => openLane(start)));
    const tally: Tally = { arrived: 0, refused: 0, kinds: new Map() };
    try {
      const results = await Promise.all(
        lanes.map((lane, index) =>
          fc.check(
            fc.asyncProperty(requests, (request) => judge(request, lane, agent, traits, tally)),
            { seed: seed + index, numRuns: Math.ceil(runs / laneCount) },
          ),
        ),
      );
      // Nothing comes late either.
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

      // It is no success that nothing wrong arrives where nothing arrives, or where nothing bad was tried.
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
  throw new Error(`${name} must be a whole number.`);
}

async function openLane(start: Start): Promise<Lane> {
  const upstream = await startUpstream();
  const body = JSON.stringify({ id: 'i-1', invitations: [], autojoinDomains: [], invitation: null });
  upstream.script({ status: 200, headers: { 'content-type': 'application/json' }, body });
  return { upstream, hasFailed: false, server: await start({ apiKey: upstream.apiKey, baseUrl: upstream.url }) };
}
