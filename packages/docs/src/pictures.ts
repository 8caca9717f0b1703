/** Takes the pictures of the site from running programs: Roster, the emulator that it uses, and the doctor. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launch } from './browser.js';
import { root } from './reference.js';

const folder = join(root, 'packages/docs/pictures');
const themes = ['light', 'dark'] as const;

const roster = await startRoster();
const browser = await launch();
try {
  await mkdir(folder, { recursive: true });
  await takeRoster(browser, roster);
  await takeDoctor(browser, roster);
} finally {
  await browser.close();
  roster.stop();
}

interface Roster {
  readonly url: string;
  readonly emulator: string;
  stop(): void;
}

/** Starts the example as `npm start` does, with its data in memory. */
async function startRoster(): Promise<Roster> {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: join(root, 'examples/workspace'),
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    const [, url, emulator] = /Open\s+(\S+).*Vortex emulator at (\S+)/su.exec(printed) ?? [];
    if (url && emulator) return { url, emulator, stop: () => void child.kill() };
  }
  throw new Error(`Roster did not start. Run npm start once, which builds it. It printed: ${printed}`);
}

async function takeRoster(browser: Browser, { url, emulator }: Roster): Promise<void> {
  const ada = await openContext(browser);
  const page = await ada.newPage();
  await page.goto(url);
  await page.getByRole('button', { name: 'Ada Lindqvist' }).click();
  await page.getByText('No pending invitations').waitFor();
  await page
    .getByRole('button', { name: /invite/iu })
    .first()
    .click();
  await page.getByRole('dialog').getByRole('textbox').first().fill('grace@example.com\nlin@example.com');
  await take(page, 'roster-invite');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^(?:invite|send)/iu })
    .last()
    .click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('lin@example.com').waitFor();
  await take(page, 'roster-team');

  await page.goto(`${url}/outbox`);
  await page.getByText('grace@example.com').first().waitFor();
  await take(page, 'roster-outbox');
  await page.goto(emulator);
  await take(page, 'emulator');
  await ada.close();
}

async function takeDoctor(browser: Browser, { url, emulator }: Roster): Promise<void> {
  const context = await openContext(browser);
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('button', { name: 'Mei Tanaka' }).click();
  await page.getByRole('link', { name: 'Account: Mei Tanaka' }).waitFor();
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const mount = [`${url}/api/vortex`, '--webhook', `${url}/webhooks/vortex`];
  // Mei's team has no invitations. The doctor does not try to delete those of a scope that has some.
  const caller = ['--scope', 'team:orchard', '--denied', 'DELETE_GROUP_INVITATIONS,SYNC_INTERNAL_INVITATION'];
  const program = join(root, 'packages/emulator/bin/vortex-emulator.js');
  const args = [program, 'doctor', ...mount, ...caller, '--cookie', cookie, '--emulator', emulator];
  const child = spawn(process.execPath, args, { cwd: join(root, 'packages/docs') });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  // A page of its own, since the policy of Roster's pages allows no inline style.
  const screen = await context.newPage();
  const flags = [...mount, ...caller].join(' ').replaceAll(' --', ' \\\n    --');
  const command = `$ npx vortex-emulator doctor ${flags} \\\n    --cookie 'session=…'`;
  await screen.setContent(terminal(`${command}\n\n${output}`));
  await take(screen, 'doctor', 'pre');
  await context.close();
}

function openContext(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({
    viewport: { width: 1120, height: 700 },
    deviceScaleFactor: 1.5,
    reducedMotion: 'reduce',
  });
}

async function take(page: Page, name: string, selector?: string): Promise<void> {
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const path = join(folder, `${name}-${colorScheme}.png`);
    await (selector ? page.locator(selector).screenshot({ path }) : page.screenshot({ path }));
    console.log(path);
  }
}

/** The output of a program, as a page that looks like a terminal. */
function terminal(output: string): string {
  const lines = output
    .trimEnd()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/^right\b/gmu, '<b class="good">$&</b>')
    .replace(/^WRONG\b/gmu, '<b class="bad">$&</b>')
    .replace(/^unknown\b/gmu, '<b class="quiet">$&</b>');
  return `<style>
    :root { color-scheme: light dark; }
    body { margin: 0; background: light-dark(#f6f7f9, #0f1115); }
    pre { margin: 0; padding: 24px 28px; font: 13px/1.6 ui-monospace, monospace; white-space: pre-wrap; color: light-dark(#15181e, #e9ebef); }
    .good { color: light-dark(#17693f, #72d79c); } .bad { color: light-dark(#b3261e, #ff9d93); } .quiet { color: light-dark(#565e6c, #a2aab8); }
  </style><pre>${lines}</pre>`;
}
