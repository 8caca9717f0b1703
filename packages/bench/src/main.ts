/** `npm run bench`: everything side by side, into `results` and the chart. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { cases, frameworks } from './cases.js';
import { chart } from './chart.js';
import * as cold from './cold.js';
import * as growing from './growth.js';
import { measure } from './measure.js';
import { execPath, startUpstream } from './processes.js';
import { type Result, table, targets, timesBare } from './report.js';

const thisMajor = process.versions.node.split('.')[0] ?? '';
const { values } = parseArgs({
  options: {
    /** A major version; those that are not this one come as packages. */
    node: { type: 'string', default: thisMajor },
    repeats: { type: 'string', default: '3' },
    /** What the case's name has in it; without the rest nothing is written. */
    only: { type: 'string', default: '' },
    /** Of the file in `results`. */
    name: { type: 'string' },
    /** Of `table`, `cold` and `growth`. */
    parts: { type: 'string', default: 'table,cold,growth' },
  },
});
const node = execPath(values.node);
const name = values.name ?? `node-${values.node}`;
const parts = values.parts.split(',');
const upstream = await startUpstream(node);
const setting = { node, upstream: upstream.port, repeats: Number(values.repeats) };

const text = [`# Node ${values.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${setting.repeats} repeats\n`];
const results: Result[] = [];
if (parts.includes('table')) {
  for (const one of cases.filter((each) => each.name.includes(values.only))) {
    for (const framework of frameworks) {
      const result = { one, framework, samples: await measure(framework, one, setting) };
      results.push(result);
      console.log(`${one.name}, ${framework}: ${timesBare(result, 'vortex').toFixed(2)} times bare`);
    }
  }
  text.push(`## Targets\n\n${targets(results)}\n`, `## Side by side\n\n${table(results)}\n`);
}
if (parts.includes('cold')) text.push(`## Cold start\n\n${cold.table(await cold.coldStarts(node, 20))}\n`);
if (parts.includes('growth'))
  text.push(`## As it grows (Fastify)\n\n${growing.table(await growing.growth(setting))}\n`);
await upstream.stop();

console.log(`\n${text.join('\n')}`);
if (values.only === '') {
  const home = new URL('../results/', import.meta.url);
  await mkdir(home, { recursive: true });
  await writeFile(new URL(`${name}.md`, home), text.join('\n'));
  const title = `CPU time per request, Node ${values.node}, in times of the framework doing only the unavoidable`;
  if (results.length > 0) await writeFile(new URL('../chart.svg', import.meta.url), chart(results, title));
}
process.exit();
