/** Measures one process, two processes and a cluster of two over one Redis and one PostgreSQL, with up to 1,000 connections. */
import { startPostgres } from '@vortex/conformance/postgres';
import { startRedis } from '@vortex/conformance/redis';
import pg from 'pg';
import { type Case, getOne, jwt, webhooks } from './cases.js';
import { openLoad } from './load.js';
import { median, numbered, type Sample, type Setting, sample } from './measure.js';
import { type Program, startProgram } from './processes.js';
import { type StoreName, storeNames, TABLES } from './webhooks.js';

export interface Step {
  what: string;
  setup: Setup;
  connections: number;
  samples: readonly Sample[];
}

type Setup = 'one process' | 'two processes' | 'a cluster of two';
const setups: readonly Setup[] = ['one process', 'two processes', 'a cluster of two'];
const CONNECTIONS = [64, 256, 1000];

/** Measures a webhook by its store, in one process. */
export async function stores(setting: Setting): Promise<Step[]> {
  const [connections = 0] = CONNECTIONS;
  return withDatabases(async (whereIs) => {
    const steps: Step[] = [];
    for (const name of storeNames) {
      const start = webhookServer(setting.node, name, whereIs[name]);
      steps.push(await step(`webhook, ${name}`, webhooks, start, 'one process', connections, setting.repeats));
    }
    return steps;
  });
}

export async function scale(setting: Setting): Promise<Step[]> {
  const { node, upstream, repeats } = setting;
  const url = `http://127.0.0.1:${upstream}`;
  const routes: Start = (setup) => start(node, setup, ['fastify', 'vortex', url], { VORTEX_API_BASE_URL: url });
  return withDatabases(async (whereIs) => {
    const programs: [string, Case, Start][] = [
      [jwt.name, jwt, routes],
      [getOne.name, getOne, routes],
      // Memory is of one process, and so is no store for several.
      ...storeNames
        .filter((name) => name !== 'memory')
        .map((name): [string, Case, Start] => [
          `webhook, ${name}`,
          caseFor(name),
          webhookServer(node, name, whereIs[name]),
        ]),
    ];
    const steps: Step[] = [];
    for (const [what, one, starting] of programs) {
      for (const setup of setups) {
        for (const connections of CONNECTIONS) {
          steps.push(await step(what, one, starting, setup, connections, repeats));
        }
      }
    }
    return steps;
  });
}

/** With fewer requests over PostgreSQL, which answers a tenth as many a second as the others. */
function caseFor(name: StoreName): Case {
  return name.startsWith('SQL') ? { ...webhooks, requests: 800 } : webhooks;
}

type Start = (setup: Setup) => Promise<Program[]>;

async function start(node: string, setup: Setup, args: string[], env: Record<string, string> = {}): Promise<Program[]> {
  if (setup === 'a cluster of two') return [await startProgram(node, 'cluster.js', args, env)];
  const count = setup === 'one process' ? 1 : 2;
  return Promise.all(Array.from({ length: count }, () => startProgram(node, 'server.js', args, env)));
}

function webhookServer(node: string, name: StoreName, where: string): Start {
  return (setup) => start(node, setup, ['webhooks', name, where]);
}

/** Numbers the webhooks over all steps, since a store knows those of the step before. */
const nextRequest = numbered(webhooks);

async function step(
  what: string,
  one: Case,
  starting: Start,
  setup: Setup,
  connections: number,
  repeats: number,
): Promise<Step> {
  const servers = await starting(setup);
  const load = openLoad(
    servers.map(({ port }) => port),
    connections,
    true,
  );
  const request = one.name === webhooks.name ? nextRequest : numbered(one);
  const requests = Math.max(one.requests, 2 * connections);
  const samples: Sample[] = [];
  try {
    await load.send(requests, request);
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      samples.push(await sample(servers, () => load.send(requests, request)));
    }
    return { what, setup, connections, samples };
  } finally {
    await load.close();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function withDatabases(run: (whereIs: Record<StoreName, string>) => Promise<Step[]>): Promise<Step[]> {
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  try {
    const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
    await pool.query(TABLES);
    await pool.end();
    return await run({
      memory: '',
      Redis: redis.path,
      'SQL, lease': postgres.url,
      'SQL, transaction': postgres.url,
    });
  } finally {
    await Promise.all([redis.close(), postgres.stop()]);
  }
}

export function table(steps: readonly Step[]): string {
  const rows = steps.map(({ what, setup, connections, samples }) => {
    const of = (figure: keyof Sample, digits: number) => median(samples.map((each) => each[figure])).toFixed(digits);
    const refused = median(samples.map((each) => each.refused));
    const cells = [
      what,
      setup,
      connections,
      of('perSecond', 0),
      of('cpu', 0),
      of('p99', 0),
      of('late', 0),
      of('peak', 0),
    ];
    return `| ${cells.join(' | ')} | ${refused === 0 ? '' : `${(100 * refused).toFixed(0)} %`} |`;
  });
  return [
    '|  | servers | connections | requests/s | CPU µs/request | p99, ms | event loop delay, p99, ms | peak, MB | answered 503 |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

const WIDTH = 760;
const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 220;
const COLOURS = ['#2f7d5b', '#b8742a', '#4a6fa5', '#9c4f96', '#a33d3d'];

/** Draws the 99th percentile of the latency over the connections, of two processes. */
export function chart(all: readonly Step[], title: string): string {
  const steps = all.filter(({ setup }) => setup === 'two processes');
  const latency = ({ samples }: Step) => median(samples.map(({ p99 }) => p99));
  const longest = Math.max(...steps.map(latency));
  const x = (connections: number) => LEFT + (Math.log(connections / 64) / Math.log(1000 / 64)) * (WIDTH - LEFT - RIGHT);
  const y = (milliseconds: number) => HEIGHT - 30 - (milliseconds / longest) * (HEIGHT - 80);
  const ends = [...new Set(steps.map(({ what }) => what))]
    .map((what, index) => {
      const own = steps.filter((one) => one.what === what);
      const points = own.map((one) => `${x(one.connections).toFixed(1)},${y(latency(one)).toFixed(1)}`);
      return { what, points, colour: COLOURS[index % COLOURS.length], end: latency(own.at(-1) as Step) };
    })
    .sort((one, other) => other.end - one.end);
  let lowest = 0;
  const lines = ends.map(({ what, points, colour, end }) => {
    // Labels of neighbours are kept apart.
    lowest = Math.max(y(end) + 4, lowest + 13);
    const label = `<text x="${WIDTH - RIGHT + 8}" y="${lowest.toFixed(1)}" fill="${colour}">${what}: ${end.toFixed(0)} ms</text>`;
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${label}`;
  });
  const marks = CONNECTIONS.map(
    (count) => `<text x="${x(count).toFixed(1)}" y="${HEIGHT - 12}" text-anchor="middle">${count} connections</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="11" fill="#888" role="img" aria-label="${title}">
<text x="8" y="18" font-size="13">${title}</text>
<path d="M${LEFT} 40V${HEIGHT - 30}H${WIDTH - RIGHT}" fill="none" stroke="#888"/>
<text x="${LEFT - 6}" y="${y(longest) + 4}" text-anchor="end">${longest.toFixed(0)} ms</text><text x="${LEFT - 6}" y="${HEIGHT - 26}" text-anchor="end">0</text>
${marks.join('')}
${lines.join('\n')}
</svg>
`;
}
