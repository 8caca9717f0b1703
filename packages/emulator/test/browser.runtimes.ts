/** Tests the page of the emulator in Chromium: it stays current, its actions, keys, and a phone. */
import { chromium, needsChromium } from '@vortex/conformance/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { call, invite, start, startReceiver } from './helpers.js';

describe.skipIf(!chromium)('the page in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await playwright.launch({
      ...(chromium && { executablePath: chromium }),
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  afterAll(() => browser?.close());

  async function open(url: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const page = await browser.newPage(options);
    onTestFinished(() => page.close());
    await page.goto(url);
    return page;
  }
  const rows = (page: Page) => page.locator('.row');
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  it(`a request appears without a reload while a search is typed, and an idle page asks for nothing${needsChromium}`, async () => {
    const emulator = await start();
    const page = await open(emulator.url);
    await page.locator('#q').pressSequentially('POST');
    await invite(emulator);
    await rows(page).filter({ hasText: 'POST /api/v1/invitations' }).waitFor();
    expect(await page.locator('#q').inputValue()).toBe('POST');
    await expect.poll(() => new URL(page.url()).search).toBe('?q=POST');
    await call(emulator, 'GET /api/v1/invitations/x');
    await page.getByText('1 of 2 shown').waitFor();
    await page.waitForLoadState('networkidle');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    // The clock of the page runs ahead by a minute. A page that polls would ask.
    await page.clock.install();
    await page.clock.fastForward(60_000);
    expect(asked).toEqual([]);
  });

  it(`an invitation is accepted, revoked, made to expire and sent again from the page${needsChromium}`, async () => {
    const emulator = await start();
    const to = async (value: string) => (await invite(emulator, { target: { type: 'email', value } })).id;
    const cases = [
      ['Accept', 'accepted', await to('a@example.com')],
      ['Revoke', 'revoked', await to('r@example.com')],
      ['Expire now', 'expired', await to('e@example.com')],
    ] as const;
    const page = await open(`${emulator.url}/invitations/${cases[0][2]}`);
    await press(page, 'Send again');
    await page.getByText('Message: Reminder').waitFor();
    for (const [button, status, id] of cases) {
      await page.goto(`${emulator.url}/invitations/${id}`);
      await press(page, button);
      await page.locator('#detail .badge').filter({ hasText: status }).waitFor();
      expect(await page.getByRole('button', { name: 'Accept' }).count()).toBe(0);
    }
    expect(emulator.invitations).toMatchObject([{ status: 'accepted' }, { deactivated: true }, { expired: true }]);
  });

  it(`a webhook is sent again from the page, one of any type is sent, and a command for curl is copied${needsChromium}`, async () => {
    const receiver = await startReceiver((n) => (n === 0 ? 500 : 200));
    const emulator = await start({ webhookUrl: receiver.url, webhookRetryDelays: [] });
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    await emulator.settled();
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${emulator.url}/webhooks`);
    await rows(page).click();
    await press(page, 'Send again');
    await page.locator('#detail .badge').filter({ hasText: 'delivered' }).waitFor();
    await press(page, 'Copy as curl');
    await page.getByText('Copied.').waitFor();
    const text = await page.evaluate('navigator.clipboard.readText()');
    expect(text).toContain(
      `-H 'x-vortex-signature: ${emulator.deliveries[0]?.attempts[1]?.headers?.['x-vortex-signature']}'`,
    );
    await press(page, 'Send again under a new id');
    await page.getByText('2 in all').waitFor();
    expect(emulator.deliveries[1]?.event.id).not.toBe(emulator.deliveries[0]?.event.id);
    await page.locator('#detail').getByRole('link', { name: 'user-2' }).click();
    await page.getByLabel('Send a webhook about it').selectOption('invitation.email.opened');
    await press(page, 'Send');
    await page.getByText('Webhook invitation.email.opened: delivered').waitFor();
    await page.getByLabel('Members to add to its data').fill('{ "device": ');
    await press(page, 'Send');
    await page.getByText('This is not JSON.').waitFor();
    await page.getByLabel('Members to add to its data').fill('{ "device": "phone" }');
    await press(page, 'Send');
    await expect.poll(() => emulator.deliveries.at(-1)?.event.data).toMatchObject({ device: 'phone' });
  });

  it(`a fault is injected and removed from the page${needsChromium}`, async () => {
    const emulator = await start();
    const page = await open(`${emulator.url}/faults`);
    await page.getByLabel('Route').selectOption('GET /api/v1/invitations/:invitationId');
    await page.getByLabel('Number of requests').fill('2');
    await press(page, 'Inject');
    await page.getByRole('cell', { name: 'status 503' }).waitFor();
    expect((await call(emulator, 'GET /api/v1/invitations/x')).status).toBe(503);
    await page.getByRole('row', { name: /status 503 1/u }).waitFor();
    await press(page, 'Remove');
    await page.getByText('No faults').waitFor();
    expect((await call(emulator, 'GET /api/v1/invitations/x')).status).toBe(404);
  });

  it(`the clock is moved, and the state is exported, reset and imported from the page${needsChromium}`, async () => {
    const emulator = await start();
    await invite(emulator);
    const page = await open(`${emulator.url}/state`);
    page.on('dialog', (dialog) => dialog.accept());
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export' }).click();
    const file = await (await downloading).path();
    await press(page, '+31 days');
    await page.getByText('The clock is moved.').waitFor();
    expect(emulator.invitations).toMatchObject([{ expired: true }]);
    await press(page, 'Reset');
    await page.locator('#tab-invitations').filter({ hasText: '0' }).waitFor();
    await page.getByLabel('Import').setInputFiles(file);
    await press(page, 'Import');
    await page.locator('#tab-invitations').filter({ hasText: '1' }).waitFor();
    expect(emulator.invitations).toMatchObject([{ expired: false, target: [{ value: 'grace@example.com' }] }]);
  });

  it(`the URL for webhooks is set from the page${needsChromium}`, async () => {
    const emulator = await start();
    const receiver = await startReceiver();
    const page = await open(`${emulator.url}/webhooks`);
    await page.getByText('No webhook URL').waitFor();
    await page.locator('#view').getByRole('link', { name: 'State' }).click();
    await page.getByLabel('Post webhooks to this URL').fill(receiver.url);
    await press(page, 'Set');
    await page.locator('#settings').getByText(receiver.url).waitFor();
    await invite(emulator);
    await emulator.settled();
    expect(receiver.types()).toContain('invitation.created');
  });

  it(`a pasted token is judged in place${needsChromium}`, async () => {
    const emulator = await start();
    const page = await open(`${emulator.url}/token`);
    await page.getByLabel('Token').fill('nothing');
    await press(page, 'Check');
    await page.getByText('three parts').waitFor();
    expect(await page.getByLabel('Token').inputValue()).toBe('nothing');
  });

  it(`tabs, rows and the search are reached by keys, and keys can be switched off${needsChromium}`, async () => {
    const emulator = await start();
    for (const value of ['first', 'second']) await invite(emulator, { target: { type: 'internal', value } });
    const page = await open(emulator.url);
    await page.keyboard.press('4');
    await page.waitForURL('**/invitations');
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'second' }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'first' }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL('**/invitations');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('first');
    await page.keyboard.press('/');
    await page.keyboard.type('sec');
    await page.getByText('1 of 2 shown').waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('Keys').uncheck();
    await page.keyboard.press('1');
    await page.keyboard.press('j');
    expect(new URL(page.url()).pathname).toBe('/invitations');
    await page.goBack();
  });

  it(`on a phone, an item takes the place of the list, and the way back leads to its row${needsChromium}`, async () => {
    const emulator = await start();
    await invite(emulator);
    const page = await open(`${emulator.url}/messages`, { viewport: { width: 390, height: 844 } });
    await rows(page).click();
    await page.getByText('To accept, open this link').waitFor();
    expect(await rows(page).isVisible()).toBe(false);
    await page.getByRole('link', { name: 'Back to the list' }).click();
    await rows(page).waitFor();
    expect(await page.evaluate('document.activeElement.className')).toBe('row');
  });
});
