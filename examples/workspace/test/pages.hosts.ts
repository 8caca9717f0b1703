/** Tests every page in both themes, on a phone and on a desktop: layout, accessibility (axe), and a screenshot for review. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { faultsOf } from '@vortex/conformance/look';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from './app.js';
import { hasChromium, launch, needsChromium, PATIENCE, Visitor } from './browser.js';

const pictures = fileURLToPath(new URL('../.data/pictures', import.meta.url));

type Show = (visitor: Visitor) => Promise<void>;

const long =
  'a.very.long.address.that.somebody.really.has.in.their.company.directory@subsidiary.of-a-long-name.example';

const pages: Record<string, Show> = {
  'sign-in': async (visitor) => {
    await visitor.goto('/');
    await visitor.page.getByRole('button', { name: 'Zoë Hart' }).waitFor();
  },
  'sign-in-sent': async (visitor) => {
    await visitor.goto('/');
    await visitor.page.getByRole('textbox', { name: 'Email address' }).fill(long);
    await visitor.page.getByRole('button', { name: 'Send sign-in link' }).click();
    await visitor.page.getByText('Your sign-in link for').waitFor();
    await visitor.page.getByRole('button', { name: 'Zoë Hart' }).waitFor();
  },
  'sign-in-link': async (visitor) => {
    await visitor.goto('/sign-in?token=none');
    await visitor.page.getByRole('button', { name: 'Sign in' }).waitFor();
  },
  'sign-in-link-used': async (visitor) => {
    await visitor.goto('/sign-in?token=none');
    await visitor.page.getByRole('button', { name: 'Sign in' }).click();
    await visitor.page.getByText('This link has expired or was already used.').waitFor();
  },
  'team-admin': async (visitor) => {
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByText(long).waitFor();
  },
  'team-admin-right-to-left': async (visitor) => {
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByText(long).waitFor();
    await visitor.page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
  },
  'team-admin-forced-colors': async (visitor) => {
    await visitor.page.emulateMedia({ forcedColors: 'active' });
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByText(long).waitFor();
  },
  'team-admin-empty': async (visitor) => {
    await visitor.signInAs('Mei Tanaka');
    await visitor.page.getByText('No pending invitations').waitFor();
  },
  'team-member': async (visitor) => {
    await visitor.signInAs('Tomás Rivera');
    await visitor.page.getByText('Ask Ada Lindqvist').waitFor();
  },
  'team-failing': async (visitor) => {
    await visitor.context.route('**/api/vortex/invitations/by-scope/**', (route) =>
      route.fulfill({ status: 503, json: { error: 'The Vortex API is not available.', code: 'UPSTREAM_UNAVAILABLE' } }),
    );
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByText('Invitations aren’t available right now.').waitFor();
  },
  'team-loading': async (visitor) => {
    await visitor.context.route('**/api/teams/**', () => {});
    await visitor.context.route('**/api/vortex/**', () => {});
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByRole('heading', { name: 'Harbor' }).waitFor();
  },
  'team-of-others': async (visitor) => {
    await visitor.signInAs('Ada Lindqvist', '/teams/orchard');
    await visitor.page.getByText('Only members of Orchard can see this page.').waitFor();
  },
  'invite-form': async (visitor) => {
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByRole('button', { name: 'Invite people' }).click();
    await visitor.page.getByLabel('Email addresses').fill('lin@example.com, tomas@harbor.example, nonsense, ');
    await visitor.page.getByText('nonsense is not a valid email address').waitFor();
  },
  'invite-results': async (visitor) => {
    await visitor.signInAs('Ada Lindqvist');
    await visitor.context.route('**/api/vortex/invitations', async (route) => {
      const { target } = route.request().postDataJSON();
      if (!target.value.startsWith('no')) return route.fulfill({ json: { id: target.value } });
      await route.fulfill({
        status: 429,
        json: { error: 'Too many requests; try again later.', code: 'RATE_LIMITED' },
      });
    });
    await visitor.page.getByRole('button', { name: 'Invite people' }).click();
    await visitor.page.getByLabel('Email addresses').fill(`lin@example.com no@example.com x${long}`);
    await visitor.page.getByRole('button', { name: 'Send 3 invitations' }).click();
    await visitor.page.getByText('2 sent, 1 failed').waitFor();
  },
  revoke: async (visitor) => {
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByRole('button', { name: `Revoke invitation for ${long}` }).click();
    await visitor.page.getByRole('heading', { name: 'Revoke this invitation?' }).waitFor();
  },
  'team-toast': async (visitor) => {
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByRole('button', { name: `Resend to ${long}` }).click();
    await visitor.page.getByText(`Invitation resent to ${long}.`).waitFor();
  },
  'team-toast-bad': async (visitor) => {
    await visitor.context.route('**/reinvite', (route) => route.abort());
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByRole('button', { name: `Resend to ${long}` }).click();
    await visitor.page.getByText('We can’t reach Roster right now.').waitFor();
  },
  'joining-admin': async (visitor) => {
    await visitor.signInAs('Ada Lindqvist', '/teams/harbor/joining');
    await visitor.page.getByText('harbor.example').waitFor();
  },
  'joining-admin-empty': async (visitor) => {
    await visitor.signInAs('Mei Tanaka', '/teams/orchard/joining');
    await visitor.page.getByText('No domains yet').waitFor();
  },
  'joining-refused': async (visitor) => {
    await visitor.signInAs('Mei Tanaka', '/teams/orchard/joining');
    await visitor.page.getByLabel('Email domain').fill('gmail.com');
    await visitor.page.getByRole('button', { name: 'Add domain' }).click();
    await visitor.page.getByText('You can add only the domain of your own address').waitFor();
  },
  'joining-member': async (visitor) => {
    await visitor.signInAs('Tomás Rivera', '/teams/harbor/joining');
    await visitor.page.getByText('Only admins of Harbor can change this').waitFor();
  },
  invitations: async (visitor) => {
    await visitor.signInAs('Zoë Hart');
    await visitor.page.getByRole('link', { name: 'View' }).waitFor();
  },
  'invitations-none': async (visitor) => {
    await visitor.signInAs("Nora O'Brien");
    await visitor.page.getByText('No pending invitations').waitFor();
  },
  'invitation-signed-out': async (visitor) => {
    await visitor.goto(`/invitation?invitationId=${openId}`);
    await visitor.page.getByRole('heading', { name: 'You’re invited to Harbor' }).waitFor();
    await visitor.page.getByRole('button', { name: 'Zoë Hart' }).waitFor();
  },
  'invitation-signed-out-closed': async (visitor) => {
    await visitor.goto(`/invitation?invitationId=${revokedId}`);
    await visitor.page.getByRole('heading', { name: 'This invitation is no longer valid' }).waitFor();
    await visitor.page.getByRole('button', { name: 'Zoë Hart' }).waitFor();
  },
  'team-many': async (visitor) => {
    await visitor.context.route('**/api/vortex/invitations/by-scope/team/harbor?*', (route) => {
      const start = Number(new URL(route.request().url()).searchParams.get('start'));
      const invitations = Array.from({ length: Math.min(20, 60 - start) }, (_, index) => ({
        id: `many-${start + index}`,
        target: [{ type: 'email', value: `person.${start + index}@example.com` }],
        creatorName: 'Ada Lindqvist',
        createdAt: new Date().toISOString(),
        expires: new Date(Date.now() + 3 * 24 * 60 * 60 * 1000).toISOString(),
      }));
      return route.fulfill({ json: { invitations } });
    });
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByRole('button', { name: 'Show more (40 left)' }).waitFor();
  },
  'team-remove': async (visitor) => {
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByRole('button', { name: 'Remove Tomás Rivera' }).click();
    await visitor.page.getByRole('heading', { name: 'Remove Tomás Rivera?' }).waitFor();
  },
  'revoke-refused': async (visitor) => {
    await visitor.context.route('**/api/vortex/invitations/*', (route) =>
      route.request().method() === 'DELETE' ? route.abort() : route.continue(),
    );
    await visitor.signInAs('Ada Lindqvist');
    await visitor.page.getByRole('button', { name: `Revoke invitation for ${long}` }).click();
    await visitor.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await visitor.page.getByRole('dialog').getByRole('alert').getByText('We can’t reach Roster').waitFor();
  },
  invitation: async (visitor) => {
    await visitor.signInAs('Zoë Hart');
    await visitor.page.getByRole('link', { name: 'View' }).click();
    await visitor.page.getByRole('heading', { name: 'Join Harbor' }).waitFor();
  },
  'invitation-of-the-inviter': async (visitor) => {
    await visitor.signInAs('Ada Lindqvist', `/invitation?invitationId=${openId}`);
    await visitor.page.getByText('Ada Lindqvist invited zoe@example.com.').waitFor();
  },
  'invitation-accepted': async (visitor) => {
    // Answered in place of the server, so that no webhook follows and the page keeps waiting.
    await visitor.context.route('**/api/vortex/invitations/accept', (route) => route.fulfill({ json: { id: 'any' } }));
    await visitor.signInAs('Zoë Hart');
    await visitor.page.getByRole('link', { name: 'View' }).click();
    await visitor.page.getByRole('button', { name: 'Accept' }).click();
    await visitor.page.getByText('Adding you to Harbor…').waitFor();
  },
  'invitation-revoked': async (visitor) => {
    await visitor.signInAs('Zoë Hart', `/invitation?invitationId=${revokedId}`);
    await visitor.page.getByRole('heading', { name: 'This invitation is no longer valid' }).waitFor();
  },
  'invitation-of-others': async (visitor) => {
    await visitor.signInAs("Nora O'Brien", `/invitation?invitationId=${revokedId}`);
    await visitor.page.getByRole('heading', { name: 'This invitation is for another address' }).waitFor();
  },
  'invitation-unknown': async (visitor) => {
    await visitor.signInAs("Nora O'Brien", '/invitation?invitationId=none');
    await visitor.page.getByRole('heading', { name: 'Invitation not found' }).waitFor();
  },
  account: async (visitor) => {
    await visitor.signInAs('Ada Lindqvist', '/account');
    await visitor.page.getByText('Valid until').waitFor();
  },
  outbox: async (visitor) => {
    await visitor.goto('/outbox');
    await visitor.page.getByText(long).first().waitFor();
  },
  'connection-lost': async (visitor) => {
    await visitor.context.route('**/api/events', (route) => route.abort());
    await visitor.signInAs('Tomás Rivera');
    await visitor.page.getByText('Offline').waitFor();
    await visitor.page.getByText('Ask Ada Lindqvist').waitFor();
  },
  nowhere: async (visitor) => {
    await visitor.signInAs('Tomás Rivera', '/nowhere');
    await visitor.page.getByRole('heading', { name: 'Page not found' }).waitFor();
  },
};

