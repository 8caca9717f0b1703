/** Tests the stand-in for the vendor's component in Chromium. */
import { chromium, needsChromium } from '@vortex/conformance/chromium';
import { VortexClient } from '@vortex/core';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { start } from './helpers.js';

describe.skipIf(!chromium)('the stand-in for a component', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await playwright.launch({
      ...(chromium && { executablePath: chromium }),
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  afterAll(() => browser?.close());

  async function open(url: string): Promise<Page> {
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(url);
    return page;
  }

  it(`a token at the end of the address is judged, and an invitation is made in the name of its user${needsChromium}`, async () => {
    const emulator = await start();
    const client = new VortexClient(emulator.apiKey, { baseUrl: emulator.url });
    const user = { id: 'user-1', email: 'ada@example.com', name: 'Ada' };
    const token = await client.generateToken({ user, scope: 'team:team-1' }, { expiresIn: '1h' });
    const page = await open(`${emulator.url}/component/component-1#token=${token}`);

    await page.getByText('The token is right. It is for user user-1, ada@example.com.').waitFor();
    await page.getByLabel('Invite by e-mail').fill('grace@example.com');
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('listitem').filter({ hasText: 'grace@example.com: delivered' }).waitFor();
    await page.getByRole('button', { name: 'Make a link to share' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Link to share: shared' }).waitFor();

    const scoped = { foreignCreatorId: 'user-1', scopeType: 'team', scope: 'team-1', widgetId: 'component-1' };
    expect(emulator.invitations).toMatchObject([{ ...scoped, target: [{ value: 'grace@example.com' }] }, scoped]);
  });

  it(`a pasted token of another key is refused, and the page says why${needsChromium}`, async () => {
    const emulator = await start();
    const other = new VortexClient('VRTX.AAAAAAAAAAAAAAAAAAAAAA.other');
    const page = await open(`${emulator.url}/component/component-1`);
    await page.getByLabel('Token').fill(JSON.stringify({ jwt: await other.generateJwt({ user: { id: 'user-1' } }) }));
    await page.getByRole('button', { name: 'Use this token' }).click();
    await page.getByRole('status').filter({ hasText: 'not signed with the API key of the emulator' }).waitFor();
    expect(await page.getByLabel('Invite by e-mail').isVisible()).toBe(false);
  });
});
