/** Tests the whole story by keyboard alone: no test here clicks, or moves the focus in another way than a user can. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from './app.js';
import { hasChromium, launch, needsChromium, PATIENCE, Visitor } from './browser.js';

describe.skipIf(!hasChromium)(`by keyboard${needsChromium}`, { timeout: 4 * PATIENCE }, () => {
  let app: App;
  let browser: Browser;
  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launch()]);
  }, 4 * PATIENCE);
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('an admin invites two people as admins, copies a link, revokes and signs out, and the invitee accepts', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const office = await Visitor.open(browser, app.url, { permissions, reducedMotion: 'reduce' });
    const ada = office.page;
    await office.goto('/');
    await press(ada, ada.getByRole('button', { name: 'Ada Lindqvist' }));
    const invitePeople = ada.getByRole('button', { name: 'Invite people' });
    await press(ada, invitePeople);
    await expect.poll(() => isFocused(ada.getByLabel('Email addresses')), { timeout: PATIENCE }).toBe(true);
    await ada.keyboard.type('zoe@example.com, lin@example.com');
    await tabTo(ada, ada.getByLabel('Role'));
    await ada.keyboard.press('ArrowDown');
    await press(ada, ada.getByRole('button', { name: 'Send 2 invitations' }));
    await ada.getByText('2 sent', { exact: true }).waitFor();
    await press(ada, ada.getByRole('button', { name: 'Copy link for zoe@example.com' }));
    await ada.getByRole('status').getByText('Link for zoe@example.com copied.').waitFor();
    const link = await ada.evaluate(() => navigator.clipboard.readText());
    await press(ada, ada.getByRole('button', { name: 'Done' }));
    await ada.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => isFocused(invitePeople)).toBe(true);
    await ada.getByRole('listitem', { name: 'zoe@example.com' }).getByText('as an admin').waitFor();

    const home = await Visitor.open(browser, app.url, { reducedMotion: 'reduce' });
    const zoe = home.page;
    await zoe.goto(link);
    await zoe.getByRole('heading', { name: 'You’re invited to Harbor' }).waitFor();
    await press(zoe, zoe.getByRole('button', { name: 'Zoë Hart' }));
    await zoe.getByRole('heading', { name: 'Join Harbor' }).waitFor();
    await zoe.getByText('Ada Lindqvist invited you as an admin.').waitFor();
    await press(zoe, zoe.getByRole('button', { name: 'Accept' }));
    await zoe.getByRole('status').getByText('Welcome to Harbor.').waitFor();
    await zoe.getByText('You are an admin').waitFor();

    await ada.getByRole('list', { name: 'Members' }).getByText('Zoë Hart').waitFor();
    await press(ada, ada.getByRole('button', { name: 'Revoke invitation for lin@example.com' }));
    await press(ada, ada.getByRole('dialog').getByRole('button', { name: 'Revoke' }));
    // The list is empty a moment before the dialog closes and hands on the focus.
    await ada.getByText('No pending invitations').waitFor();
    await ada.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => isFocused(ada.getByRole('heading', { name: 'Pending invitations' }))).toBe(true);

    // Before the sign-out, after which the browser logs that the stream of events is refused.
    expect([...office.complaints, ...home.complaints]).toEqual([]);

    // From the end of the page, Tab returns to its beginning.
    await press(ada, ada.getByRole('link', { name: 'Account: Ada Lindqvist' }));
    await press(ada, ada.getByRole('button', { name: 'Sign out' }));
    await ada.getByRole('heading', { name: 'Sign in to Roster' }).waitFor();
  });
});

/** Moves the focus with Tab until an element has it, and presses Enter. */
async function press(page: Page, element: Locator): Promise<void> {
  await tabTo(page, element);
  await page.keyboard.press('Enter');
}

/** More stops than any page has. */
const STOPS = 60;

async function tabTo(page: Page, element: Locator): Promise<void> {
  await element.waitFor();
  for (let stop = 0; stop < STOPS; stop += 1) {
    if (await isFocused(element)) {
      // A user sees where the focus is.
      expect(await element.evaluate((each) => each.matches(':focus-visible'))).toBe(true);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${element}.`);
}

function isFocused(element: Locator): Promise<boolean> {
  return element.evaluate((each) => each === document.activeElement);
}
