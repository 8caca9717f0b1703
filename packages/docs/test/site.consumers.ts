/** Builds the site, and reads every page of it in a browser: in both themes, on a desktop and on a phone. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needsChromium } from '@vortex/conformance/chromium';
import { launch } from '@vortex/docs/browser';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const home = fileURLToPath(new URL('../', import.meta.url));
const site = join(home, 'dist/site');
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

const desktop = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

let server: Server;
let origin: string;
let browser: Browser | undefined;
let paths: string[];

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['node_modules/vitepress/bin/vitepress.js', 'build'], { cwd: home });
  paths = readdirSync(site, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.html') && file !== '404.html')
    .map((file) => `/${file.replace(/(?:(?<=^|\/)index)?\.html$/u, '')}`)
    .toSorted();
  server = createServer(
    (request, response) =>
      void answer(request.url ?? '/').then(([status, type, body]) => {
        response.writeHead(status, { 'content-type': type }).end(body);
      }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (!needsChromium) browser = await launch();
}, 240_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

/** Serves a folder as static hosts do: `/page` is `page.html`. */
async function answer(url: string): Promise<[number, string, Uint8Array | string]> {
  const path = decodeURIComponent(new URL(url, 'http://site').pathname);
  const file = [path, `${path}.html`, `${path}index.html`]
    .map((one) => join(site, one))
    .find((one) => extname(one) && existsSync(one));
  if (!file) return [404, 'text/plain', 'Not found'];
  return [200, types[extname(file)] ?? 'text/plain; charset=utf-8', await readFile(file)];
}

interface Seen {
  readonly path: string;
  readonly title: string;
  readonly links: readonly string[];
  readonly ids: readonly string[];
  /** What is wrong with the page itself. */
  readonly faults: readonly string[];
}

/** Opens all pages, four at a time. */
async function visit(options: BrowserContextOptions, look: (page: Page) => Promise<string[]>): Promise<Seen[]> {
  if (!browser) throw new Error('Chromium is not running.');
  const context = await browser.newContext(options);
  const rest = [...paths];
  const seen: Seen[] = [];
  const work = async () => {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    for (let path = rest.shift(); path !== undefined; path = rest.shift()) {
      await page.goto(origin + path, { waitUntil: 'load' });
      await page.locator('#app[data-v-app]').waitFor({ state: 'attached' });
      const { title, links, ids } = await page.evaluate(() => ({
        title: document.title,
        links: Array.from(document.links, ({ href }) => href),
        ids: Array.from(document.querySelectorAll('[id]'), ({ id }) => id),
      }));
      const found = await look(page);
      seen.push({ path, title, links, ids, faults: [...found, ...complaints.splice(0)] });
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  await context.close();
  return seen;
}

const faultsOf = (seen: readonly Seen[]) =>
  seen.flatMap(({ path, faults }) => faults.map((fault) => `${path}: ${fault}`));

/** The violations of axe that it calls serious or critical. */
async function runAxe(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    interface Violation {
      id: string;
      impact: string;
      nodes: { target: string[] }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map(({ target }) => target.join(' '))
            .join(', ')}`,
      );
  });
}

test.skipIf(needsChromium)(
  `every page opens without an error, and no link of the site is dead${needsChromium}`,
  async () => {
    const seen = await visit({ ...desktop, colorScheme: 'light' }, runAxe);
    expect(seen.length).toBeGreaterThan(60);
    expect(faultsOf(seen)).toEqual([]);
    const idsOf = new Map(seen.map(({ path, ids }) => [path, new Set(ids)]));
    const dead = seen.flatMap(({ path, links }) =>
      links.filter((link) => isDead(new URL(link), idsOf)).map((link) => `${path}: ${link}`),
    );
    expect(dead).toEqual([]);
    expect(new Set(seen.map(({ title }) => title)).size).toBe(seen.length);
  },
);

function isDead(url: URL, idsOf: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (url.origin !== origin) return false;
  const ids = idsOf.get(url.pathname);
  if (ids) return url.hash !== '' && !ids.has(decodeURIComponent(url.hash.slice(1)));
  return !(extname(url.pathname) !== '' && existsSync(join(site, decodeURIComponent(url.pathname))));
}

test.skipIf(needsChromium)(
  `no page is wider than a phone, and the dark theme is readable there${needsChromium}`,
  async () => {
    const seen = await visit({ ...phone, colorScheme: 'dark' }, async (page) => {
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      return [...(width > 390 ? [`is ${width} px wide`] : []), ...(await runAxe(page))];
    });
    expect(faultsOf(seen)).toEqual([]);
  },
);

test.skipIf(needsChromium).each([
  ['TENANT', /tenant/iu],
  ['IDENTITY_MISMATCH', /IDENTITY_MISMATCH/u],
  ['webhook raw body', /RAW_BODY_REQUIRED|webhook/iu],
  ['jest', /jest|tests/iu],
  ['trustedOrigins', /trustedOrigins/u],
  ['cloudflare', /cloudflare workers/iu],
])(`the search for %j finds its page among the first three results${needsChromium}`, async (query, wanted) => {
  if (!browser) throw new Error('Chromium is not running.');
  const page = await browser.newPage(desktop);
  await page.goto(origin);
  await page.locator('#app[data-v-app]').waitFor({ state: 'attached' });
  await page
    .getByRole('button', { name: /search/iu })
    .first()
    .click();
  await page.getByRole('searchbox').fill(query);
  const results = page.getByRole('listbox').getByRole('option');
  await results.first().waitFor();
  const titles = await results.evaluateAll((options) => options.slice(0, 3).map(({ textContent }) => textContent));
  expect(titles.join('\n')).toMatch(wanted);
  await page.close();
});

test('llms.txt lists every page of the sidebars, each of which is there as Markdown', async () => {
  const index = await readFile(join(site, 'llms.txt'), 'utf8');
  const files = Array.from(index.matchAll(/^- \[[^\]]+\]\(([^)]+)\)/gmu), ([, file = '']) => file);
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => !existsSync(join(site, file)))).toEqual([]);
  const full = await readFile(join(site, 'llms-full.txt'), 'utf8');
  for (const name of ['authorizeOperation', 'IDENTITY_MISMATCH', 'POST /invitations/accept'])
    expect(full).toContain(name);
});
