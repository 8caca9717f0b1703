/** Draws the CPU time per request relative to the baseline of its goal, as an SVG for light and dark backgrounds. */
import { type Result, times } from './report.js';

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
      times(result, 'vortex'),
      times(result, 'vendor'),
      result.one.goal?.times[result.framework] ?? 1,
    ]),
  );
  // A logarithmic scale, because the ratios of long lists are several times those of a token.
  const x = (times: number) => LEFT + (Math.log(Math.max(times, 1)) / Math.log(longest)) * (WIDTH - LEFT - RIGHT);
  const height = TOP + results.length * ROW + 24;

  const rows = results.map((result, index) => {
    const y = TOP + index * ROW;
    const goal = result.one.goal?.times[result.framework];
    const bars = (['vortex', 'vendor'] as const).map((contender, place) => {
      const ratio = times(result, contender);
      const top = y + place * (BAR + 1);
      const width = Math.max(x(ratio) - LEFT, 1).toFixed(1);
      return [
        `<rect x="${LEFT}" y="${top}" width="${width}" height="${BAR}" fill="${COLOURS[contender]}"/>`,
        `<text x="${(x(ratio) + 5).toFixed(1)}" y="${top + BAR - 2}">${ratio.toFixed(2)}</text>`,
      ].join('');
    });
    const mark = goal ? `<path d="M${x(goal).toFixed(1)} ${y - 3}v${BAR + 6}" stroke="#888" stroke-width="2"/>` : '';
    return `<text x="${LEFT - 8}" y="${y + BAR + 4}" text-anchor="end">${result.one.name}, ${result.framework}</text>${bars.join('')}${mark}`;
  });

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#888" role="img" aria-label="${title}">
<text x="8" y="18" font-size="13">${title}</text>
<rect x="8" y="28" width="10" height="10" fill="${COLOURS.vortex}"/><text x="23" y="37">ours</text>
<rect x="63" y="28" width="10" height="10" fill="${COLOURS.vendor}"/><text x="78" y="37">the vendor's SDK in a handwritten route</text>
<path d="M330 26v14" stroke="#888" stroke-width="2"/><text x="337" y="37">our goal (logarithmic; shorter is better; 1 is no overhead)</text>
${rows.join('\n')}
</svg>
`;
}
