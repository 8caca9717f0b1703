/** Tests the layout and the accessibility of every page in Chromium, in both themes, and writes pictures for review. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, needsChromium } from '@vortex/conformance/chromium';
import { faultsOf } from '@vortex/conformance/look';
import { VortexClient } from '@vortex/core';
import { type Page, chromium as playwright } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, invite, start, startReceiver } from './helpers.js';

const pictures = fileURLToPath(new URL('../.data/pictures', import.meta.url));
const DAY = 24 * 60 * 60 * 1000;
const LONG = `${'long'.repeat(15)}@${'domain.'.repeat(20)}example`;
const ADA = { id: 'user-ada', email: 'ada@harbor.example', name: 'Ada Lindqvist' };
const HARBOR = { type: 'team', groupId: 'harbor', name: 'Harbor' };
const LONG_SCOPE = { type: 'organisation-unit', groupId: 'x'.repeat(40), name: `Harbor ${'subsidiary '.repeat(8)}` };

/** The cells of lists whose right end is cut off. A list clips, so the document does not overflow. */
const CUT = `[...document.querySelectorAll('.list td')]
  .filter((cell) => cell.getBoundingClientRect().right > cell.closest('.list').getBoundingClientRect().right)
  .map((cell) => innerWidth + ': cut off: ' + cell.textContent)`;

/** Starts an emulator that an application has used for three days, with requests and webhooks that failed. */
async function startUsed() {
  let age = 3 * DAY;
  let answer = 204;
  const receiver = await startReceiver(() => answer);
  const emulator = await start({
    webhookUrl: receiver.url,
    webhookRetryDelays: [1, 600_000],
    now: () => Date.now() - age,
  });
  const { url, apiKey } = emulator;
  const client = new VortexClient(apiKey, { baseUrl: url });
  const to = (value: string, more: object = {}) => ({
    target: { type: 'email', value },
    inviter: { userId: ADA.id, userEmail: ADA.email, name: ADA.name },
    groups: [HARBOR],
    ...more,
  });
  const browser = (method: string, path: string, token: string, body?: object) =>
    fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'user-agent':
          'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      },
      ...(body && { body: JSON.stringify(body) }),
    });

  const accepted = await invite(
    emulator,
    to('zoe@example.com', { target: { type: 'email', value: 'zoe@example.com', name: 'Zoë Hart' } }),
  );
  await fetch(accepted.shortLink);
  await client.acceptInvitation(accepted.id, { email: 'zoe@example.com', name: 'Zoë Hart' });
  await emulator.settled();
  age = 2 * DAY;
  const revoked = await invite(emulator, to('grace@example.com'));
  await client.revokeInvitation(revoked.id);
  await client.configureAutojoin({
    scope: 'harbor',
    scopeType: 'team',
    scopeName: 'Harbor',
    widgetId: 'invite',
    domains: ['harbor.example', 'subsidiary.example'],
  });
  await invite(emulator, to('', { target: { type: 'phone', value: '+4915112345678' } }));
  await emulator.settled();

  age = 0;
  answer = 401;
  const refused = await invite(emulator, to('nora@example.com'));
  const first = () => emulator.deliveries.find(({ event }) => event.data.invitationId === refused.id);
  await expect.poll(() => first()?.attempts.length).toBe(2);
  emulator.redeliver(first()?.id ?? '');
  await expect.poll(() => first()?.status).toBe('failed');
  answer = 503;
  const long = await invite(emulator, to(LONG, { groups: [HARBOR, LONG_SCOPE] }));
  await client.reinvite(long.id);

  const token = await client.generateToken({ user: ADA, component: 'invite', scope: 'team:harbor' });
  const form = {
    widgetConfigurationId: 'invite',
    groups: [HARBOR],
    payload: { emails: { type: 'email', value: 'lin@example.com' } },
  };
  await browser('GET', '/api/v1/widgets/invite', token);
  await browser('POST', '/api/v1/invitations', token, form);
  await browser('POST', '/api/v1/invitations/generate-shareable-link-invite', token, form);
  await browser('POST', '/api/v1/invitations', token, { ...form, groups: [{ ...HARBOR, groupId: 'orchard' }] });
  await browser('POST', '/api/v1/invitations', await client.generateToken({ user: ADA }), form);
  await browser('GET', '/api/v1/invitations/sent', token.slice(0, -4));
  await call(emulator, 'GET /api/v1/invitations/x');
  await call(emulator, 'POST /api/v1/api/v1/invitations', {});
  await call(emulator, 'GET /api/v1/invitations/x', undefined, { 'x-api-key': 'VRTX.another.key' });
  emulator.fault('POST /api/v1/invitations', { status: 503, times: 3 });
  emulator.fault('GET /api/v1/invitations/by-scope/:scopeType/:scope', { delay: 2000 });
  emulator.fault('client POST /api/v1/events', { reset: true });
  emulator.fault('POST /api/v1/invitations/accept', {
    status: 429,
    body: { message: 'Slow down' },
    headers: { 'retry-after': '30' },
  });
  await call(emulator, 'POST /api/v1/invitations', to('lin@example.com'));
  return { emulator, token, accepted, refused, long };
}

