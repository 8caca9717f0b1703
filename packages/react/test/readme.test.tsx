/** Tests that the README shows this folder's `example.tsx`, and that this program works. */
import './dom.ts';
import { readFile } from 'node:fs/promises';
import { createRoot } from 'react-dom/client';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Application, startApplication, zoe } from '../../browser/test/server.ts';
import { App } from './example.tsx';

let application: Application;
beforeAll(async () => {
  application = await startApplication();
});
afterEach(() => vi.unstubAllGlobals());
afterAll(() => application.close());

test('the README contains example.tsx unchanged', async () => {
  const [readme, example] = await Promise.all(
    ['../README.md', 'example.tsx'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')),
  );
  expect(readme).toContain(`\`\`\`tsx\n${example}\`\`\``);
});

const until = (condition: () => unknown) => vi.waitUntil(condition, { timeout: 20_000 });

test('example.tsx shows the invitations of a team and revokes one', { timeout: 30_000 }, async () => {
  const { fetch } = globalThis;
  // Node's `fetch` needs a whole URL; a browser's `fetch` resolves a path against the page.
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => fetch(new URL(path, application.url), init));
  const invited = await fetch(`${application.url}/invitations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      widgetConfigurationId: 'configuration-1',
      target: { type: 'email', value: 'ben@orchard.example' },
      scopes: [{ type: 'team', scopeId: 'team-1', name: 'Team' }],
    }),
  });
  const { id } = (await invited.json()) as { id: string };
  const element = document.createElement('main');
  document.body.append(element);
  const root = createRoot(element);
  root.render(<App />);
  await until(() => element.querySelector('button') && element.querySelector('ul')?.title === zoe.email);
  expect(element.textContent).toBe(`${id}Revoke`);
  element.querySelector('button')?.click();
  await until(() => element.textContent === '');
  expect(application.emulator.invitations).toMatchObject([{ id, deactivated: true }]);
  root.unmount();
});
