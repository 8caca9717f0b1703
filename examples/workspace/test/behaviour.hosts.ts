/** Tests how the pages behave in a browser when something goes wrong, and with many invitations. */
import { VortexClient } from '@vortex/core';
import { connectEmulator } from '@vortex/emulator';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type App, startApp } from './app.js';
import { hasChromium, launch, needsChromium, PATIENCE, Visitor } from './browser.js';

const LONG = 4 * PATIENCE;

describe.skipIf(!hasChromium)(`pages${needsChromium}`, { timeout: LONG }, () => {
  let browser: Browser;
  let app: App;
  let visitors: Visitor[] = [];
  beforeAll(async () => {
    browser = await launch();
  }, LONG);
  afterAll(() => browser?.close());
  beforeEach(async () => {
    app = await startApp();
    return async () => {
      for (const { context } of visitors) await context.close();
      visitors = [];
      await app.close();
    };
  }, LONG);

  async function open(options: Parameters<typeof Visitor.open>[2] = {}): Promise<Visitor> {
    const visitor = await Visitor.open(browser, app.url, options);
    visitors.push(visitor);
    return visitor;
  }

  const scopes = [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }];
  async function invite({ page }: Visitor, value: string): Promise<{ id: string; shortLink: string }> {
    const data = { widgetConfigurationId: 'any', target: { type: 'email', value }, scopes };
    const response = await page.request.post(`${app.url}/api/vortex/invitations`, { data });
    expect(response.status()).toBe(200);
    return response.json();
  }

  /** Requests a sign-in link, and returns it. */
  async function signInLinkFor({ request }: Page, email: string): Promise<string> {
    await request.post(`${app.url}/api/session`, { data: { email }, headers: { origin: app.url } });
    const { mails } = await (await request.get(`${app.url}/api/demo/outbox`)).json();
    return mails.find(({ to, link }: { to: string; link: string }) => to === email && link.includes('/sign-in?')).link;
  }

  it('a signed-out invitee reads who invites and where to, and nothing about the address', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const { id, shortLink } = await invite(ada, 'zoe@example.com');
    const zoe = await open();
    await zoe.page.goto(shortLink);
    await zoe.page.getByRole('heading', { name: 'You’re invited to Harbor' }).waitFor();
    await zoe.page.getByText('Ada Lindqvist invited you to join Harbor.').waitFor();
    const preview = await zoe.page.request.get(`${app.url}/api/invitations/${id}`);
    expect(await preview.json()).toEqual({ team: 'Harbor', inviter: 'Ada Lindqvist', state: 'open' });
    const unknown = await zoe.page.request.get(`${app.url}/api/invitations/none`);
    expect([unknown.status(), (await unknown.json()).code]).toEqual([404, 'NOT_FOUND']);
  });

  it.each([
    ['revoked', 'This invitation is no longer valid'],
    ['expired', 'This invitation has expired'],
    ['accepted', 'This invitation was already accepted'],
  ])('the link of an invitation that is %s opens a page that says so', async (state, title) => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const { id, shortLink } = await invite(ada, 'zoe@example.com');
    if (state === 'revoked') await ada.page.request.delete(`${app.url}/api/vortex/invitations/${id}`);
    else if (state === 'accepted') app.emulator?.update(id, { status: 'accepted_elsewhere' });
    else {
      // An expired invitation is deactivated too.
      app.emulator?.fault('GET /api/v1/invitations/:invitationId', {
        status: 200,
        body: { id, scopes, groups: scopes, target: [], status: 'delivered', deactivated: true, expired: true },
      });
    }
    const zoe = await open();
    await zoe.page.goto(shortLink);
    await zoe.page.getByRole('heading', { name: title }).waitFor();
    expect(new URL(zoe.page.url()).origin).toBe(app.url);
  });

  it('an invitee declines an invitation, which then disappears for the admin', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const { id } = await invite(ada, 'zoe@example.com');
    const row = ada.page.getByRole('listitem', { name: 'zoe@example.com' });
    await row.getByText('expires in 30 days').waitFor();
    const zoe = await (await open()).signInAs('Zoë Hart', `/invitation?invitationId=${id}`);
    await zoe.page.getByRole('button', { name: 'Decline' }).click();
    await zoe.page.getByText('You declined the invitation to Harbor.').waitFor();
    await zoe.page.getByText('No pending invitations').waitFor();
    await row.waitFor({ state: 'detached' });
  });

  it('an admin removes a member, whose open page then leaves the team', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const tomas = await (await open()).signInAs('Tomás Rivera');
    await tomas.page.getByText('Live', { exact: true }).waitFor();
    const remove = ada.page.getByRole('button', { name: 'Remove Tomás Rivera' });
    await remove.click();
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await ada.page.getByText('Tomás Rivera was removed from Harbor.').waitFor();
    await remove.waitFor({ state: 'detached' });
    await tomas.page.getByRole('heading', { name: 'You don’t have access' }).waitFor();
    // Trying again would be refused as well.
    expect(await tomas.page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    const last = await ada.page.request.delete(`${app.url}/api/teams/harbor/members/ada`, {
      headers: { origin: app.url },
    });
    expect([last.status(), (await last.json()).code]).toEqual([409, 'LAST_ADMIN']);
    const refused = await tomas.page.request.delete(`${app.url}/api/teams/harbor/members/ada`, {
      headers: { origin: app.url },
    });
    expect([refused.status(), (await refused.json()).code]).toEqual([403, 'NOT_AN_ADMIN']);
  });

  it('one word that is no address does not stop the others, and stays to be corrected', async () => {
    const { page } = await (await open()).signInAs('Ada Lindqvist');
    await page.getByRole('button', { name: 'Invite people' }).click();
    const field = page.getByLabel('Email addresses');
    await field.fill('one@example.com, nonsense, two@example.com');
    await page.getByRole('button', { name: 'Send 2 invitations' }).click();
    await page.getByText('2 sent', { exact: true }).waitFor();
    expect(await focused(page)).toBe('Invite people to Harbor');
    await page.getByText('Not sent, because it isn’t an email address: nonsense').waitFor();
    await page.getByRole('button', { name: 'Correct it' }).click();
    expect(await field.inputValue()).toBe('nonsense');
  });

  it('a draft survives Escape and a new sign-in, and Cancel discards it', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const { page } = ada;
    const field = page.getByLabel('Email addresses');
    const begin = () => page.getByRole('button', { name: 'Invite people' }).click();
    await begin();
    await field.fill('one@example.com, two@');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await begin();
    expect(await field.inputValue()).toBe('one@example.com, two@');

    await page.keyboard.press('Escape');
    await ada.context.clearCookies();
    await ada.signInAs('Ada Lindqvist', '/teams/harbor');
    await begin();
    expect(await field.inputValue()).toBe('one@example.com, two@');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await begin();
    expect(await field.inputValue()).toBe('');
  });

  it('a user whose session is lost is offered to sign in again, and returns to the same page', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist', '/teams/harbor/joining');
    const { page } = ada;
    await page.getByText('No domains yet').waitFor();
    await ada.context.clearCookies();
    await page.getByLabel('Email domain').fill('quay.example');
    await page.getByRole('button', { name: 'Add domain' }).click();
    await page.getByText('You’ve been signed out.').first().waitFor();
    await page.getByRole('link', { name: 'Sign in again' }).first().click();
    await page.getByRole('button', { name: 'Ada Lindqvist' }).click();
    await page.getByText('No domains yet').waitFor();
    expect(new URL(page.url()).pathname).toBe('/teams/harbor/joining');
  });

  it('a text that is no domain gets a sentence, and no request', async () => {
    const { page } = await (await open()).signInAs('Ada Lindqvist', '/teams/harbor/joining');
    await page.getByText('No domains yet').waitFor();
    let requests = 0;
    await page.route('**/autojoin', (route) => {
      requests += route.request().method() === 'POST' ? 1 : 0;
      return route.continue();
    });
    await page.getByLabel('Email domain').fill('not a domain');
    await page.getByRole('button', { name: 'Add domain' }).click();
    await page.getByRole('alert').getByText('Enter a domain, such as example.com.').waitFor();
    expect(requests).toBe(0);
  });

  it('a failed revoke is said above its dialog, as an alert that can be dismissed', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    await invite(ada, 'zoe@example.com');
    const { page } = ada;
    await page.route('**/api/vortex/invitations/*', (route) =>
      route.request().method() === 'DELETE' ? route.abort() : route.continue(),
    );
    await page.getByRole('button', { name: 'Revoke invitation for zoe@example.com' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    const alert = page.getByRole('alert').getByText('We can’t reach Roster right now.');
    await alert.waitFor();
    const isOnTop = await alert.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
    expect(isOnTop).toBe(true);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await alert.waitFor({ state: 'detached' });
  });

  it('messages that come at once are all shown: successes as a status, and failures as an alert', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const invited = [await invite(ada, 'zoe@example.com'), await invite(ada, 'lin@example.com')];
    const { page } = ada;
    await page.route(`**/${invited[1]?.id}/reinvite`, (route) => route.abort());
    await page.getByRole('button', { name: 'Resend to zoe@example.com' }).click();
    await page.getByRole('button', { name: 'Resend to lin@example.com' }).click();
    await page.getByRole('alert').getByText('We can’t reach Roster right now.').waitFor();
    await page.getByRole('status').getByText('Invitation resent to zoe@example.com.').waitFor();
    expect(await page.locator('.toast').count()).toBe(2);
  });

  it('a revoked address is invited again from the message that says so', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    await invite(ada, 'zoe@example.com');
    const { page } = ada;
    const row = page.getByRole('listitem', { name: 'zoe@example.com' });
    await page.getByRole('button', { name: 'Revoke invitation for zoe@example.com' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Invite again' }).click();
    await page.getByText('New invitation sent to zoe@example.com.').waitFor();
    await row.waitFor();
    expect(app.emulator?.outbox.map(({ kind }) => kind)).toEqual(['invitation', 'invitation']);
  });

  it('a removed member is invited again, with the same role, from the message that says so', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const { page } = ada;
    const member = page.getByRole('button', { name: 'Remove Tomás Rivera' });
    await member.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await member.waitFor({ state: 'detached' });
    expect(await focused(page)).toMatch(/^Members/u);
    await page.getByRole('button', { name: 'Invite again' }).click();
    await page.getByText('New invitation sent to tomas@harbor.example.').waitFor();
    await page.getByRole('listitem', { name: 'tomas@harbor.example' }).waitFor();
    expect(app.emulator?.invitations).toMatchObject([{ metadata: { role: 'member' } }]);

    const tomas = await open();
    await tomas.page.goto(app.emulator?.outbox[0]?.link ?? '');
    await tomas.page.getByRole('button', { name: 'Tomás Rivera' }).click();
    await tomas.page.getByRole('button', { name: 'Accept' }).click();
    await member.waitFor();
  });

  it('an invitation is resent once a minute', async () => {
    const ada = await open();
    await ada.page.clock.install();
    await ada.signInAs('Ada Lindqvist');
    await invite(ada, 'zoe@example.com');
    const resend = ada.page.getByRole('button', { name: 'Resend to zoe@example.com' });
    await ada.page.clock.runFor(1000);
    await resend.click();
    await expect.poll(() => resend.getAttribute('aria-disabled'), { timeout: PATIENCE }).toBe('true');
    await resend.click({ force: true });
    expect(app.emulator?.outbox.filter(({ kind }) => kind === 'reminder')).toHaveLength(1);
    await ada.page.clock.runFor(61_000);
    await expect.poll(() => resend.getAttribute('aria-disabled'), { timeout: PATIENCE }).toBe('false');
  });

  it('sixty pending invitations are shown in parts, and found by search', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const { page } = ada;
    await page.getByText('No pending invitations').waitFor();
    for (let index = 0; index < 60; index += 1) await invite(ada, `person.${index}@example.com`);
    const rows = page.getByRole('list', { name: /^Pending invitations/u }).getByRole('listitem');
    await page.getByRole('button', { name: 'Show more (40 left)' }).click();
    expect(await rows.count()).toBe(40);
    await page.getByLabel('Find an invitation').fill('PERSON.7@');
    await expect.poll(() => rows.count(), { timeout: PATIENCE }).toBe(1);
    await page.getByLabel('Find an invitation').fill('nothing');
    await page.getByText('No pending invitation matches “nothing”.').waitFor();
  });

  it('of more than 500 pending invitations, the page says that there are more, and loads them on request', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    await invite(ada, 'person@example.com');
    // Copies of one, since the application would get two webhooks for each that is created.
    const emulator = connectEmulator(app.emulator?.url ?? '');
    const { invitations, ...state } = await emulator.exportState();
    const copies = Array.from({ length: 520 }, (_, index) =>
      invitations.map((one) => ({
        ...one,
        id: `i-${index}`,
        code: `code-${index}`,
        target: one.target.map((target) => ({ ...target, value: `person.${index}@example.com` })),
      })),
    );
    await emulator.importState({ ...state, invitations: copies.flat() });
    const { page } = ada;
    await page.reload();
    await page.getByRole('heading', { name: 'Pending invitations 500+' }).waitFor();
    const newest = 'person.519@example.com';
    await page.getByLabel('Find an invitation').fill(newest);
    await page.getByText(`No pending invitation matches “${newest}”.`).waitFor();
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.getByRole('heading', { name: 'Pending invitations 520' }).waitFor();
    await page.getByRole('listitem', { name: newest }).waitFor();
  });

  it('inviting twenty people causes few reads', async ({ task }) => {
    const { page } = await (await open()).signInAs('Ada Lindqvist');
    await page.getByText('No pending invitations').waitFor();
    let reads = 0;
    page.on('request', (request) => {
      if (request.method() === 'GET' && request.url().includes('/api/')) reads += 1;
    });
    await page.getByRole('button', { name: 'Invite people' }).click();
    const addresses = Array.from({ length: 20 }, (_, index) => `person.${index}@example.com`);
    await page.getByLabel('Email addresses').fill(addresses.join(' '));
    await page.getByRole('button', { name: 'Send 20 invitations' }).click();
    await page.getByText('20 sent', { exact: true }).waitFor();
    await app.emulator?.settled();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('listitem', { name: 'person.19@example.com' }).waitFor();
    Object.assign(task.meta, { report: `Roster: ${reads} reads for an invitation of 20 people` });
    // It was 119 when each event caused its own reads.
    expect(reads).toBeLessThan(30);
  });

  it('a message on a phone does not cover the button that has the focus', async () => {
    const ada = await (await open({ viewport: { width: 390, height: 500 } })).signInAs('Ada Lindqvist');
    await invite(ada, 'zoe@example.com');
    const { page } = ada;
    const resend = page.getByRole('button', { name: 'Resend to zoe@example.com' });
    await resend.waitFor();
    await page.route('**/reinvite', (route) => route.abort());
    await resend.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await page.evaluate(() => scrollBy(0, 60));
    await resend.press('Enter');
    await page.getByRole('alert').getByText('We can’t reach Roster right now.').waitFor();
    const isVisible = await resend.evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2) === element;
    });
    expect(isVisible).toBe(true);
  });

  it('the header stays in view after navigation on a phone', async () => {
    const { page } = await (await open({ viewport: { width: 390, height: 500 } })).signInAs('Ada Lindqvist');
    await page.getByText('No pending invitations').waitFor();
    await page.getByRole('link', { name: 'Automatic joining' }).click();
    await page.getByText('No domains yet').waitFor();
    expect(await page.evaluate(() => scrollY)).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('a page that was seen is still shown when its data cannot be loaded again', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const { page } = ada;
    const members = page.getByRole('list', { name: 'Members' });
    await members.getByText('Tomás Rivera').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await ada.context.setOffline(true);
    await page.getByRole('link', { name: 'Automatic joining' }).click();
    await page.getByRole('link', { name: 'People' }).click();
    await members.getByText('Tomás Rivera').waitFor();
    await page.getByText('We can’t reach Roster right now.').first().waitFor();
  });

  it('the link of a new invitation can be copied', async () => {
    const ada = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = await ada.signInAs('Ada Lindqvist');
    await page.getByRole('button', { name: 'Invite people' }).click();
    await page.getByLabel('Email addresses').fill('zoe@example.com');
    await page.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByRole('button', { name: 'Copy link for zoe@example.com' }).click();
    await page.getByRole('status').getByText('Link for zoe@example.com copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(app.emulator?.outbox[0]?.link);
  });

  it('a user who signs out on the account page leaves it, and the next user sees their own first page', async () => {
    const { page } = await (await open()).signInAs('Ada Lindqvist', '/account');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Roster' }).waitFor();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/');
    await page.getByRole('button', { name: 'Zoë Hart' }).click();
    await page.getByRole('heading', { name: 'You’re not on a team yet' }).waitFor();
  });

  it('a chosen demo user is shown as busy until they are signed in', async () => {
    const { page } = await open();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/api/session/demo', async (route) => {
      await released;
      await route.continue();
    });
    await page.goto(app.url);
    const zoe = page.getByRole('button', { name: 'Zoë Hart' });
    await zoe.click();
    await expect.poll(() => zoe.getAttribute('aria-busy')).toBe('true');
    release();
    await page.getByRole('link', { name: 'Account: Zoë Hart' }).waitFor();
  });

  it('a sign-in link that is opened while another user is signed in opens the first page of its own user', async () => {
    const { page } = await (await open()).signInAs('Ada Lindqvist');
    await page.goto(await signInLinkFor(page, 'zoe@example.com'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Account: Zoë Hart' }).waitFor();
    await page.getByRole('heading', { name: 'You’re not on a team yet' }).waitFor();
  });

  it('a sign-in link that could not be checked is tried again, and only a used one no longer works', async () => {
    const { page } = await open();
    await page.goto(await signInLinkFor(page, 'zoe@example.com'));
    await page.route('**/api/session/link', (route) => route.abort());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('We can’t reach Roster right now.').waitFor();
    expect(await page.getByRole('heading').allTextContents()).toEqual(['Almost there']);
    await page.unroute('**/api/session/link');
    const link = page.url();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'Account: Zoë Hart' }).waitFor();
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
  });

  it('a sign-in by link after which the session cannot be loaded says so, and only loads it again', async () => {
    const { page } = await open();
    await page.goto(await signInLinkFor(page, 'zoe@example.com'));
    await page.route('**/api/me', (route) => route.abort());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('We can’t reach Roster right now.').waitFor();
    expect(await page.getByRole('heading').allTextContents()).toEqual(['Almost there']);
    await page.unroute('**/api/me');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'Account: Zoë Hart' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/invitations');
  });

  it('a sign-in by link on a page whose first load of the session is still under way signs in', async () => {
    const { page } = await open();
    const link = await signInLinkFor(page, 'zoe@example.com');
    // As before the sign-in, and never answered.
    await page.route('**/api/me', () => {}, { times: 1 });
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Account: Zoë Hart' }).waitFor();
  });

  it('a sign-in as a demo user after which the session cannot be loaded says so', async () => {
    const { page } = await open();
    await page.goto(app.url);
    const zoe = page.getByRole('button', { name: 'Zoë Hart' });
    await zoe.waitFor();
    await page.route('**/api/me', (route) => route.fulfill({ body: '<p>A proxy</p>', contentType: 'text/html' }));
    await zoe.click();
    await page.getByRole('alert').getByText('Roster isn’t available right now.').waitFor();
    await page.unroute('**/api/me');
    await zoe.click();
    await page.getByRole('link', { name: 'Account: Zoë Hart' }).waitFor();
  });

  it('a sign-out after which the session cannot be loaded says so, and stays on the page until it is tried again', async () => {
    const ada = await open();
    // Without live events, nothing but the button loads the session.
    await ada.context.route('**/api/events', () => {});
    const { page } = await ada.signInAs('Ada Lindqvist', '/account');
    await page.route('**/api/me', (route) => route.abort());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('alert').getByText('We can’t reach Roster right now.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/account');
    await page.unroute('**/api/me');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Roster' }).waitFor();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/');
  });

  it('a page whose session has ended shows the sign-in page, though the session loads slower than its streams are refused', async () => {
    const ada = await open();
    const { page } = ada;
    await ada.signInAs('Ada Lindqvist', '/account');
    await page.getByText('Live', { exact: true }).waitFor();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let loads = 0;
    await page.route('**/api/me', async (route) => {
      loads += 1;
      await released;
      await route.continue();
    });
    let refusals = 0;
    let loadsMeanwhile: number | undefined;
    page.on('response', (response) => {
      if (!response.url().endsWith('/api/events') || response.status() !== 401) return;
      refusals += 1;
      if (refusals !== 4) return;
      loadsMeanwhile = loads;
      release();
    });
    // As another page of the browser does.
    await page.request.delete(`${app.url}/api/session`, { headers: { origin: app.url } });
    await page.getByRole('heading', { name: 'Sign in to Roster' }).waitFor();
    expect(loadsMeanwhile).toBe(1);
  });

  it.each([
    ['?invitationId=none', 'Invitation not found'],
    ['?invitationId=', 'This link is incomplete'],
    ['', 'This link is incomplete'],
  ])('a signed-out reader of /invitation%s reads "%s" before signing in', async (query, title) => {
    const zoe = await open();
    await zoe.goto(`/invitation${query}`);
    await zoe.page.getByRole('heading', { name: title }).waitFor();
    await zoe.page.getByRole('button', { name: 'Zoë Hart' }).click();
    await zoe.page.getByRole('link', { name: 'Account: Zoë Hart' }).waitFor();
    await zoe.page.getByRole('heading', { name: title }).waitFor();
  });

  it('the page of an accepted invitation says what to do if no member is added', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const { id } = await invite(ada, 'zoe@example.com');
    const zoe = await open();
    const { page } = zoe;
    await page.clock.install();
    await page.addInitScript(() => {
      // The clock of the test does not know this timer.
      AbortSignal.timeout = (delay) => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), delay);
        return controller.signal;
      };
    });
    // Answered in place of the server, so that no webhook follows.
    await page.route('**/api/vortex/invitations/accept', (route) => route.fulfill({ json: { id } }));
    await zoe.signInAs('Zoë Hart', `/invitation?invitationId=${id}`);
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByText('Adding you to Harbor…').waitFor();
    // A look that is never answered ends, and a page that asks too often still waits.
    let looks = 0;
    await page.route('**/api/me', (route) => {
      looks += 1;
      if (looks === 1) return;
      return route.fulfill({ status: 429, json: { error: 'Too many requests.', code: 'RATE_LIMITED' } });
    });
    const late = page.getByText('You’re not on Harbor yet.');
    await expect
      .poll(async () => {
        await page.clock.runFor(1000);
        return late.count();
      })
      .toBe(1);
    await page.getByText('ask Ada Lindqvist for a new invitation').waitFor();
    expect(looks).toBe(5);

    await page.unroute('**/api/me');
    await page.unroute('**/api/vortex/invitations/accept');
    await page.request.post(`${app.url}/api/vortex/invitations/accept`, { data: { invitationIds: [id] } });
    await page.getByText('You are a member').waitFor();
  });

  it('a list that cannot be loaded again because of too many requests is still shown', async () => {
    const { page } = await (await open()).signInAs('Ada Lindqvist');
    const members = page.getByRole('list', { name: 'Members' });
    await members.getByText('Tomás Rivera').waitFor();
    await page.route('**/api/teams/harbor', (route) =>
      route.fulfill({ status: 429, json: { error: 'Too many requests. Wait a minute.', code: 'RATE_LIMITED' } }),
    );
    await page.getByRole('link', { name: 'Automatic joining' }).click();
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByText('Too many requests. Wait a minute.').waitFor();
    await members.getByText('Tomás Rivera').waitFor();
  });

  it('a change of the domains on an old page keeps what another admin has added and removed since', async () => {
    const client = new VortexClient(app.emulator?.apiKey, app.emulator && { baseUrl: app.emulator.url });
    const domains = (...names: string[]) =>
      client.configureAutojoin({ scopeType: 'team', scope: 'harbor', domains: names, componentId: 'any' });
    const stored = async () =>
      (await client.getAutojoinDomains('team', 'harbor')).autojoinDomains.map(({ domain }) => domain);
    await domains('quay.example', 'pier.example');
    const ada = await open();
    // Without live events, the page is old.
    await ada.context.route('**/api/events', () => {});
    const { page } = await ada.signInAs('Ada Lindqvist', '/teams/harbor/joining');
    await page.getByRole('button', { name: 'Remove quay.example' }).waitFor();
    await domains('quay.example', 'dock.example');
    await page.getByLabel('Email domain').fill('harbor.example');
    await page.getByRole('button', { name: 'Add domain' }).click();
    await page.getByText('People at harbor.example can now join Harbor.').waitFor();
    expect(await stored()).toEqual(['quay.example', 'dock.example', 'harbor.example']);

    await domains('quay.example', 'harbor.example', 'mole.example');
    await page.getByRole('button', { name: 'Remove quay.example' }).click();
    await page.getByText('People at quay.example now need an invitation.').waitFor();
    expect(await stored()).toEqual(['harbor.example', 'mole.example']);
    await page.getByRole('list', { name: 'Domains' }).getByText('mole.example').waitFor();
  });

  it('a domain cannot be removed while a change of the domains is being saved, and can afterwards', async () => {
    const { page } = await (await open()).signInAs('Ada Lindqvist', '/teams/harbor/joining');
    await page.getByText('No domains yet').waitFor();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.getByLabel('Email domain').fill('harbor.example');
    await page.route('**/autojoin', async (route) => {
      // The list is read before it is saved, and again afterwards.
      if (app.emulator?.invitations.length === 1) await released;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Add domain' }).click();
    const remove = page.getByRole('button', { name: 'Remove harbor.example' });
    await expect.poll(() => remove.getAttribute('aria-disabled')).toBe('true');
    await remove.press('Enter');
    expect(await remove.evaluate((element) => element === document.activeElement)).toBe(true);
    release();
    await page.getByText('People at harbor.example can now join Harbor.').waitFor();
    await remove.press('Enter');
    await page.getByText('No domains yet').waitFor();
  });

  it('domains that another admin turns off disappear from an open page', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist', '/teams/harbor/joining');
    const { page } = ada;
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('No domains yet').waitFor();
    const set = (domains: string[]) => {
      const data = { scopeType: 'team', scope: 'harbor', domains, componentId: 'any' };
      return page.request.post(`${app.url}/api/vortex/invitations/autojoin`, { data });
    };
    await set(['harbor.example']);
    await page.getByRole('button', { name: 'Remove harbor.example' }).waitFor();
    await set([]);
    await page.getByText('No domains yet').waitFor();
  });

  it('addresses that were not sent because the session had ended are in the form after a new sign-in', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    const { page } = ada;
    await page.getByRole('button', { name: 'Invite people' }).click();
    await page.getByLabel('Email addresses').fill('one@example.com, two@example.com, nonsense');
    await ada.context.clearCookies();
    await page.getByRole('button', { name: 'Send 2 invitations' }).click();
    await page.getByText('0 sent, 2 failed').waitFor();
    await page.getByRole('dialog').getByRole('link', { name: 'Sign in again' }).click();
    await page.getByRole('button', { name: 'Ada Lindqvist' }).click();
    await page.getByRole('button', { name: 'Invite people' }).click();
    expect(await page.getByLabel('Email addresses').inputValue()).toBe('one@example.com, two@example.com, nonsense');
  });

  it('a dialog that is sending stays open when Escape is pressed twice, and closes and opens again afterwards', async () => {
    const { page } = await (await open()).signInAs('Ada Lindqvist');
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/api/vortex/invitations', async (route) => {
      await released;
      await route.continue();
    });
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Invite people' }).click();
    await page.getByLabel('Email addresses').fill('zoe@example.com');
    await page.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByText('0 of 1 sent').waitFor();
    for (let press = 0; press < 3; press += 1) {
      await page.keyboard.press('Escape');
      await expect.poll(() => page.locator('dialog').evaluate((element) => element.matches(':modal'))).toBe(true);
    }
    release();
    await page.getByText('1 sent', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Invite people' }).click();
    await dialog.waitFor();
  });

  it('the outbox is filtered by address', async () => {
    const ada = await (await open()).signInAs('Ada Lindqvist');
    await invite(ada, 'zoe@example.com');
    await invite(ada, 'lin@example.com');
    await ada.goto('/outbox');
    await ada.page.getByLabel('Filter messages').fill('zoe');
    await ada.page.getByText('to lin@example.com').waitFor({ state: 'detached' });
    await ada.page.getByText('to zoe@example.com').waitFor();
  });
});

/** Returns the text of the focused element. */
function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.textContent);
}
