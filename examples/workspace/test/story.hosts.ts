/** Tests the application in browsers: every story on Express with PGlite, and the main story on every server and database. */

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPostgres, needsPostgres, startPostgres } from '@vortex/conformance/postgres';
import { VortexClient } from '@vortex/core';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerName } from '../server/settings.js';
import { type App, startApp } from './app.js';
import { hasChromium, launch, needsChromium, PATIENCE, Visitor } from './browser.js';

const LONG = 6 * PATIENCE;

/** The clean-up functions of a test. They run in reverse order. */
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

describe.skipIf(!hasChromium)(`in a browser${needsChromium}`, { timeout: LONG }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  }, LONG);
  afterAll(() => browser?.close());

  async function begin(options: Parameters<typeof startApp>[0] = {}): Promise<App> {
    const app = await startApp(options);
    undo.push(() => app.close());
    return app;
  }

  async function open({ url }: { url: string }): Promise<Visitor> {
    const visitor = await Visitor.open(browser, url);
    undo.push(() => visitor.context.close());
    return visitor;
  }

  /** Runs the main story: an admin invites, and the invitee signs in, accepts and joins. No page is reloaded. */
  async function story(server: ServerName, database?: string): Promise<void> {
    const app = await begin({ server, database: database ? { url: database } : undefined });
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    await markPage(ada);
    await invite(ada, "o'brien@example.com, lin@example.com");
    await row(ada, "o'brien@example.com").waitFor();
    await row(ada, 'lin@example.com').waitFor();

    // Nora uses another browser and only her mail. The sign-in link goes to the invited address.
    const nora = await open(app);
    await nora.page.goto(await linkTo(nora, app, "o'brien@example.com"));
    await nora.page.getByRole('heading', { name: 'You’re invited to Harbor' }).waitFor();
    await nora.page.getByRole('textbox', { name: 'Email address' }).fill("O'Brien@example.com");
    await nora.page.getByRole('button', { name: 'Send sign-in link' }).click();
    await nora.page.getByText('Your sign-in link for').waitFor();
    await nora.page.goto(await linkTo(nora, app, "o'brien@example.com", '/sign-in?'));
    await nora.page.getByRole('button', { name: 'Sign in' }).click();
    await nora.page.getByRole('heading', { name: 'Join Harbor' }).waitFor();
    await nora.page.getByText("Ada Lindqvist invited you. You are signed in as o'brien@example.com.").waitFor();
    await nora.page.getByRole('button', { name: 'Accept' }).click();
    await said(nora, 'Welcome to Harbor.');
    await member(nora, 'Tomás Rivera').waitFor();
    await nora.page.getByText('Only admins of Harbor can invite people').waitFor();

    await member(ada, "Nora O'Brien").waitFor();
    await said(ada, "Nora O'Brien joined Harbor.");
    await row(ada, "o'brien@example.com").waitFor({ state: 'detached' });
    await row(ada, 'lin@example.com').waitFor();
    expect(await isMarked(ada), 'the page was not reloaded').toBe(true);
    expect([...ada.complaints, ...nora.complaints]).toEqual([]);
  }

  it.each<ServerName>(['express', 'fastify', 'hono'])(
    'an invitee joins a team without a reload, on %s with PGlite',
    (server) => story(server),
  );

  it.skipIf(!hasPostgres)(
    `an invitee joins a team without a reload, on express with PostgreSQL${needsPostgres}`,
    async () => {
      const postgres = await startPostgres();
      undo.push(() => postgres.stop());
      await story('express', postgres.url);
    },
  );

  it('the browser token is renewed automatically and on request', async () => {
    const app = await begin({ tokenLifetime: 6 });
    const ada = await open(app);
    let tokens = 0;
    ada.page.on('response', (response) => {
      if (response.url().endsWith('/api/vortex/jwt') && response.ok()) tokens += 1;
    });
    await ada.signInAs('Ada Lindqvist', '/account');
    await expect.poll(() => tokens, { timeout: PATIENCE }).toBeGreaterThanOrEqual(3);
    const before = tokens;
    await ada.page.getByRole('button', { name: 'Renew now' }).click();
    await expect.poll(() => tokens, { timeout: PATIENCE }).toBeGreaterThan(before);
    await ada.page.getByText('Valid until').waitFor();
    expect(ada.complaints).toEqual([]);
    const tomas = await open(app);
    await tomas.signInAs('Tomás Rivera', '/account');
    await tomas.page.getByText('Only team admins get a token').waitFor();
    expect(tomas.complaints).toEqual([]);
  });

  it('an open invitation page shows that the invitation was revoked, and cannot accept it', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    await invite(ada, 'zoe@example.com');
    const zoe = await open(app);
    await zoe.page.goto(await linkTo(zoe, app, 'zoe@example.com'));
    await zoe.page.getByRole('button', { name: 'Zoë Hart' }).click();
    await zoe.page.getByRole('heading', { name: 'Join Harbor' }).waitFor();
    // A page without live events still shows the invitation as open.
    const stale = await Visitor.open(browser, app.url);
    undo.push(() => stale.context.close());
    await stale.context.route('**/api/events', () => {});
    await stale.signInAs('Zoë Hart', new URL(zoe.page.url()).pathname + new URL(zoe.page.url()).search);
    await stale.page.getByRole('heading', { name: 'Join Harbor' }).waitFor();

    await revoke(ada, 'zoe@example.com');
    await zoe.page.getByRole('heading', { name: 'This invitation is no longer valid' }).waitFor();
    expect(zoe.complaints).toEqual([]);

    await stale.page.getByRole('button', { name: 'Accept' }).click();
    await stale.page.getByRole('heading', { name: 'This invitation is no longer valid' }).waitFor();
    await stale.goto('/');
    await stale.page.getByText('No pending invitations').waitFor();
  });

  it('open pages reconnect after a server restart, and users stay signed in', async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'workspace-data-'));
    undo.push(() => rm(dataDirectory, { recursive: true, force: true }));
    const first = await startApp({ dataDirectory });
    undo.push(() => first.close());
    const ada = await (await open(first)).signInAs('Ada Lindqvist');
    await markPage(ada);
    await invite(ada, 'zoe@example.com');
    const zoe = await (await open(first)).signInAs('Zoë Hart');
    await zoe.page.getByRole('link', { name: 'View' }).click();
    await zoe.page.getByRole('heading', { name: 'Join Harbor' }).waitFor();

    await first.close();
    await ada.page.getByText('Offline').waitFor();
    await member(ada, 'Tomás Rivera').waitFor();
    await begin({ dataDirectory, port: Number(new URL(first.url).port) });
    await ada.page.getByText('Live', { exact: true }).waitFor();
    await zoe.page.getByText('Live', { exact: true }).waitFor();

    await zoe.page.getByRole('button', { name: 'Accept' }).click();
    await said(zoe, 'Welcome to Harbor.');
    await member(ada, 'Zoë Hart').waitFor();
    expect(await isMarked(ada), 'the page was not reloaded').toBe(true);
  });

  it.each(['localhost', '127.0.0.1'])('a form of another origin on the host %s is refused', async (host) => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    await invite(ada, 'zoe@example.com');
    const forms: Record<string, string> = {
      '/api/session/demo': '{"userId":"mei","rest":"',
      '/api/session': '{"email":"zoe@example.com","rest":"',
      '/api/vortex/invitations': '{"widgetConfigurationId":"any","rest":"',
      '/api/vortex/invitations/autojoin': '{"scope":"harbor","scopeType":"team","componentId":"any","rest":"',
    };
    const pages = Object.entries(forms).map(([path, text]) => {
      const field = text.replaceAll('"', '&quot;');
      return `<form method="post" enctype="text/plain" action="${app.url}${path}"><input name="${field}" value="&quot;}"><button>Win</button></form>`;
    });
    const other = await serve(pages.join(''));
    undo.push(() => other.close());
    for (const [index, path] of Object.keys(forms).entries()) {
      const page = await ada.context.newPage();
      await page.goto(`http://${host}:${(other.address() as AddressInfo).port}/`, { timeout: PATIENCE });
      const [response] = await Promise.all([
        page.waitForResponse(`${app.url}${path}`),
        page.getByRole('button').nth(index).click(),
      ]);
      expect([path, response.status(), (await response.json()).code]).toEqual([path, 403, 'CROSS_SITE_REQUEST']);
      await page.close();
    }
    await ada.page.reload();
    await ada.page.getByRole('link', { name: 'Account: Ada Lindqvist' }).waitFor();
    expect(app.emulator?.invitations).toHaveLength(1);
  });

  it('a member sees why they cannot invite, and the server refuses their requests', async () => {
    const app = await begin();
    const tomas = await (await open(app)).signInAs('Tomás Rivera');
    await tomas.page.getByText('Only admins of Harbor can invite people').waitFor();
    await tomas.page.getByText('To invite someone, ask Ada Lindqvist.').waitFor();
    expect(await tomas.page.getByRole('button', { name: 'Invite people' }).count()).toBe(0);
    await tomas.page.getByRole('link', { name: 'Automatic joining' }).click();
    await tomas.page.getByText('Only admins of Harbor can change this').waitFor();
    await tomas.goto('/teams/orchard');
    await tomas.page.getByText('Only members of Orchard can see this page.').waitFor();

    const scopes = [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }];
    const target = { type: 'email', value: 'zoe@example.com' };
    const tries: [method: string, path: string, data?: object][] = [
      ['POST', '', { widgetConfigurationId: 'any', target, scopes }],
      ['GET', '/by-scope/team/harbor'],
      ['DELETE', '/by-scope/team/harbor'],
      ['GET', '/by-scope/team/harbor/autojoin'],
      ['POST', '/autojoin', { scopeType: 'team', scope: 'harbor', domains: ['a.example'], componentId: 'any' }],
    ];
    for (const [method, path, data] of tries) {
      const url = `${app.url}/api/vortex/invitations${path}`;
      const response = await tomas.page.request.fetch(url, { method, ...(data && { data }) });
      expect([method, path, response.status(), (await response.json()).code]).toEqual([method, path, 403, 'FORBIDDEN']);
    }
  });

  it('a user with an address at a domain of the team joins by signing in', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist', '/teams/harbor/joining');
    await ada.page.getByText('No domains yet').waitFor();
    await ada.page.getByLabel('Email domain').fill('gmail.com');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('You can add only the domain of your own address, harbor.example.').waitFor();
    // The browser writes every failed request to the console.
    expect(ada.complaints.splice(0)).toEqual([expect.stringContaining('403')]);
    await ada.page.getByLabel('Email domain').fill('@Harbor.example');
    await ada.page.getByRole('button', { name: 'Add domain' }).click();
    await said(ada, 'People at harbor.example can now join Harbor.');
    await ada.page.getByRole('list', { name: 'Domains' }).getByText('harbor.example').waitFor();
    await ada.page.getByRole('link', { name: 'People' }).click();
    // Vortex stores the domains as an invitation, which the page does not list.
    await ada.page.getByText('No pending invitations').waitFor();

    const mara = await open(app);
    await mara.goto('/');
    await signInByMail(mara, app, 'mara.silva@harbor.example');
    await member(mara, 'Mara Silva').waitFor();
    await member(ada, 'Mara Silva').waitFor();

    await ada.page.getByRole('link', { name: 'Automatic joining' }).click();
    await ada.page.getByRole('button', { name: 'Remove harbor.example' }).click();
    await ada.page.getByText('No domains yet').waitFor();
    const late = await open(app);
    await late.goto('/');
    await signInByMail(late, app, 'late@harbor.example');
    await late.page.getByText('No pending invitations').waitFor();
    expect([...ada.complaints, ...mara.complaints, ...late.complaints]).toEqual([]);
  });

  it('each invited address shows its own result, and failed ones can be retried', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    await ada.page.getByRole('button', { name: 'Invite people' }).click();
    const field = ada.page.getByLabel('Email addresses');
    await field.fill(
      'one@example.com; Two Two <two@example.com>\nthree@example.com ONE@example.com tomas@harbor.example x ',
    );
    await ada.page.getByText('x is not a valid email address.').waitFor();
    await ada.page.getByText('tomas@harbor.example is already a member.').waitFor();
    await field.fill('one@example.com; Two Two <two@example.com>\nthree@example.com');
    app.emulator?.fault('POST /api/v1/invitations', { status: 503, times: 1 });
    await ada.page.getByRole('button', { name: 'Send 3 invitations' }).click();
    await ada.page.getByText('2 sent, 1 failed').waitFor();
    await ada.page.getByText('Invitations aren’t available right now.').waitFor();
    await ada.page.getByRole('button', { name: 'Retry failed' }).click();
    await ada.page.getByText('3 sent', { exact: true }).waitFor();
    await ada.page.getByRole('button', { name: 'Done' }).click();
    for (const name of ['one', 'two', 'three']) await row(ada, `${name}@example.com`).waitFor();
    expect(app.emulator?.outbox).toHaveLength(3);
  });

  it('people can be invited and invitations revoked by keyboard, and the focus is kept', async () => {
    const app = await begin();
    const mei = await (await open(app)).signInAs('Mei Tanaka');
    const { page } = mei;
    const invitePeople = page.getByRole('button', { name: 'Invite people' });
    await invitePeople.press('Enter');
    await expect.poll(() => isFocused(page.getByLabel('Email addresses'))).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => isFocused(invitePeople)).toBe(true);
    await page.keyboard.press('Space');
    await page.keyboard.type('zoe@example.com');
    // Over the role and Cancel.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('1 sent', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Done' }).press('Enter');

    const resend = page.getByRole('button', { name: 'Resend to zoe@example.com' });
    await resend.press('Enter');
    await row(mei, 'zoe@example.com').getByText('sent 2 times').waitFor();
    await expect.poll(() => isFocused(resend)).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Revoke this invitation?' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('No pending invitations').waitFor();
    await expect.poll(() => isFocused(page.getByRole('heading', { name: 'Pending invitations' }))).toBe(true);
    expect(mei.complaints).toEqual([]);
  });

  it('signing out in one tab signs out every tab', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    await ada.page.getByText('Live', { exact: true }).waitFor();
    const tab = await ada.context.newPage();
    await tab.goto(`${app.url}/account`, { timeout: PATIENCE });
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to Roster' }).waitFor();
    await ada.page.getByRole('heading', { name: 'Sign in to Roster' }).waitFor();
  });

  it.each(['/.//evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', 'https://evil.example'])(
    'a sign-in link with the next page %j signs in and stays on this site',
    async (next) => {
      const app = await begin();
      const zoe = await open(app);
      const sent = await zoe.page.request.post(`${app.url}/api/session`, {
        data: { email: 'zoe@example.com' },
        headers: { origin: app.url },
      });
      expect(sent.status()).toBe(202);
      const link = await linkTo(zoe, app, 'zoe@example.com', '/sign-in?');
      await zoe.page.goto(`${link}&${new URLSearchParams({ next })}`);
      await zoe.page.getByRole('button', { name: 'Sign in' }).click();
      await zoe.page.getByRole('link', { name: 'Account: Zoë Hart' }).waitFor();
      expect(new URL(zoe.page.url()).origin).toBe(app.url);
      expect(zoe.complaints).toEqual([]);
    },
  );

  it('HTML in names and addresses is shown as text', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    const address = '"<img/src=x>"@example.com';
    const scopes = [{ type: 'team', scopeId: 'harbor', name: '<b>' }];
    // As the component of Vortex can send it, which asks no rule.
    const client = new VortexClient(app.emulator?.apiKey, { baseUrl: app.emulator?.url });
    await client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: address },
      inviter: { userId: 'ada', name: '<i>Ada</i>' },
      scopes,
    });
    await row(ada, address).getByText(address, { exact: true }).waitFor();
    await ada.goto('/outbox');
    await ada.page.getByText(`to ${address}`).waitFor();
    expect(await ada.page.locator('main img').count()).toBe(0);
    expect(ada.complaints).toEqual([]);
  });
});