let revokedId = '';
let openId = '';

describe.skipIf(!hasChromium)(`pages${needsChromium}`, { timeout: 4 * PATIENCE }, () => {
  let app: App;
  let browser: Browser;
  beforeAll(async () => {
    await mkdir(pictures, { recursive: true });
    [app, browser] = await Promise.all([startApp(), launch()]);
    ({ revoked: revokedId, open: openId } = await prepare(app, browser));
  }, 4 * PATIENCE);
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it.each([
    ['/', 'Zoë Hart', undefined],
    ['/teams/harbor', 'Resend', 'Ada Lindqvist'],
    ['/teams/orchard', 'No pending invitations', 'Mei Tanaka'],
    ['/teams/harbor', 'Ask Ada Lindqvist', 'Tomás Rivera'],
    ['/teams/harbor/joining', 'harbor.example', 'Ada Lindqvist'],
    ['/invitations', 'No pending invitations', "Nora O'Brien"],
    ['/outbox', 'invited you to join Harbor', undefined],
  ])('the layout of %s does not shift while "%s" loads', async (path, text, name) => {
    for (const width of [1440, 390]) {
      const visitor = await Visitor.open(browser, app.url, { viewport: { width, height: 800 } });
      if (name) await visitor.signInAs(name);
      expect(await shiftOf(visitor, path, text), `at ${width}`).toBeLessThan(STILL);
      await visitor.context.close();
    }
  });

  describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
    it.each(Object.entries(pages))(
      'the page %s fits the screen and has no serious accessibility fault',
      async (name, show) => {
        const visitor = await Visitor.open(browser, app.url, { colorScheme, reducedMotion: 'reduce' });
        await show(visitor);
        const pathOf = (width: number) => `${pictures}/${name}-${width}-${colorScheme}.png`;
        expect(await faultsOf(visitor.page, pathOf)).toEqual([]);
        await visitor.context.close();
      },
    );
  });
});

