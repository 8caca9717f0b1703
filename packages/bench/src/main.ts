import { cases, contenders, type Framework, frameworks } from './cases.js';
import { measure, median } from './measure.js';
import { execPath, startUpstream } from './processes.js';

const node = execPath(process.argv[2] ?? '20');
const only = process.argv[3] ?? '';
const wantedCase = process.argv[4] ?? '';
const upstream = await startUpstream(node);
for (const one of cases.filter((c) => c.name.includes(wantedCase))) {
  for (const framework of frameworks.filter((f: Framework) => f.includes(only))) {
    const samples = await measure(framework, one, {
      node,
      upstream: upstream.port,
      repeats: Number(process.env.REPEATS ?? 3),
    });
    const bare = median(samples.bare.map((s) => s.cpu));
    for (const c of contenders) {
      const m = (k: 'cpu' | 'perSecond' | 'p99' | 'late' | 'peak') => median(samples[c].map((s) => s[k]));
      console.log(
        one.name.padEnd(16),
        framework.padEnd(8),
        c.padEnd(7),
        m('cpu').toFixed(0).padStart(8),
        'us',
        (m('cpu') / bare).toFixed(2).padStart(6),
        'x',
        m('perSecond').toFixed(0).padStart(7),
        '/s p99',
        m('p99').toFixed(1),
        'late',
        m('late').toFixed(1),
        'peak',
        m('peak').toFixed(0),
      );
    }
  }
}
await upstream.stop();
process.exit();
