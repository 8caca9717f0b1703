/** Measures what each unavoidable step of a request costs, what they cost together beside the baseline, and what is left as ours. */
import { type Case, cases, type Framework, frameworks } from './cases.js';
import { openLoad } from './load.js';
import { median, numbered, ratio, type Setting, sample } from './measure.js';
import { startProgram, startServer } from './processes.js';
import { names } from './report.js';
import { type BuiltCase, stepsOf } from './steps.js';

export interface Built {
  name: BuiltCase;
  one: Case;
  /**
   * For each framework, the CPU time of the baseline of the goal, of each step and, last, of ours. In microseconds, one entry for
   * each round.
   */
  times: Readonly<Record<Framework, readonly (readonly number[])[]>>;
}

/** The number of requests in a round. There are more rounds than in the comparison, since only neighbours are compared. */
const requestsOf: Readonly<Record<BuiltCase, number>> = {
  'POST /jwt': 500,
  'GET one': 300,
  'by-scope 20': 200,
  'by-scope 1000': 16,
  'webhook 2 kB': 400,
};

export async function floor(setting: Setting, only: string): Promise<Built[]> {
  const results: Built[] = [];
  for (const one of cases.filter((each) => each.name in requestsOf && each.name.includes(only))) {
    const name = one.name as BuiltCase;
    const times: Record<Framework, number[][]> = { express: [], fastify: [], hono: [] };
    for (const framework of frameworks) {
      times[framework] = await build(framework, name, one, setting);
      console.log(
        `${name}, ${framework}, step by step: ${times[framework].map((each) => median(each).toFixed(0)).join(', ')} µs`,
      );
    }
    results.push({ name, one, times });
  }
  return results;
}

async function build(framework: Framework, name: BuiltCase, one: Case, setting: Setting): Promise<number[][]> {
  const { node, upstream, repeats } = setting;
  const url = `http://127.0.0.1:${upstream}`;
  const servers = await Promise.all([
    startServer(node, framework, one.goal?.beside ?? 'bare', upstream),
    ...stepsOf[name].map((_, index) =>
      startProgram(node, 'server.js', ['steps', `${framework},${name},${index + 1}`, url]),
    ),
    startServer(node, framework, 'vortex', upstream),
  ]);
  const running = servers.map((server) => ({
    server,
    load: openLoad([server.port], one.connections),
    times: [] as number[],
  }));
  const request = numbered(one);
  try {
    for (const { load } of running) await load.send(one.warmUp, request);
    for (let round = 0; round < 3 * repeats; round += 1) {
      for (const { server, load, times } of running) {
        times.push((await sample([server], () => load.send(requestsOf[name], request))).cpu);
      }
    }
    return running.map(({ times }) => times);
  } finally {
    for (const { server, load } of running) {
      await load.close();
      await server.stop();
    }
  }
}

/** The cells have the CPU time up to a step, and how much more that is than up to the step before. */
export function table(results: readonly Built[]): string {
  return results
    .map(({ name, one, times }) => {
      const last = stepsOf[name].length;
      const rows = [names[one.goal?.beside ?? 'bare'], ...stepsOf[name], '**ours**'].map((step, index) => {
        const cells = frameworks.map((framework) => {
          const of = (place: number) => times[framework][place] ?? [];
          const now = median(of(index)).toFixed(0);
          if (index <= 1) return now;
          const beside = `${ratio(of(index), of(0)).toFixed(2)} × the baseline`;
          if (index > last) return `**${now}**, ${beside}, ${ratio(of(index), of(last)).toFixed(2)} × the step before`;
          const more = median(of(index).map((time, round) => time - (of(index - 1)[round] ?? 0)));
          const text = `${now} (${more < 0 ? '' : '+'}${more.toFixed(0)})`;
          return index === last ? `${text}, ${beside}` : text;
        });
        return `| ${step} | ${cells.join(' | ')} |`;
      });
      const head = `| ${name}, CPU µs/request | ${frameworks.join(' | ')} |`;
      return [head, '| --- | --- | --- | --- |', ...rows].join('\n');
    })
    .join('\n\n');
}