async function invite({ page }: Visitor, addresses: string): Promise<void> {
  await page.getByRole('button', { name: 'Invite people' }).click();
  await page.getByLabel('Email addresses').fill(addresses);
  await page.getByRole('button', { name: /^Send/u }).click();
  await page.getByText(/^\d+ sent$/u).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
}

async function revoke({ page }: Visitor, address: string): Promise<void> {
  await page.getByRole('button', { name: `Revoke invitation for ${address}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
}

function row({ page }: Visitor, address: string): Locator {
  return page.getByRole('listitem', { name: address });
}

function member({ page }: Visitor, name: string): Locator {
  return page.getByRole('list', { name: 'Members' }).getByText(name);
}

function said({ page }: Visitor, text: string): Promise<void> {
  return page.getByRole('status').getByText(text).waitFor();
}

/** Returns the link in the newest message to an address. Opens the outbox in a new tab to read it. */
async function linkTo({ context }: Visitor, { url }: App, email: string, part = '/i/'): Promise<string> {
  const page = await context.newPage();
  await page.goto(`${url}/outbox`, { timeout: PATIENCE });
  const mail = page.getByRole('listitem').filter({ hasText: `to ${email} ` });
  const link = mail.getByRole('link').filter({ hasText: part }).first();
  const href = await link.getAttribute('href');
  await page.close();
  return href ?? '';
}

async function signInByMail(visitor: Visitor, app: App, email: string): Promise<void> {
  const { page } = visitor;
  await page.getByRole('textbox', { name: 'Email address' }).fill(email);
  await page.getByRole('button', { name: 'Send sign-in link' }).click();
  await page.getByText('Your sign-in link for').waitFor();
  await page.goto(await linkTo(visitor, app, email, '/sign-in?'));
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Marks the page. A reload removes the mark. */
async function markPage({ page }: Visitor): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute('data-mark', ''));
}

function isMarked({ page }: Visitor): Promise<boolean> {
  return page.evaluate(() => document.documentElement.hasAttribute('data-mark'));
}

function isFocused(element: Locator): Promise<boolean> {
  return element.evaluate((each) => each === document.activeElement);
}

async function serve(html: string): Promise<Server> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
