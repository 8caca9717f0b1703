/** Builds the site, and reads every page of it in a browser: in both themes, on a desktop and on a phone. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
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
});

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
async function answer(url: string): Promise<[number, string, Buffer | string]> {
  const path = decodeURIComponent(new URL(url, 'http://site').pathname);
  const file = [path, `${path}.html`, `${path}index.html`]
    .map((one) => join(site, one))
    .find((one) => extname(one) && existsSync(one));
  if (!file) return [404, 'text/plain', 'Not found'];
  return [200, types[extname(file)] ?? 'text/plain; charset=utf-8', await readFile(file)];
}

/** Waits until Vue runs the page. */
async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => '__vue_app__' in (document.querySelector('#app') ?? {}));
}

/** Opens all pages, three at a time, and returns what is wrong with them. axe looks at one page of each folder. */
async function visit(options: BrowserContextOptions, look: (page: Page) => Promise<string[]>): Promise<string[]> {
  if (!browser) throw new Error('Chromium is not running.');
  const context = await browser.newContext(options);
  // Pages that only show a file have one form, so one of them is enough.
  const rest = paths.filter((path) => !path.startsWith('/source/') || path.includes('your-app'));
  const folders = new Set<string>();
  const faults: string[] = [];
  const work = async () => {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    for (let path = rest.shift(); path !== undefined; path = rest.shift()) {
      await page.goto(origin + path, { waitUntil: 'load', timeout: 60_000 });
      await hydrated(page);
      const found = await look(page);
      const folder = dirname(path);
      if (!folders.has(folder)) {
        folders.add(folder);
        found.push(...(await runAxe(page)));
      }
      for (const fault of [...found, ...complaints.splice(0)]) faults.push(`${path}: ${fault}`);
    }
  };
  await Promise.all([work(), work(), work()]);
  await context.close();
  return faults;
}

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

/** The HTML of each page. */
async function readPages(): Promise<Map<string, string>> {
  const texts = paths.map(async (path) => {
    const [, , body] = await answer(path);
    return [path, body.toString()] as const;
  });
  return new Map(await Promise.all(texts));
}

test('no link of the site is dead, and each page has a title of its own', async () => {
  const pages = await readPages();
  expect(pages.size).toBeGreaterThan(100);
  const idsOf = new Map(
    Array.from(pages, ([path, html]) => [path, new Set(Array.from(html.matchAll(/ id="([^"]+)"/gu), ([, id]) => id))]),
  );
  const isDead = ({ origin: host, pathname, hash }: URL) => {
    if (host !== origin) return false;
    const ids = idsOf.get(pathname);
    if (!ids) return !(extname(pathname) !== '' && existsSync(join(site, decodeURIComponent(pathname))));
    return hash !== '' && !ids.has(decodeURIComponent(hash.slice(1)));
  };
  const dead = Array.from(pages, ([path, html]) =>
    Array.from(html.matchAll(/<a [^>]*href="([^"]+)"/gu), ([, href = '']) => href.replaceAll('&amp;', '&'))
      .filter((href) => isDead(new URL(href, origin + path)))
      .map((href) => `${path}: ${href}`),
  );
  expect(dead.flat()).toEqual([]);
  const named = [...pages].filter(([path]) => !path.startsWith('/source/'));
  const titles = named.map(([, html]) => /<title>(.*?)<\/title>/u.exec(html)?.[1]);
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
});

test.skipIf(needsChromium)(
  `every page opens on a desktop in the light theme without an error or a serious fault of axe${needsChromium}`,
  async () => {
    expect(await visit({ ...desktop, colorScheme: 'light' }, async () => [])).toEqual([]);
  },
);

test.skipIf(needsChromium)(
  `every page fits on a phone, in the dark theme, without an error or a serious fault of axe${needsChromium}`,
  async () => {
    const faults = await visit({ ...phone, colorScheme: 'dark' }, async (page) => {
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      return width > 390 ? [`is ${width} px wide`] : [];
    });
    expect(faults).toEqual([]);
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
  await hydrated(page);
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

test('the blocks of the start page that have a label each are tabs', async () => {
  const html = (await readPages()).get('/start/') ?? '';
  const labels = Array.from(html.matchAll(/<label [^>]*>([^<]+)<\/label>/gu), ([, label]) => label);
  const runs = ['Express, Fastify, Hono', 'Next.js'];
  const frameworks = ['Express', 'Fastify', 'Hono', 'Next.js'];
  expect(labels).toEqual([...frameworks, ...frameworks, ...runs, ...runs]);
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