/** The limit of the cumulative layout shift. Browser vendors call 0.1 good. */
const STILL = 0.02;

/** Measures the layout shift while a page loads. Requests are held back until the page shows its skeleton. */
async function shiftOf(visitor: Visitor, path: string, text: string): Promise<number> {
  const { page } = visitor;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/api\/(?:teams|demo|vortex)\//u, async (route) => {
    await released;
    await route.continue();
  });
  await page.addInitScript(() => {
    const page = globalThis as { shift?: number };
    page.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        page.shift = (page.shift ?? 0) + (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await visitor.goto(path);
  await page.locator('.skeleton').first().waitFor();
  release();
  await page.getByText(text).first().waitFor();
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
  return page.evaluate(() => (globalThis as { shift?: number }).shift ?? 1);
}

/** Prepares the data: an invitation, one to a very long address, a revoked one, and a domain. Returns the revoked one's id. */
async function prepare(app: App, browser: Browser): Promise<{ revoked: string; open: string }> {
  const ada = await Visitor.open(browser, app.url);
  await ada.signInAs('Ada Lindqvist');
  const invite = async (value: string): Promise<string> => {
    const response = await ada.page.request.post(`${app.url}/api/vortex/invitations`, {
      data: {
        widgetConfigurationId: 'any',
        target: { type: 'email', value },
        scopes: [{ type: 'team', scopeId: 'harbor', name: 'Harbor' }],
      },
    });
    return (await response.json()).id;
  };
  // The server refuses a second open invitation of an address, so the first is revoked before the second is sent.
  const id = await invite('zoe@example.com');
  await ada.page.request.delete(`${app.url}/api/vortex/invitations/${id}`);
  const open = await invite('zoe@example.com');
  await invite(long);
  await ada.page.request.post(`${app.url}/api/vortex/invitations/autojoin`, {
    data: { scopeType: 'team', scope: 'harbor', domains: ['harbor.example'], componentId: 'any' },
  });
  await ada.context.close();
  return { revoked: id, open };
}
