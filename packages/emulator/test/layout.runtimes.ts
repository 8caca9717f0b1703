/** Tests the layout and the accessibility of every tab of the page in Chromium, in both themes. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium, needsChromium } from '@vortex/conformance/chromium';
import { VortexClient } from '@vortex/core';
import { type Page, chromium as playwright } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, invite, start, startReceiver } from './helpers.js';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const TABS = ['requests', 'messages', 'webhooks', 'invitations', 'faults', 'token', 'state'];

describe.skipIf(!chromium)('the page in a browser', { timeout: 120_000 }, () => {
  it.each(['light', 'dark'] as const)(
    `every tab, the page of an invitation and that of a component fit a phone and a desktop and have no serious accessibility fault in the %s theme${needsChromium}`,
    async (colorScheme) => {
      const receiver = await startReceiver(() => 401);
      const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [] });
      const value = `${'long'.repeat(15)}@${'domain.'.repeat(20)}example`;
      const { id } = await invite(emulator, { target: { type: 'email', value } });
      await call(emulator, 'GET /api/v1/invitations/x');
      await emulator.settled();
      emulator.fault('POST /api/v1/invitations', { status: 503 });
      const browser = await playwright.launch({
        ...(chromium && { executablePath: chromium }),
        args: ['--no-sandbox', '--disable-gpu'],
      });
      onTestFinished(() => browser.close());
      const page = await browser.newPage({ colorScheme });
      const details = [
        `requests/${emulator.calls[1]?.id}`,
        `messages/${emulator.outbox[0]?.id}`,
        `webhooks/${emulator.deliveries[0]?.id}`,
        `invitations/${id}`,
        new URL(emulator.outbox[0]?.link ?? '').pathname.slice(1),
        `component/any#token=${await new VortexClient(emulator.apiKey, { baseUrl: emulator.url }).generateToken({ user: { id: 'user-1' } })}`,
      ];
      for (const path of [...TABS, ...details]) {
        await page.goto(`${emulator.url}/${path}`);
        if (path.startsWith('component')) await page.getByText(value).waitFor();
        for (const width of [1280, 390]) {
          await page.setViewportSize({ width, height: 800 });
          const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
          expect(overflow, `${path} at ${width}`).toBeLessThanOrEqual(0);
          // One width for each theme is enough for axe.
          if ((colorScheme === 'light') === (width === 1280)) expect(await seriousFaults(page), path).toEqual([]);
        }
      }
    },
  );
});

async function seriousFaults(page: Page): Promise<string[]> {
  // `evaluate` runs through the debugger, so the page's Content-Security-Policy does not block it.
  await page.evaluate(axe);
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as {
    id: string;
    impact: string;
    nodes: { html: string }[];
  }[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
