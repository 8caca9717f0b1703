/** Runs all benchmarks for `npm run bench`, and writes the results and the chart. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { cases, frameworks } from './cases.js';
import { chart } from './chart.js';
import * as cold from './cold.js';
import * as open from './connections.js';
import * as fields from './fields.js';
import * as least from './floor.js';
import * as growing from './growth.js';
import { measure, type Setting } from './measure.js';
import { pin } from './pin.js';
import { execPath, startUpstream } from './processes.js';
import { type Result, table, times } from './report.js';
import * as scaling from './scale.js';
import * as requests from './throughput.js';

const thisMajor = process.versions.node.split('.')[0] ?? '';
const allParts = ['cold', 'connections', 'fields', 'floor', 'growth', 'requests', 'scale', 'stores', 'table'];
const { values } = parseArgs({
  options: {
    /** The major version of Node. Versions other than the current one come as packages. */
    node: { type: 'string', default: thisMajor },
    repeats: { type: 'string', default: '5' },
    /** Runs only the cases whose names contain this text. */
    only: { type: 'string', default: '' },
    /** The name of the file in `results`. With it, partial results are written too. */
    name: { type: 'string' },
    parts: { type: 'string', default: allParts.join(',') },
  },
});
const node = execPath(values.node);
const name = values.name ?? `node-${values.node}`;
const parts = values.parts.split(',');
const unknownPart = parts.find((part) => !allParts.includes(part));
if (unknownPart !== undefined) fail(`--parts has no part "${unknownPart}". The parts are ${allParts.join(', ')}.`);
const caseNames = cases.map((one) => one.name);
if (!caseNames.some((one) => one.includes(values.only))) {
  fail(`--only "${values.only}" matches no case. The cases are ${caseNames.join(', ')}.`);
}
const text = [`# Node ${values.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${values.repeats} repeats\n`];

function fail(problem: string): never {
  console.error(problem);
  process.exit(1);
}

/** Adds a section to the report. Each section has its own upstream process. */
async function section(part: string, title: string, make: (setting: Setting) => Promise<string>): Promise<void> {
  if (!parts.includes(part)) return;
  const [load = 0] = loadavg();
  const begun = performance.now();
  const upstream = await startUpstream(node);
  const made = await make({ node, upstream: upstream.port, repeats: Number(values.repeats) });
  await upstream.stop();
  const took = ((performance.now() - begun) / 1000).toFixed(0);
  text.push(
    `## ${title}\n\n${made}\n\nTook ${took} s. The load average of the machine at the start was ${load.toFixed(1)}.\n`,
  );
}

await section('cold', 'Cold start', async () => cold.table(await cold.coldStarts(node, 20)));
await section('connections', 'Memory of a connection', async (setting) => open.table(await open.connections(setting)));
await section('fields', 'The worst text in each field', async () => fields.table(await fields.longestTimes()));
await section('growth', 'Scaling (Fastify)', async (setting) => growing.table(await growing.growth(setting)));
await section('requests', 'Requests per second, GET one', async (setting) =>
  requests.table(await requests.throughput(setting)),
);
await section('stores', 'A webhook by its store (Fastify)', async (setting) =>
  scaling.table(await scaling.stores(setting)),
);
let steps: readonly scaling.Step[] = [];
await section('scale', 'At scale (Fastify, two cores for all programs)', async (setting) => {
  steps = await scaling.scale(setting);
  return scaling.table(steps);
});
// Pinned here, not earlier: only the comparison runs on one core.
if (!pin()) text.push('Not measured on one core, because `taskset` and `chrt` are not available.\n');
await section('floor', 'The floor, step by step', async (setting) =>
  least.table(await least.floor(setting, values.only)),
);
const results: Result[] = [];
await section('table', 'Comparison', async (setting) => {
  for (const one of cases.filter((each) => each.name.includes(values.only))) {
    for (const framework of frameworks) {
      const result = { one, framework, samples: await measure(framework, one, setting) };
      results.push(result);
      console.log(`${one.name}, ${framework}: ${times(result, 'vortex').toFixed(2)} × ${one.goal?.beside ?? 'bare'}`);
    }
  }
  return table(results);
});

console.log(`\n${text.join('\n')}`);
// A partial report does not replace a full one, unless it is named.
const isComplete = values.only === '' && allParts.every((part) => parts.includes(part));
if (isComplete || values.name !== undefined) {
  const home = new URL('../results/', import.meta.url);
  await mkdir(home, { recursive: true });
  await writeFile(new URL(`${name}.md`, home), text.join('\n'));
  if (results.length > 0 && values.only === '') {
    const title = `CPU time per request, times the baseline of each goal, Node ${values.node}`;
    await writeFile(new URL('../chart.svg', import.meta.url), chart(results, title));
  }
  if (steps.length > 0) {
    const bends = `99th percentile of the latency, two processes of ours, Node ${values.node}`;
    await writeFile(new URL('../scale.svg', import.meta.url), scaling.chart(steps, bends));
  }
}
process.exit();