type Used = Awaited<ReturnType<typeof startUsed>>;

const judge = async (page: Page, token: string) => {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('heading', { name: 'Claims' }).waitFor();
};

/** Every page by the name of its pictures: its path, or the path with what is done there first. */
const pages: Record<string, (used: Used) => string | [path: string, show: (page: Page) => Promise<unknown>]> = {
  requests: () => '/',
  'requests-none-found': () => '/requests?q=nothing-like-it',
  'request-long': ({ emulator }) =>
    `/requests/${emulator.calls.findLast(({ request }) => request.body.includes(LONG))?.id}`,
  'request-refused': ({ emulator }) => `/requests/${emulator.calls.find(({ status }) => status === 401)?.id}`,
  'request-by-fault': ({ emulator }) => `/requests/${emulator.calls.at(-1)?.id}`,
  'request-warned': ({ emulator }) => `/requests/${emulator.calls.find(({ warning }) => warning !== null)?.id}`,
  'request-gone': () => '/requests/none',
  messages: () => '/messages',
  message: ({ emulator }) => `/messages/${emulator.outbox.at(-1)?.id}`,
  webhooks: () => '/webhooks',
  'webhook-pending': ({ emulator }) =>
    `/webhooks/${emulator.deliveries.find(({ status }) => status === 'pending')?.id}`,
  'webhook-failed': ({ emulator }) => [
    `/webhooks/${emulator.deliveries.find(({ status }) => status === 'failed')?.id}`,
    (page) => page.getByText('Headers and signature').first().click(),
  ],
  invitations: () => '/invitations',
  'invitation-open': ({ long }) => `/invitations/${long.id}`,
  'invitation-accepted': ({ accepted }) => `/invitations/${accepted.id}`,
  faults: () => '/faults',
  token: () => '/token',
  'token-right': ({ token }) => ['/token', (page) => judge(page, token)],
  'token-wrong': ({ token }) => ['/token', (page) => judge(page, `${token.slice(0, -4)}AAAA`)],
  state: () => '/state',
  'state-moved': () => [
    '/state',
    async (page) => {
      await page.getByRole('button', { name: '+1 hour' }).click();
      await page.getByText('The clock is moved.').waitFor();
    },
  ],
  link: ({ long }) => new URL(long.shortLink).pathname,
  'link-closed': ({ accepted }) => new URL(accepted.shortLink).pathname,
  'link-unknown': () => '/i/none',
  nowhere: () => '/nowhere',
  component: () => '/component/invite',
  'component-used': ({ token }) => [
    `/component/invite#token=${token}`,
    (page) => page.getByText('The token is right.').waitFor(),
  ],
  'component-refused': ({ token }) => [
    `/component/invite#token=${token.slice(0, -4)}AAAA`,
    (page) => page.getByText('Refused with 401').waitFor(),
  ],
};

describe.skipIf(!chromium)('the page in a browser', { timeout: 240_000 }, () => {
  it.each(['light', 'dark'] as const)(
    `every page fits a phone and a desktop and has no serious accessibility fault in the %s theme${needsChromium}`,
    async (colorScheme) => {
      const [used, empty] = await Promise.all([startUsed(), start()]);
      const browser = await playwright.launch({
        ...(chromium && { executablePath: chromium }),
        args: ['--no-sandbox', '--disable-gpu'],
      });
      onTestFinished(() => browser.close());
      await mkdir(pictures, { recursive: true });
      const page = await browser.newPage({ colorScheme, reducedMotion: 'reduce' });
      const look = async (url: string, name: string, show?: (page: Page) => Promise<unknown>) => {
        await page.goto(url);
        await show?.(page);
        const faults = await faultsOf(page, (width) => `${pictures}/${name}-${width}-${colorScheme}.png`);
        for (const width of [1440, 1000, 390]) {
          await page.setViewportSize({ width, height: 800 });
          faults.push(...(await page.evaluate<string[]>(CUT)));
        }
        expect(faults, name).toEqual([]);
      };
      for (const name of ['requests', 'messages', 'webhooks', 'invitations', 'faults', 'state']) {
        await look(`${empty.url}/${name}`, `${name}-empty`);
      }
      for (const [name, address] of Object.entries(pages)) {
        const [path, show] = [address(used)].flat() as [string, ((page: Page) => Promise<unknown>)?];
        await look(used.emulator.url + path, name, show);
      }
      for (let n = 0; n < 101; n++) await invite(empty);
      await look(`${empty.url}/invitations?page=2`, 'invitations-paged', () =>
        page.locator('#count').getByRole('navigation', { name: 'Pages' }).waitFor(),
      );
      await empty.close();
      await page.getByText('The emulator has stopped.').waitFor();
      expect(await faultsOf(page, (width) => `${pictures}/stopped-${width}-${colorScheme}.png`)).toEqual([]);
    },
  );
});
