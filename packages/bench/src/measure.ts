/** Measures the contenders. Each repeat runs all of them, one after the other. */
import { type Case, type Contender, contenders, type Framework } from './cases.js';
import { openLoad } from './load.js';
import { type Program, startServer } from './processes.js';

/** The measurements of one contender in one repeat. */
export interface Sample {
  /** The CPU time of the servers per request, in microseconds. */
  cpu: number;
  perSecond: number;
  /** The 99th percentile of the latency, in milliseconds. */
  p99: number;
  /** The 99th percentile of the event loop delay, in milliseconds. */
  late: number;
  /** The peak of the resident memory of a server, in MB. */
  peak: number;
  /** The part of the requests that was answered with 503. */
  refused: number;
}

export type Samples = Readonly<Record<Contender, readonly Sample[]>>;

export interface Setting {
  node: string;
  /** The port of the upstream. */
  upstream: number;
  repeats: number;
  /**
   * The number of server processes for each contender.
   *
   * @default 1
   */
  processes?: number;
  /**
   * The contenders to measure.
   *
   * @default contenders
   */
  among?: readonly Contender[];
}

export async function measure(framework: Framework, one: Case, setting: Setting): Promise<Samples> {
  const { node, upstream, repeats, processes = 1, among = contenders } = setting;
  const samples: Record<Contender, Sample[]> = { bare: [], json: [], vortex: [], vendor: [] };
  const running = await Promise.all(
    among.map(async (contender) => {
      const servers = await Promise.all(
        Array.from({ length: processes }, () => startServer(node, framework, contender, upstream)),
      );
      const generator = openLoad(
        servers.map(({ port }) => port),
        one.connections,
      );
      return { contender, servers, generator };
    }),
  );
  const request = numbered(one);
  try {
    for (const { generator } of running) await generator.send(one.warmUp, request);
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      for (const { contender, servers, generator } of running) {
        await generator.send(one.connections, request);
        samples[contender].push(await sample(servers, () => generator.send(one.requests, request)));
      }
    }
    return samples;
  } finally {
    for (const { servers, generator } of running) {
      await generator.close();
      await Promise.all(servers.map((server) => server.stop()));
    }
  }
}

export function numbered({ request }: Case) {
  let number = 0;
  return () => {
    number += 1;
    return request(number);
  };
}

export async function sample(
  servers: readonly Program[],
  load: () => ReturnType<ReturnType<typeof openLoad>['send']>,
): Promise<Sample> {
  await Promise.all(servers.map((server) => server.begin()));
  const { took, latencies, refused } = await load();
  const measured = await Promise.all(servers.map((server) => server.end()));
  const cpu = measured.reduce((sum, each) => sum + each.cpu, 0);
  return {
    cpu: (cpu / latencies.length) * 1e6,
    perSecond: latencies.length / took,
    p99: latencies[Math.ceil(latencies.length * 0.99) - 1] ?? 0,
    late: Math.max(...measured.map((each) => each.late)),
    peak: Math.max(...measured.map((each) => each.peak)) / 2 ** 20,
    refused: refused / latencies.length,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The median of the ratios of neighbours: what slows the machine for a while slows both of them. */
export function ratio(times: readonly number[], beside: readonly number[]): number {
  return median(times.map((time, place) => time / (beside[place] ?? Number.NaN)));
}
