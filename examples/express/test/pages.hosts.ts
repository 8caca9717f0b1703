/** Shows every page in both themes, on a desktop and on a phone: layout, accessibility (axe), and pictures for review. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium as executablePath, needsChromium } from '@vortex/conformance/chromium';
import { faultsOf } from '@vortex/conformance/look';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../src/start.js';
import { invitation, Visitor } from './helpers.js';

const pictures = fileURLToPath(new URL('../.data/pictures', import.meta.url));

let app: Awaited<ReturnType<typeof start>>;

const signIn = (page: Page, name: string) => page.getByRole('button', { name }).click();
const invited = () => `${app.url}/invited?invitationId=${app.emulator?.invitations[0]?.id}`;

const pages: Record<string, (page: Page) => Promise<unknown>> = {
  'sign-in': (page) => page.getByRole('button', { name: 'Zoë Hart' }).waitFor(),
  admin: async (page) => {
    await signIn(page, 'Ada Lindqvist');
    await page.getByRole('listitem', { name: 'zoe@example.com' }).waitFor();
  },
  sent: async (page) => {
    await signIn(page, 'Mei Tanaka');
    await page.getByLabel('Email address').fill(`${'long.'.repeat(10)}name@${'subsidiary.'.repeat(3)}example`);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copy link' }).waitFor();
  },
  'not-sent': async (page) => {
    await page.route('**/api/vortex/invitations', (route) => route.abort());
    await signIn(page, 'Mei Tanaka');
    await page.getByLabel('Email address').fill('lin@example.com');
    await page.keyboard.press('Enter');
    await page.getByText('The server cannot be reached. Check your connection and try again.').waitFor();
  },
  'not-removed': async (page) => {
    await page.route('**/members/*', (route) => route.abort());
    await signIn(page, 'Mei Tanaka');
    await page.getByRole('button', { name: 'Remove Idris Bello' }).press('Enter');
    await page.getByText('The server cannot be reached.').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).focus();
  },
  refused: async (page) => {
    await signIn(page, 'Ada Lindqvist');
    await page.getByRole('button', { name: 'List invitations' }).click();
    await page.getByText('403', { exact: true }).waitFor();
  },
  member: async (page) => {
    await signIn(page, 'Tomás Rivera');
    await page.getByText('Only admins of Harbor can invite people.').waitFor();
  },
  'no-team': async (page) => {
    await signIn(page, "Nora O'Brien");
    await page.getByRole('heading', { name: 'You’re not on a team yet' }).waitFor();
  },
  'invited-to': async (page) => {
    await signIn(page, 'Zoë Hart');
    await page.getByRole('link', { name: 'View invitation' }).waitFor();
  },
  'invited-signed-out': async (page) => {
    await page.goto(invited());
    await page.getByRole('button', { name: 'Zoë Hart' }).waitFor();
  },
  invited: async (page) => {
    await page.goto(invited());
    await signIn(page, 'Zoë Hart');
    await page.getByRole('heading', { name: 'Join Harbor' }).waitFor();
  },
  'invited-another': async (page) => {
    await page.goto(invited());
    await signIn(page, 'Tomás Rivera');
    await page.getByRole('heading', { name: 'You can’t accept this invitation' }).waitFor();
  },
  failing: async (page) => {
    await page.route('**/api/teams', (route) => route.abort());
    await signIn(page, 'Ada Lindqvist');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
  },
};

describe.skipIf(needsChromium !== '')(`pages${needsChromium}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    await mkdir(pictures, { recursive: true });
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
    [app, browser] = await Promise.all([
      start({ port: 0 }),
      chromium.launch({ ...(executablePath && { executablePath }), args }),
    ]);
    const ada = await new Visitor(app.url).signIn('ada');
    const scopes = [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }];
    await ada.call('POST', '/api/vortex/invitations', { ...invitation('zoe@example.com'), scopes });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
    it.each(Object.entries(pages))('the page %s fits and has no serious accessibility fault', async (name, show) => {
      const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(app.url);
      await show(page);
      expect(await faultsOf(page, (width) => `${pictures}/${name}-${width}-${colorScheme}.png`)).toEqual([]);
      await context.close();
    });
  });
});
