/** The application as people use it, in browsers: in full on one server and database, the main story on all of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerName } from '../server/settings.js';
import { type App, startApp } from './app.js';
import { hasChromium, launch, needsChromium, PATIENCE, Visitor } from './browser.js';
import { hasPostgres, needsPostgres, startPostgres } from './postgres.js';

const LONG = 6 * PATIENCE;

/** What is undone after a test, the last first. */
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

  /** Invites, accepts and joins, with nobody reloading a page. */
  async function story(server: ServerName, database?: string): Promise<void> {
    const app = await begin({ server, database: database ? { url: database } : undefined });
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    await markPage(ada);
    await invite(ada, "o'brien@example.com, lin@example.com");
    await row(ada, "o'brien@example.com").waitFor();
    await row(ada, 'lin@example.com').waitFor();

    // At another computer, with nothing but the mail. The one to sign in comes to the same address.
    const nora = await open(app);
    await nora.page.goto(await linkTo(nora, app, "o'brien@example.com"));
    await nora.page.getByRole('heading', { name: 'You are invited' }).waitFor();
    await nora.page.getByRole('textbox', { name: 'E-mail address' }).fill("O'Brien@example.com");
    await nora.page.getByRole('button', { name: 'Send me a link' }).click();
    await nora.page.getByText('A link is on its way').waitFor();
    await nora.page.goto(await linkTo(nora, app, "o'brien@example.com", '/sign-in?'));
    await nora.page.getByRole('button', { name: 'Sign in' }).click();
    await nora.page.getByRole('heading', { name: 'Join Harbor' }).waitFor();
    await nora.page.getByText("Ada Lindqvist has invited you, at o'brien@example.com.").waitFor();
    await nora.page.getByRole('button', { name: 'Accept' }).click();
    await said(nora, 'Welcome to Harbor.');
    await member(nora, 'Tomás Rivera').waitFor();
    await nora.page.getByText('Only admins of Harbor can invite').waitFor();

    await member(ada, "Nora O'Brien").waitFor();
    await said(ada, "Nora O'Brien has joined Harbor.");
    await row(ada, "o'brien@example.com").waitFor({ state: 'detached' });
    await row(ada, 'lin@example.com').waitFor();
    expect(await isMarked(ada), 'the page was not loaded anew').toBe(true);
    expect([...ada.complaints, ...nora.complaints]).toEqual([]);
  }

  it.each<ServerName>(['express', 'fastify', 'hono'])('the main story, on %s with PGlite', (server) => story(server));

  it.skipIf(!hasPostgres)(`the main story, on express with PostgreSQL${needsPostgres}`, async () => {
    const postgres = await startPostgres();
    undo.push(() => postgres.stop());
    await story('express', postgres.url);
  });

  it('the token of the browser is renewed by itself, and when asked for', async () => {
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
    await ada.page.getByText('Good until').waitFor();
    expect(ada.complaints).toEqual([]);
  });

  it('an invitation that is revoked while its page is open says so, and cannot be accepted', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    await invite(ada, 'zoe@example.com');
    const zoe = await open(app);
    await zoe.page.goto(await linkTo(zoe, app, 'zoe@example.com'));
    await zoe.page.getByRole('button', { name: 'Zoë Hart' }).click();
    await zoe.page.getByRole('heading', { name: 'Join Harbor' }).waitFor();
    // A page that hears nothing shows it open still.
    const deaf = await Visitor.open(browser, app.url);
    undo.push(() => deaf.context.close());
    await deaf.context.route('**/api/events', () => {});
    await deaf.signInAs('Zoë Hart', new URL(zoe.page.url()).pathname + new URL(zoe.page.url()).search);
    await deaf.page.getByRole('heading', { name: 'Join Harbor' }).waitFor();

    await revoke(ada, 'zoe@example.com');
    await zoe.page.getByRole('heading', { name: 'This invitation was revoked' }).waitFor();
    expect(zoe.complaints).toEqual([]);

    await deaf.page.getByRole('button', { name: 'Accept' }).click();
    await deaf.page.getByRole('heading', { name: 'This invitation was revoked' }).waitFor();
    await deaf.goto('/');
    await deaf.page.getByText('Nothing is waiting for you').waitFor();
  });

  it('a server that restarts under an open page is found again, with everybody still signed in', async () => {
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
    expect(await isMarked(ada), 'the page was not loaded anew').toBe(true);
  });

  it.each(['localhost', '127.0.0.1'])('a form of another origin, at %s, changes nothing', async (host) => {
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
    await ada.page.getByRole('link', { name: 'Account of Ada Lindqvist' }).waitFor();
    expect(app.emulator?.invitations).toHaveLength(1);
  });

  it('what a role may not do is explained, and refused by the server too', async () => {
    const app = await begin();
    const tomas = await (await open(app)).signInAs('Tomás Rivera');
    await tomas.page.getByText('Only admins of Harbor can invite').waitFor();
    await tomas.page.getByText('Ask Ada Lindqvist if somebody is missing here.').waitFor();
    expect(await tomas.page.getByRole('button', { name: 'Invite people' }).count()).toBe(0);
    await tomas.page.getByRole('link', { name: 'Automatic joining' }).click();
    await tomas.page.getByText('Only admins of Harbor can change who joins').waitFor();
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

  it('whoever has an address at a domain of the team joins by signing in', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist', '/teams/harbor/joining');
    await ada.page.getByText('Nobody joins by themselves').waitFor();
    await ada.page.getByLabel('E-mail domain').fill('gmail.com');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('UPSTREAM_INVALID').waitFor();
    // The browser itself writes every refused request to the console.
    expect(ada.complaints.splice(0)).toEqual([expect.stringContaining('400')]);
    await ada.page.getByLabel('E-mail domain').fill('@Quay.example');
    await ada.page.getByRole('button', { name: 'Add domain' }).click();
    await said(ada, 'quay.example may join Harbor now.');
    await ada.page.getByRole('list', { name: 'Domains' }).getByText('quay.example').waitFor();
    await ada.page.getByRole('link', { name: 'People' }).click();
    // It is kept at Vortex as an invitation, which is to nobody and not listed.
    await ada.page.getByText('Nobody is waiting').waitFor();

    const mara = await open(app);
    await mara.goto('/');
    await signInByMail(mara, app, 'mara.silva@quay.example');
    await member(mara, 'Mara Silva').waitFor();
    await member(ada, 'Mara Silva').waitFor();

    await ada.page.getByRole('link', { name: 'Automatic joining' }).click();
    await ada.page.getByRole('button', { name: 'Remove quay.example' }).click();
    await ada.page.getByText('Nobody joins by themselves').waitFor();
    const late = await open(app);
    await late.goto('/');
    await signInByMail(late, app, 'late@quay.example');
    await late.page.getByText('Nothing is waiting for you').waitFor();
    expect([...ada.complaints, ...mara.complaints, ...late.complaints]).toEqual([]);
  });

  it('of several addresses each has its own result, and those that failed are tried again', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    await ada.page.getByRole('button', { name: 'Invite people' }).click();
    const field = ada.page.getByLabel('E-mail addresses');
    await field.fill(
      'one@example.com; Two Two <two@example.com>\nthree@example.com ONE@example.com tomas@harbor.example x ',
    );
    await ada.page.getByText('x is not an e-mail address.').waitFor();
    await ada.page.getByText('tomas@harbor.example is a member already.').waitFor();
    await field.fill('one@example.com; Two Two <two@example.com>\nthree@example.com');
    app.emulator?.fault('POST /api/v1/invitations', { status: 503, times: 1 });
    await ada.page.getByRole('button', { name: 'Send 3 invitations' }).click();
    await ada.page.getByText('2 sent, 1 failed').waitFor();
    await ada.page.getByText('UPSTREAM_UNAVAILABLE').waitFor();
    await ada.page.getByRole('button', { name: 'Try it again' }).click();
    await ada.page.getByText('3 sent', { exact: true }).waitFor();
    await ada.page.getByRole('button', { name: 'Done' }).click();
    for (const name of ['one', 'two', 'three']) await row(ada, `${name}@example.com`).waitFor();
    expect(app.emulator?.outbox).toHaveLength(3);
  });

  it('works by keyboard alone, and the focus stays where one is', async () => {
    const app = await begin();
    const mei = await (await open(app)).signInAs('Mei Tanaka');
    const { page } = mei;
    const invitePeople = page.getByRole('button', { name: 'Invite people' });
    await invitePeople.press('Enter');
    expect(await isFocused(page.getByLabel('E-mail addresses'))).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await isFocused(invitePeople)).toBe(true);
    await page.keyboard.press('Space');
    await page.keyboard.type('zoe@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('1 sent', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Done' }).press('Enter');

    const resend = page.getByRole('button', { name: 'Re-send to zoe@example.com' });
    await resend.press('Enter');
    await row(mei, 'zoe@example.com').getByText('sent 2 times').waitFor();
    expect(await isFocused(resend)).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Revoke this invitation?' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Nobody is waiting').waitFor();
    expect(await isFocused(page.getByRole('heading', { name: 'Invited' }))).toBe(true);
    expect(mei.complaints).toEqual([]);
  });

  it('whoever signs out is signed out in every tab', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    await ada.page.getByText('Live', { exact: true }).waitFor();
    const tab = await ada.context.newPage();
    await tab.goto(`${app.url}/account`, { timeout: PATIENCE });
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.getByRole('heading', { name: 'Sign in to Roster' }).waitFor();
    await ada.page.getByRole('heading', { name: 'Sign in to Roster' }).waitFor();
  });

  it('names and addresses are text, whatever they hold', async () => {
    const app = await begin();
    const ada = await (await open(app)).signInAs('Ada Lindqvist');
    const address = '"<img/src=x>"@example.com';
    const scopes = [{ type: 'team', scopeId: 'harbor', name: '<b>' }];
    const data = { widgetConfigurationId: 'any', target: { type: 'email', value: address }, scopes };
    const created = await ada.page.request.post(`${app.url}/api/vortex/invitations`, { data });
    expect(created.status()).toBe(200);
    await row(ada, address).getByText(address, { exact: true }).waitFor();
    await ada.goto('/outbox');
    await ada.page.getByText(`to ${address}`).waitFor();
    expect(await ada.page.locator('main img').count()).toBe(0);
    expect(ada.complaints).toEqual([]);
  });
});

async function invite({ page }: Visitor, addresses: string): Promise<void> {
  await page.getByRole('button', { name: 'Invite people' }).click();
  await page.getByLabel('E-mail addresses').fill(addresses);
  await page.getByRole('button', { name: /^Send/u }).click();
  await page.getByText(/^\d+ sent$/u).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
}

async function revoke({ page }: Visitor, address: string): Promise<void> {
  await page.getByRole('button', { name: `Revoke ${address}` }).click();
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

/** The link of the newest mail to somebody, as the outbox shows it in a tab of its own. */
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
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByText('A link is on its way').waitFor();
  await page.goto(await linkTo(visitor, app, email, '/sign-in?'));
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Loading the page anew would wipe this off. */
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
