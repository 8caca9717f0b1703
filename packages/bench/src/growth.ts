/** Measures how the cost of a request grows with the number of connections, list entries and processes. */
import { byScope, type Case, type Framework, getOne, jwt } from './cases.js';
import { measure, median, type Sample, type Setting } from './measure.js';

export interface Step {
  what: string;
  samples: Awaited<ReturnType<typeof measure>>;
}

const FRAMEWORK: Framework = 'fastify';
const CONNECTIONS = [1, 8, 64, 256];
const ENTRIES = [1, 10, 100, 1000, 10_000];

export async function growth(setting: Setting): Promise<Step[]> {
  const steps: Step[] = [];
  const add = async (what: string, one: Case, processes = 1) => {
    steps.push({
      what,
      samples: await measure(FRAMEWORK, one, { ...setting, processes, among: ['bare', 'vortex', 'vendor'] }),
    });
  };
  for (const connections of CONNECTIONS) {
    await add(`${jwt.name}, ${connections} connections`, { ...jwt, connections, requests: 3000 });
    await add(`${getOne.name}, ${connections} connections`, { ...getOne, connections, requests: 2000 });
  }
  for (const entries of ENTRIES) {
    const requests = Math.max(8, Math.min(2000, Math.round(50_000 / entries)));
    await add(`by-scope, ${entries} entries, 8 connections`, byScope(entries, 8, requests));
  }
  for (const processes of [1, 2]) {
    await add(`${getOne.name}, 64 connections, ${processes} processes`, { ...getOne, requests: 3000 }, processes);
  }
  return steps;
}

export function table(steps: readonly Step[]): string {
  const rows = steps.map(({ what, samples }) => {
    const { bare, vortex, vendor } = samples;
    const of = (figure: keyof Sample, among: readonly Sample[]) => median(among.map((sample) => sample[figure]));
    const cells = [
      ...[bare, vortex, vendor].map((among) => of('cpu', among).toFixed(0)),
      ...[bare, vortex, vendor].map((among) => of('perSecond', among).toFixed(0)),
      ...[bare, vortex, vendor].map((among) => of('p99', among).toFixed(1)),
      ...[bare, vortex, vendor].map((among) => of('peak', among).toFixed(0)),
    ];
    return `| ${what} | ${cells.join(' | ')} |`;
  });
  const figures = ['CPU µs/request', 'requests/s', 'p99, ms', 'peak, MB'];
  const heads = figures.flatMap((figure) => ['baseline', 'ours', 'vendor'].map((who) => `${figure}: ${who}`));
  return [`|  | ${heads.join(' | ')} |`, `| --- |${' --- |'.repeat(heads.length)}`, ...rows].join('\n');
}
