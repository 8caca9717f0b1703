/** `npm run bench`: everything side by side, into `results` and the chart. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { cases, frameworks } from './cases.js';
import { chart } from './chart.js';
import * as cold from './cold.js';
import * as growing from './growth.js';
import { measure, type Setting } from './measure.js';
import { pin } from './pin.js';
import { execPath, startUpstream } from './processes.js';
import { type Result, table, targets, timesBare } from './report.js';
import * as requests from './throughput.js';

const thisMajor = process.versions.node.split('.')[0] ?? '';
const allParts = ['cold', 'growth', 'requests', 'table'];
const { values } = parseArgs({
  options: {
    /** A major version; those that are not this one come as packages. */
    node: { type: 'string', default: thisMajor },
    repeats: { type: 'string', default: '5' },
    /** What the case's name has in it. */
    only: { type: 'string', default: '' },
    /** Of the file in `results`. */
    name: { type: 'string' },
    parts: { type: 'string', default: allParts.join(',') },
  },
});
const node = execPath(values.node);
const name = values.name ?? `node-${values.node}`;
const parts = values.parts.split(',');
const text = [`# Node ${values.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${values.repeats} repeats\n`];

/** A section of the report, with an upstream of its own. */
async function section(part: string, title: string, make: (setting: Setting) => Promise<string>): Promise<void> {
  if (!parts.includes(part)) return;
  const upstream = await startUpstream(node);
  const made = await make({ node, upstream: upstream.port, repeats: Number(values.repeats) });
  await upstream.stop();
  text.push(`## ${title}\n\n${made}\n`);
}

await section('cold', 'Cold start', async () => cold.table(await cold.coldStarts(node, 20)));
await section('growth', 'As it grows (Fastify)', async (setting) => growing.table(await growing.growth(setting)));
await section('requests', 'Requests a second, GET one', async (setting) =>
  requests.table(await requests.throughput(setting)),
);
// Only now: the other sections are about more than the cost of one request.
if (!pin()) text.push('Measured without keeping to one core, which takes `taskset` and `chrt`.\n');
const results: Result[] = [];
await section('table', 'Side by side', async (setting) => {
  for (const one of cases.filter((each) => each.name.includes(values.only))) {
    for (const framework of frameworks) {
      const result = { one, framework, samples: await measure(framework, one, setting) };
      results.push(result);
      console.log(`${one.name}, ${framework}: ${timesBare(result, 'vortex').toFixed(2)} times bare`);
    }
  }
  return `${table(results)}\n\n## Targets\n\n${targets(results)}`;
});

console.log(`\n${text.join('\n')}`);
// Part of a report does not replace a whole one.
if (values.only === '' && allParts.every((part) => parts.includes(part))) {
  const home = new URL('../results/', import.meta.url);
  await mkdir(home, { recursive: true });
  await writeFile(new URL(`${name}.md`, home), text.join('\n'));
  const title = `CPU time per request, Node ${values.node}, in times of the framework doing only the unavoidable`;
  await writeFile(new URL('../chart.svg', import.meta.url), chart(results, title));
}
process.exit();
