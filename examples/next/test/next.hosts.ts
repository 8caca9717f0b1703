import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type Server, startCommand } from '@vortex/conformance';
import { chromium as executablePath, needsChromium } from '@vortex/conformance/chromium';
import { faultsOf } from '@vortex/conformance/look';
import { VortexClient } from '@vortex/core';
import { DEFAULT_API_KEY, DEFAULT_WEBHOOK_SECRET, type Emulator, startEmulator } from '@vortex/emulator';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const next = join(dirname(createRequire(import.meta.url).resolve('next/package.json')), 'dist/bin/next');
const PATIENCE = 180_000;

let emulator: Emulator;
let server: Server;
beforeAll(async () => {
  const port = Number(await freePort());
  const env = {
    VORTEX_API_BASE_URL: `http://127.0.0.1:${port}`,
    VORTEX_API_KEY: DEFAULT_API_KEY,
    VORTEX_WEBHOOK_SECRET: DEFAULT_WEBHOOK_SECRET,
    NEXT_TELEMETRY_DISABLED: '1',
  };
  server = await startCommand(process.execPath, (own) => [next, 'dev', '--hostname', '127.0.0.1', '--port', own], {
    cwd: folder,
    env,
  });
  const { url } = server;
  emulator = await startEmulator({ port, webhookUrl: `${url}/webhooks/vortex`, landingUrl: `${url}/invitation` });
}, 3 * PATIENCE);
afterAll(async () => {
  await server?.close();
  await emulator?.close();
});

