import { chromium as executablePath, needsChromium } from '@vortex/conformance/chromium';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../src/start.js';

describe.skipIf(needsChromium !== '')(`in a browser${needsChromium}`, () => {
  let app: Awaited<ReturnType<typeof start>>;
  let browser: Browser;
  /** The console warnings and errors, and the uncaught errors, of the application's pages. */
  const complaints: string[] = [];

  beforeAll(async () => {
    app = await start({ port: 0 });
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  async function visit(context: BrowserContext, url: string): Promise<Page> {
    const page = await context.newPage();
    listen(page);
    await page.goto(url);
    return page;
  }

  function listen(page: Page): void {
    page.on('console', (message) => {
      const isOurs = message.location().url.startsWith(app.url);
      if (isOurs && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  }

  it('an invited person joins the team, the admin sees them, and the other team is refused', async () => {
    const office = await browser.newContext();
    const ada = await visit(office, app.url);
    await ada.getByRole('button', { name: 'Ada Lindqvist' }).click();
    await ada.getByLabel('Email address').fill("o'brien@example.com");
    await ada.keyboard.press('Enter');
    await ada.getByRole('status').getByText("Invitation to o'brien@example.com sent.").waitFor();
    await ada.getByRole('listitem', { name: "o'brien@example.com" }).getByText('delivered').waitFor();

    // Nora uses another browser. The outbox shows her e-mail.
    const home = await browser.newContext();
    const [outbox] = await Promise.all([
      office.waitForEvent('page'),
      ada.getByRole('link', { name: 'Open outbox' }).click(),
    ]);
    const link = await outbox.getByRole('link', { name: '/i/' }).getAttribute('href');
    const nora = await visit(home, link ?? '');
    expect(new URL(nora.url()).pathname).toBe('/invited');
    await nora.getByRole('button', { name: "Nora O'Brien" }).click();
    await nora.getByRole('heading', { name: 'Join Harbor' }).waitFor();
    await nora.getByText("Ada Lindqvist invited o'brien@example.com.").waitFor();
    await nora.getByRole('button', { name: 'Accept' }).click();
    await nora.getByRole('status').getByText('Welcome to Harbor.').waitFor();
    await nora.getByRole('listitem').filter({ hasText: 'Tomás Rivera' }).waitFor();

    await ada.reload();
    await ada.getByRole('listitem').filter({ hasText: "Nora O'Brien" }).waitFor();
    await ada.getByText('No pending invitations').waitFor();
    expect(complaints).toEqual([]);

    const orchard = ada.getByRole('region', { name: 'Orchard' });
    const path = '/api/vortex/invitations/by-scope/team/orchard';
    for (const [button, method] of [
      ['List invitations', 'GET'],
      ['Revoke all invitations', 'DELETE'],
    ] as const) {
      const refusal = await ada.request.fetch(app.url + path, { method, headers: { origin: app.url } });
      const { error } = (await refusal.json()) as { error: string };
      await orchard.getByRole('button', { name: button }).click();
      await orchard.getByText(`${method} ${path}`, { exact: true }).waitFor();
      await orchard.getByText('403', { exact: true }).waitFor();
      await orchard.getByText('FORBIDDEN', { exact: true }).waitFor();
      await orchard.getByText(error, { exact: true }).waitFor();
    }
    // The browser logs every refused request. There must be no others than these two.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('403'), expect.stringContaining('403')]);
  });

  it('an invitation is sent again and revoked with the keyboard, and the focus is kept', async () => {
    const mei = await visit(await browser.newContext(), app.url);
    await mei.getByRole('button', { name: 'Mei Tanaka' }).press('Enter');
    await mei.getByLabel('Email address').fill('zoe@example.com');
    await mei.getByRole('button', { name: 'Invite' }).press('Space');
    const resend = mei.getByRole('button', { name: 'Resend invitation to zoe@example.com' });
    await resend.press('Enter');
    await mei.getByRole('listitem', { name: 'zoe@example.com' }).getByText('sent 2 times').waitFor();
    expect(await resend.evaluate((element) => element.matches(':focus'))).toBe(true);
    await mei.keyboard.press('Tab');
    await mei.keyboard.press('Enter');
    await mei.getByText('No pending invitations').waitFor();
    const heading = mei.getByRole('heading', { name: 'Pending invitations (0)' });
    expect(await heading.evaluate((element) => element.matches(':focus'))).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('an admin removes a member with the keyboard, and an error stays until it is dismissed', async () => {
    const mei = await visit(await browser.newContext(), app.url);
    await mei.getByRole('button', { name: 'Mei Tanaka' }).press('Enter');
    const remove = mei.getByRole('button', { name: 'Remove Idris Bello' });
    await remove.waitFor();
    await mei.route('**/members/*', (route) => route.abort(), { times: 1 });
    await remove.press('Enter');
    const error = mei.getByText('The server cannot be reached. Check your connection and try again.');
    await error.waitFor();
    await mei.getByRole('button', { name: 'Dismiss' }).press('Enter');
    await error.waitFor({ state: 'detached' });
    await remove.press('Enter');
    await mei.getByRole('status').getByText('Idris Bello is no longer on the team.').waitFor();
    const heading = mei.getByRole('heading', { name: 'Members (1)' });
    expect(await heading.evaluate((element) => element.matches(':focus'))).toBe(true);
    // The browser logs the request that was aborted.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('ERR_FAILED')]);
  });

  it('a message on a phone does not cover the field that has the focus', async () => {
    const page = await visit(await browser.newContext({ viewport: { width: 390, height: 500 } }), app.url);
    await page.getByRole('button', { name: 'Ada Lindqvist' }).click();
    const field = page.getByLabel('Email address');
    await field.fill('lin@example.com');
    await page.route('**/api/vortex/invitations', (route) => route.abort());
    await field.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await page.keyboard.press('Enter');
    await page.getByText('The server cannot be reached.').waitFor();
    const isVisible = await field.evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return element.ownerDocument.elementFromPoint(x + width / 2, y + height / 2) === element;
    });
    expect(isVisible).toBe(true);
    expect(complaints.splice(0)).toEqual([expect.stringContaining('ERR_FAILED')]);
  });

  it('the token of the signed-in user is tried in the stand-in for the component, which invites in their name', async () => {
    const ada = await visit(await browser.newContext(), app.url);
    await ada.getByRole('button', { name: 'Ada Lindqvist' }).click();
    await ada.getByRole('button', { name: 'Try your token' }).click();
    await ada.getByText('The token is right.').waitFor();
    await ada.getByLabel('Invite by e-mail').fill('mia@example.com');
    await ada.getByRole('button', { name: 'Invite', exact: true }).click();
    await ada.getByRole('listitem').filter({ hasText: 'mia@example.com: delivered' }).waitFor();
    expect(app.emulator?.invitations.at(-1)?.creatorName).toBe('Ada Lindqvist');
  });

  it('names and addresses are shown as text, even if they contain markup', async () => {
    const ada = await visit(await browser.newContext(), app.url);
    await ada.getByRole('button', { name: 'Ada Lindqvist' }).click();
    await ada.getByLabel('Email address').waitFor();
    const address = '"<img/src=x>"@example.com';
    const scopes = [{ type: 'team', scopeId: 'harbor', name: '<b>' }];
    const target = { type: 'email', value: address };
    const data = { widgetConfigurationId: 'any', target, scopes };
    const created = await ada.request.post(`${app.url}/api/vortex/invitations`, { data });
    expect(created.status()).toBe(200);
    await ada.reload();
    await ada.getByRole('listitem', { name: address }).getByText(address, { exact: true }).waitFor();
    expect(await ada.locator('main img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
