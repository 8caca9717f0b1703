/** Tests that the README begins with `invite-screen.tsx`, and that this screen works in Chromium against the real routes. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { needsChromium } from '@vortex/conformance/chromium';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Application, gate, newInvitation, startApplication, zoe } from '../../browser/test/server.ts';
import { bundle, documentOf, launch } from './page.ts';

test('the README contains invite-screen.tsx unchanged', async () => {
  const [readme, example] = await Promise.all(
    ['../README.md', 'invite-screen.tsx'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')),
  );
  expect(readme).toContain(`\`\`\`tsx\n${example}\`\`\``);
});

const program = `
import { createRoot } from 'react-dom/client';
import { StrictMode } from 'react';
import { App } from './invite-screen.tsx';
const root = createRoot(document.getElementById('root'));
window.show = (id) => root.render(<StrictMode><App team={{ type: 'team', id, name: 'Team ' + id }} /></StrictMode>);
window.show('t1');
`;

describe.skipIf(needsChromium !== '')(`the invite screen in Chromium${needsChromium}`, () => {
  let application: Application;
  let browser: Browser;
  let page: Page;
  let code: string;
  const complaints: string[] = [];
  beforeAll(async () => {
    [application, browser, code] = await Promise.all([startApplication(), launch(), bundle(program)]);
  });
  afterAll(async () => {
    await browser?.close();
    await application?.close();
  });
  beforeEach(async () => {
    application.reset();
    complaints.length = 0;
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    const { origin } = new URL(application.url);
    await page.route(`${origin}/`, (route) =>
      route.fulfill({ contentType: 'text/html; charset=utf-8', body: documentOf(code) }),
    );
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.close();
  });
  const open = () => page.goto(new URL('/', application.url).href);
  const rows = () => page.locator('section li');
  const invite = async (to: string, scope = 't1') => {
    const response = await fetch(`${application.url}/invitations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(newInvitation(to, scope)),
    });
    return ((await response.json()) as { id: string }).id;
  };
  const lists = () => application.requests.filter((one) => one.startsWith('GET /invitations/by-scope'));

  test('the invite screen invites several people, names the one that is refused, and keeps it in the field', async () => {
    await open();
    await page.getByText('No pending invitations.').waitFor();
    application.emulator.fault('POST /api/v1/invitations', {
      status: 422,
      body: '{"message":"This address bounces."}',
      times: 1,
    });
    await page.getByLabel('E-mail addresses').fill('Ada <ada@harbor.example>; no-address');
    await page.getByText('Not an address: no-address').waitFor();
    expect(await page.getByRole('button', { name: 'Invite' }).isDisabled()).toBe(true);
    await page.getByLabel('E-mail addresses').fill('ada@harbor.example, ben@orchard.example, cy@mill.example');
    await page.getByRole('button', { name: 'Invite' }).click();
    await rows().nth(1).waitFor();
    expect(await rows().count()).toBe(2);
    const refused = await page.getByLabel('E-mail addresses').inputValue();
    expect(await page.locator('form [role=alert] li').allTextContents()).toEqual([`${refused}: This address bounces.`]);
    await page.getByRole('button', { name: 'Invite' }).click();
    await rows().nth(2).waitFor();
  });

  test('one request loads the list, also under StrictMode', async () => {
    await invite('ada@harbor.example');
    await open();
    await rows().first().waitFor();
    expect(lists().filter((one) => !one.endsWith('(aborted)'))).toHaveLength(1);
  });

  test('a revoked invitation disappears at once, and comes back with the reason if the server refuses', async () => {
    await invite('ada@harbor.example');
    await invite('ben@orchard.example');
    await open();
    await rows().nth(1).waitFor();
    let refuse: (() => void) | undefined;
    application.instead = (request, response) => {
      if (request.method !== 'DELETE')
        return response.status(200).json({ invitations: application.emulator.invitations });
      refuse = () => response.status(403).json({ error: 'You may not do this.', code: 'FORBIDDEN' });
      return response;
    };
    await page.getByRole('button', { name: 'Revoke ada@harbor.example' }).click();
    await expect.poll(() => rows().count()).toBe(1);
    // The row disappears before the request arrives.
    await expect.poll(() => refuse).toBeDefined();
    refuse?.();
    await page.getByText('The invitation was not revoked: You may not do this.').waitFor();
    await expect.poll(() => rows().count()).toBe(2);

    application.instead = undefined;
    await page.getByRole('button', { name: 'Revoke ben@orchard.example' }).click();
    await expect.poll(() => rows().allTextContents()).toEqual(['ada@harbor.example Revoke']);
    await expect.poll(() => application.emulator.invitations[1]?.deactivated).toBe(true);
  });

  test('the list of the team that one has left never appears on the page of the next', async () => {
    await invite('ada@harbor.example', 't1');
    await invite('ben@orchard.example', 't2');
    const answers: (() => void)[] = [];
    application.instead = ({ url }, response) => {
      const [, scope] = /team\/(t\d)/u.exec(url) ?? [];
      const target = [{ type: 'email', value: scope === 't1' ? 'ada@harbor.example' : 'ben@orchard.example' }];
      answers.push(() => response.json({ invitations: [{ id: scope, target }] }));
    };
    await open();
    await expect.poll(() => answers.length).toBeGreaterThan(0);
    const before = answers.length;
    await page.evaluate(`window.show('t2')`);
    await expect.poll(() => answers.length).toBeGreaterThan(before);
    for (const answer of answers.splice(before)) answer();
    await page.getByText('ben@orchard.example').waitFor();
    for (const answer of answers) answer();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await rows().allTextContents()).toEqual(['ben@orchard.example Revoke']);
  });

  test('while the server is slow, the screen says so, and another press invites no one twice', async () => {
    let held = gate();
    application.instead = async ({ method }, response) => {
      await held.opened;
      response.json(method === 'POST' ? { id: 'i-1' } : { invitations: [] });
    };
    await open();
    await page.getByText('Loading…').waitFor();
    held.open();
    await page.getByText('No pending invitations.').waitFor();
    held = gate();
    await page.getByLabel('E-mail addresses').fill('ada@harbor.example');
    await page.getByRole('button', { name: 'Invite' }).click();
    const progress = page.getByRole('button', { name: '0 of 1' });
    await progress.waitFor();
    expect(await progress.isDisabled()).toBe(true);
    await page.locator('form').evaluate((form) => (form as HTMLFormElement).requestSubmit());
    held.open();
    await page.getByRole('button', { name: 'Invite' }).waitFor();
    expect(application.requests.filter((one) => one.startsWith('POST /invitations'))).toHaveLength(1);
  });

  test('a refusal of the list is shown at once, and the list after another try', async () => {
    application.user = null;
    await open();
    await page.getByText('Sign in first.').waitFor();
    expect(lists().filter((one) => !one.endsWith('(aborted)'))).toHaveLength(1);
    application.reset();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No pending invitations.').waitFor();
  });

  /** Opens a page with the component of the vendor, for which a link stands in. */
  const openComponent = async () => {
    const entry = `
      import { createRoot } from 'react-dom/client';
      import { StrictMode } from 'react';
      import { VortexProvider } from '@vortex/react';
      import { InvitePeople } from './examples/component.tsx';
      const screen = <StrictMode><VortexProvider><InvitePeople team="t1" /></VortexProvider></StrictMode>;
      createRoot(document.getElementById('root')).render(screen);
    `;
    const vendor = fileURLToPath(new URL('examples/vendor.tsx', import.meta.url));
    const own = await bundle(entry, {
      alias: { '@teamvortexsoftware/vortex-react': vendor },
      define: { EMULATOR: JSON.stringify(application.emulator.url) },
    });
    const { origin } = new URL(application.url);
    await page.route(`${origin}/`, (route) =>
      route.fulfill({ contentType: 'text/html; charset=utf-8', body: documentOf(own) }),
    );
    await open();
  };

  test('the component of the vendor gets a token that the stand-in of the emulator accepts', async () => {
    await openComponent();
    await page.getByRole('link', { name: 'Open the component' }).click();
    await page.getByText(`The token is right. It is for user ${zoe.id}, ${zoe.email}.`).waitFor();
  });

  test('the component of the vendor gets a token that the provider cannot read', async () => {
    application.instead = (_, response) => response.json({ jwt: 'opaque' });
    await openComponent();
    const link = page.getByRole('link', { name: 'Open the component' });
    expect(await link.getAttribute('href')).toContain('#token=opaque');
  });

  test('25 invitations are shown by two requests', async () => {
    for (let index = 0; index < 25; index += 1) await invite(`person-${index}@harbor.example`);
    await open();
    await rows().nth(19).waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await rows().nth(24).waitFor();
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    expect(lists().filter((one) => !one.endsWith('(aborted)'))).toHaveLength(2);
  });
});