const as = (user: string, method: string, path: string, body?: object) =>
  fetch(`${server.url}/api/vortex${path}`, {
    method,
    headers: { cookie: `user=${user}`, origin: server.url, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });

test('a catch-all route of Next.js serves the routes of the router', { timeout: PATIENCE }, async () => {
  expect((await as('unknown-user', 'POST', '/jwt')).status).toBe(401);
  const context = { scopeType: 'team', scope: 'harbor' };
  expect(await (await as('ada', 'POST', '/jwt', { context })).json()).toEqual({ jwt: expect.stringMatching(/^ey/u) });
  for (const refused of [as('zoe', 'POST', '/jwt', { context }), as('ada', 'POST', '/jwt')]) {
    expect((await refused).status).toBe(403);
  }
  const mine = await as('zoe', 'GET', '/invitations?targetType=email&targetValue=zoe@example.com');
  expect(await mine.json()).toEqual({ invitations: [] });
  expect((await as('ada', 'GET', '/invitations?targetType=email&targetValue=zoe@example.com')).status).toBe(403);
  expect((await as('zoe', 'GET', '/invitations/by-scope/team/harbor')).status).toBe(403);
  expect((await as('ada', 'DELETE', '/invitations/none')).status).toBe(404);
});

test.each(['', '?invitationId=', '?invitationId=a&invitationId=b'])(
  'the page /invitation%s says that the link is incomplete',
  { timeout: PATIENCE },
  async (query) => {
    const page = await fetch(`${server.url}/invitation${query}`, { headers: { cookie: 'user=zoe' } });
    expect(await page.text()).toContain('This link is incomplete');
  },
);

// As the component of Vortex does: no rule is asked.
test.each<[string, { value?: string; userId?: string; data?: object; isRevoked?: boolean }]>([
  ['that was sent to another person', { value: 'lin@example.com' }],
  ['of a user who is no admin', { userId: 'zoe' }],
  ['that was deleted', { data: { invitationId: 'unknown' } }],
  ['that was revoked after its acceptance', { isRevoked: true }],
])('a webhook adds no user by an invitation %s', { timeout: PATIENCE }, async (_, given) => {
  const { value = 'zoe@example.com', userId = 'ada', data, isRevoked } = given;
  const client = new VortexClient(DEFAULT_API_KEY, { baseUrl: emulator.url });
  const { id } = await client.createInvitation({
    widgetConfigurationId: 'any',
    target: { type: 'email', value },
    scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
    inviter: { userId },
  });
  if (isRevoked) await client.revokeInvitation(id);
  emulator.announce('group.member.added', id, { user: { email: 'zoe@example.com' }, ...data });
  await emulator.settled();
  expect(emulator.deliveries.at(-1)).toMatchObject({ attempts: [{ status: 200 }] });
  const page = await fetch(server.url, { headers: { cookie: 'user=zoe' } });
  expect(await page.text()).toContain('You’re not on a team yet');
  await client.revokeInvitation(id);
});

test('a user who reads and accepts a share link becomes a member', { timeout: PATIENCE }, async () => {
  const client = new VortexClient(DEFAULT_API_KEY, { baseUrl: emulator.url });
  const { id } = await client.createInvitation({
    widgetConfigurationId: 'any',
    // The component of Vortex makes share links. The types of the client have no such target.
    target: { type: 'share' as 'email', value: 'link' },
    scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
    inviter: { userId: 'ada' },
  });
  expect((await as('mei', 'GET', `/invitations/${id}`)).status).toBe(200);
  expect((await as('mei', 'POST', '/invitations/accept', { invitationIds: [id] })).status).toBe(200);
  await emulator.settled();
  const page = await fetch(server.url, { headers: { cookie: 'user=mei' } });
  expect(await page.text()).not.toContain('You’re not on a team yet');
  await client.revokeInvitation(id);
});

describe.skipIf(needsChromium !== '')(`in a browser${needsChromium}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run'];
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args, timeout: PATIENCE });
  }, PATIENCE);
  afterAll(() => browser?.close());

  async function open(): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext();
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    return { page, complaints };
  }

  test('an admin invites two people and revokes one, and the other accepts and is a member', {
    timeout: 4 * PATIENCE,
  }, async () => {
    const ada = await open();
    await ada.page.goto(server.url);
    await ada.page.getByRole('button', { name: 'Ada Lindqvist' }).click();
    await ada.page.getByText('No pending invitations.').waitFor();
    await ada.page.getByLabel('Email addresses').fill('zoe@example.com, lin@example.com');
    await ada.page.getByRole('button', { name: 'Invite', exact: true }).click();
    await ada.page.getByText('2 sent').waitFor();
    await ada.page.getByRole('button', { name: 'Revoke lin@example.com' }).click();
    await ada.page.getByRole('button', { name: 'Revoke lin@example.com' }).waitFor({ state: 'detached' });
    await ada.page.getByRole('button', { name: 'Revoke zoe@example.com' }).waitFor();

    const zoe = await open();
    await zoe.page.goto(emulator.outbox.findLast(({ to }) => to === 'zoe@example.com')?.link ?? '');
    await zoe.page.getByRole('heading', { name: 'You’re invited' }).waitFor();
    await zoe.page.getByRole('button', { name: 'Zoë Hart' }).click();
    await zoe.page.getByRole('heading', { name: 'Join Harbor' }).waitFor();
    await zoe.page.getByText('Ada Lindqvist invited you.').waitFor();
    await zoe.page.getByRole('button', { name: 'Accept' }).click();
    await zoe.page.getByRole('heading', { name: 'Welcome!' }).waitFor();
    await emulator.settled();
    await zoe.page.getByRole('link', { name: 'Go to the team' }).click();
    await zoe.page.getByRole('list').getByText('Zoë Hart').waitFor();

    const revoked = emulator.invitations.find(({ target }) => target?.[0]?.value === 'lin@example.com');
    await zoe.page.goto(`${server.url}/invitation?invitationId=${revoked?.id}`);
    await zoe.page.getByRole('heading', { name: 'This invitation is for another address' }).waitFor();
    // The browser writes the refused request to the console.
    expect(zoe.complaints.filter((text) => !text.includes('403'))).toEqual([]);
    expect(ada.complaints).toEqual([]);
  });

  test('the first HTML has the pending invitations, and the browser does not load them again', {
    timeout: 4 * PATIENCE,
  }, async () => {
    const client = new VortexClient(DEFAULT_API_KEY, { baseUrl: emulator.url });
    const { id } = await client.createInvitation({
      widgetConfigurationId: 'any',
      target: { type: 'email', value: 'prefetched@example.com' },
      scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
      inviter: { userId: 'ada' },
    });
    const html = await (await fetch(server.url, { headers: { cookie: 'user=ada' } })).text();
    expect(html).toContain('aria-label="Revoke prefetched@example.com"');

    const { page, complaints } = await open();
    const lists: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/by-scope/')) lists.push(request.url());
    });
    await page.context().addCookies([{ name: 'user', value: 'ada', url: server.url }]);
    await page.goto(server.url);
    // A form that answers is one that React has taken over, and the lists below it have had their chance to load.
    let text = '';
    await expect
      .poll(
        async () => {
          text += 'x';
          await page.getByLabel('Email addresses').fill(text);
          return page.getByText(`Not an email address: ${text}`).count();
        },
        { timeout: PATIENCE },
      )
      .toBe(1);
    expect(lists).toEqual([]);
    await page.getByRole('button', { name: 'Revoke prefetched@example.com' }).click();
    await page.getByText('No pending invitations.').waitFor();
    // The list hides the row before the server has answered.
    const isRevoked = () => emulator.invitations.find((one) => one.id === id)?.deactivated;
    await expect.poll(isRevoked, { timeout: PATIENCE }).toBe(true);
    expect(complaints).toEqual([]);
  });

  test.each(['light', 'dark'] as const)(
    'the pages fit and have no serious accessibility fault in the %s theme',
    {
      timeout: 4 * PATIENCE,
    },
    async (colorScheme) => {
      const pictures = join(folder, '.data/pictures');
      await mkdir(pictures, { recursive: true });
      const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      const look = async (name: string) => {
        expect(await faultsOf(page, (width) => join(pictures, `${name}-${width}-${colorScheme}.png`)), name).toEqual(
          [],
        );
      };
      const value = `${colorScheme}.lin@example.com`;
      await page.goto(server.url);
      await look('sign-in');
      await page.getByRole('button', { name: 'Ada Lindqvist' }).click();
      await page.getByLabel('Email addresses').fill(`${value}, nonsense`);
      await page.getByText('Not an email address: nonsense').waitFor();
      await look('invalid');
      await page.getByLabel('Email addresses').fill(value);
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      await page.getByText('1 sent').waitFor();
      await page.getByRole('button', { name: `Revoke ${value}` }).waitFor();
      await look('team');
      await page.goto(emulator.outbox.find(({ to }) => to === value)?.link ?? '');
      await page.getByText(`Ada Lindqvist invited ${value}.`).waitFor();
      await look('invitation');
      await page.goto(`${server.url}/invitation?invitationId=none`);
      await page.getByRole('heading', { name: 'Invitation not found' }).waitFor();
      await look('invitation-closed');
      await context.close();
    },
  );
});
