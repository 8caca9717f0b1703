/** Measures the time that an import takes in a new process. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Framework, frameworks } from './cases.js';
import { median } from './measure.js';

const run = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
/** The folder of core. Its dependencies are resolved from here. */
const core = fileURLToPath(new URL('../../core', import.meta.url));

export interface ColdStart {
  module: string;
  /** Milliseconds, one entry for each process. */
  times: readonly number[];
}

/** Measures each module alone, and each adapter on top of its framework. Repeats all of them, one after the other. */
export async function coldStarts(node: string, processes: number): Promise<ColdStart[]> {
  const programs = [
    ...frameworks.flatMap((name) => [
      { module: name, first: '', imports: [name], cwd: here },
      { module: `core and @vortex/${name}, after ${name}`, first: name, imports: ours(name), cwd: here },
    ]),
    ...['zod/mini', 'jose/jws/compact/sign', 'undici'].map((module) => ({
      module: `${module} alone`,
      first: '',
      imports: [module],
      cwd: core,
    })),
  ];
  const starts = programs.map(({ module }) => ({ module, times: [] as number[] }));
  for (let count = 0; count < processes; count += 1) {
    for (const [index, { first, imports, cwd }] of programs.entries()) {
      starts[index]?.times.push(await timeOf(node, first, imports, cwd));
    }
  }
  return starts;
}

const ours = (name: Framework) => ['@vortex/core', `@vortex/${name}`];

async function timeOf(node: string, first: string, imports: readonly string[], cwd: string): Promise<number> {
  const program = `
    ${first ? `await import('${first}');` : ''}
    const start = performance.now();
    ${imports.map((name) => `await import('${name}');`).join('\n')}
    console.log(performance.now() - start);
  `;
  const { stdout } = await run(node, ['--input-type=module', '-e', program], { cwd });
  return Number(stdout);
}

export function table(starts: readonly ColdStart[]): string {
  const rows = starts.map(({ module, times }) => {
    const sorted = times.toSorted((a, b) => a - b);
    return `| ${module} | ${median(times).toFixed(0)} | ${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)} |`;
  });
  return ['| import | median, ms | range |', '| --- | --- | --- |', ...rows].join('\n');
}
