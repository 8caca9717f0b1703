/** Formats the results as a table of contenders and goals. */
import { type Case, type Contender, contenders, type Framework } from './cases.js';
import { median, ratio, type Sample, type Samples } from './measure.js';

export interface Result {
  one: Case;
  framework: Framework;
  samples: Samples;
}

/** How tables call the contenders. */
export const names = { bare: 'baseline', json: 'baseline with JSON', vortex: '**ours**', vendor: "vendor's SDK" };

const of = (figure: keyof Sample, samples: readonly Sample[]) => samples.map((sample) => sample[figure]);

/** Returns the CPU time of a contender as a multiple of a baseline: of that of the goal, unless another is given. */
export function times({ one, samples }: Result, contender: Contender, beside = one.goal?.beside ?? 'bare'): number {
  return ratio(of('cpu', samples[contender]), of('cpu', samples[beside]));
}

export function table(results: readonly Result[]): string {
  const rows = results.flatMap((result) =>
    contenders.map((contender) => {
      const samples = result.samples[contender];
      const cells = [
        result.one.name,
        result.framework,
        names[contender],
        spread(of('cpu', samples), 0),
        times(result, contender, 'bare').toFixed(2),
        times(result, contender, 'json').toFixed(2),
        contender === 'vortex' ? goalOf(result) : '',
        spread(of('perSecond', samples), 0),
        spread(of('p99', samples), 1),
        spread(of('late', samples), 1),
        median(of('peak', samples)).toFixed(0),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  );
  return [
    '|  |  |  | CPU µs/request | × baseline | × baseline with JSON | goal | requests/s | p99, ms | event loop delay, p99, ms | peak, MB |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The goal and its baseline, in bold if it is missed. */
function goalOf(result: Result): string {
  const { goal } = result.one;
  if (!goal) return '';
  const wanted = goal.times[result.framework];
  const text = `${wanted} × ${names[goal.beside]}`;
  return times(result, 'vortex') <= wanted ? text : `**${text}**`;
}

/** Formats the median and the range. */
function spread(values: readonly number[], digits: number): string {
  const [lowest = 0, highest = 0] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${lowest.toFixed(digits)} to ${highest.toFixed(digits)})`;
}
