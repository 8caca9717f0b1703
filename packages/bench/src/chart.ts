/** CPU time per request in times of the bare framework's, as an SVG that reads on light and dark grounds. */
import { type Result, timesBare } from './report.js';

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 70;
const ROW = 34;
const TOP = 54;
const BAR = 12;
const COLOURS = { vortex: '#2f7d5b', vendor: '#b8742a' } as const;

export function chart(results: readonly Result[], title: string): string {
  const longest = Math.max(
    ...results.flatMap((result) => [
      timesBare(result, 'vortex'),
      timesBare(result, 'vendor'),
      result.one.target?.[result.framework] ?? 1,
    ]),
  );
  // Logarithmic: a list of thousands costs ten times what a token does.
  const x = (times: number) => LEFT + (Math.log(Math.max(times, 1)) / Math.log(longest)) * (WIDTH - LEFT - RIGHT);
  const height = TOP + results.length * ROW + 24;

  const rows = results.map((result, index) => {
    const y = TOP + index * ROW;
    const target = result.one.target?.[result.framework];
    const bars = (['vortex', 'vendor'] as const).map((contender, place) => {
      const times = timesBare(result, contender);
      const top = y + place * (BAR + 1);
      const width = Math.max(x(times) - LEFT, 1).toFixed(1);
      return [
        `<rect x="${LEFT}" y="${top}" width="${width}" height="${BAR}" fill="${COLOURS[contender]}"/>`,
        `<text x="${(x(times) + 5).toFixed(1)}" y="${top + BAR - 2}">${times.toFixed(2)}</text>`,
      ].join('');
    });
    const mark = target
      ? `<path d="M${x(target).toFixed(1)} ${y - 3}v${BAR + 6}" stroke="#888" stroke-width="2"/>`
      : '';
    return `<text x="${LEFT - 8}" y="${y + BAR + 4}" text-anchor="end">${result.one.name}, ${result.framework}</text>${bars.join('')}${mark}`;
  });

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#888" role="img" aria-label="${title}">
<text x="8" y="18" font-size="13">${title}</text>
<rect x="8" y="28" width="10" height="10" fill="${COLOURS.vortex}"/><text x="23" y="37">ours</text>
<rect x="63" y="28" width="10" height="10" fill="${COLOURS.vendor}"/><text x="78" y="37">the vendor's SDK in a route written by hand</text>
<path d="M330 26v14" stroke="#888" stroke-width="2"/><text x="337" y="37">our target; shorter is better, 1 is nothing added, logarithmic</text>
${rows.join('\n')}
</svg>
`;
}
