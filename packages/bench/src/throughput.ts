/** Measures the requests per second of our adapters and of the vendor's SDK. */
import { type Framework, frameworks, getOne } from './cases.js';
import { measure, median, type Setting } from './measure.js';

export interface Throughput {
  framework: Framework;
  vortex: number;
  vendor: number;
}

export async function throughput(setting: Setting): Promise<Throughput[]> {
  const found: Throughput[] = [];
  for (const framework of frameworks) {
    const samples = await measure(framework, getOne, { ...setting, among: ['vortex', 'vendor'] });
    const of = (contender: 'vortex' | 'vendor') => median(samples[contender].map(({ perSecond }) => perSecond));
    found.push({ framework, vortex: of('vortex'), vendor: of('vendor') });
  }
  return found;
}

export function table(found: readonly Throughput[]): string {
  const rows = found.map(({ framework, vortex, vendor }) => {
    return `| ${framework} | ${vortex.toFixed(0)} | ${vendor.toFixed(0)} | ${(vortex / vendor).toFixed(2)} |`;
  });
  return ['|  | ours | vendor | × vendor |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
