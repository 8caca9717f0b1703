/** Looks at a page of an example: takes pictures for review, and finds the faults that a program can find. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

/** A desktop and a phone. */
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

/**
 * Shows a page at the size of a desktop and of a phone, and writes a picture of each.
 *
 * @param pathOf the path of the picture for a width
 * @returns the horizontal overflow and the serious faults of accessibility (axe)
 */
export async function faultsOf(page: Page, pathOf: (width: number) => string): Promise<string[]> {
  const faults: string[] = [];
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.screenshot({ path: pathOf(size.width), fullPage: true });
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    if (overflow > 0) faults.push(`${size.width}: ${overflow} pixels of horizontal overflow`);
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
