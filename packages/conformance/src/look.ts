/** Looks at a page of an example or of the emulator: takes pictures for review, and finds the faults that a program can find. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

/** A desktop and a phone. */
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** The fields that show a placeholder, each with the colours of its text and of its background. */
const PLACEHOLDERS = `[...document.querySelectorAll('input, textarea')]
  .filter((field) => field.placeholder && !field.value && field.checkVisibility())
  .map((field) => [field.placeholder, getComputedStyle(field, '::placeholder').color, getComputedStyle(field).backgroundColor])`;

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

/**
 * Shows a page at the size of a desktop and of a phone, and writes a picture of each.
 *
 * @param pathOf the path of the picture for a width
 * @returns the horizontal overflow, the placeholders that are hard to read, and the serious faults of accessibility (axe)
 */
export async function faultsOf(page: Page, pathOf: (width: number) => string): Promise<string[]> {
  const faults: string[] = [];
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.screenshot({ path: pathOf(size.width), fullPage: true });
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    if (overflow > 0) faults.push(`${size.width}: ${overflow} pixels of horizontal overflow`);
    // axe does not look at placeholders.
    for (const [text, ...colors] of await page.evaluate<[string, string, string][]>(PLACEHOLDERS)) {
      const contrast = contrastOf(colors);
      if (!(contrast >= 4.5)) faults.push(`${size.width}: the placeholder "${text}" has a contrast of ${contrast}`);
    }
    // `evaluate` runs through the debugger, so the page's Content-Security-Policy does not block it.
    await page.evaluate(axe);
    const violations = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)');
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      faults.push(...nodes.map(({ html }) => `${size.width}: ${id}: ${html}`));
    }
  }
  return faults;
}

/** The contrast of two opaque colours, as WCAG 2 defines it. `NaN` if one of them is not opaque. */
function contrastOf(colors: readonly string[]): number {
  const luminances = colors.map((color) => {
    const parts = /^rgb\((\d+), (\d+), (\d+)\)$/u.exec(color)?.slice(1).map(Number) ?? [];
    const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = parts.map((part) =>
      part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  return (Math.max(...luminances) + 0.05) / (Math.min(...luminances) + 0.05);
}
