import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Server, startCommand } from '@vortex/conformance';
import { type Emulator, startEmulator } from '@vortex/emulator';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const next = join(dirname(createRequire(import.meta.url).resolve('next/package.json')), 'dist/bin/next');

let emulator: Emulator;
let server: Server;
beforeAll(async () => {
  emulator = await startEmulator();
  server = await startCommand(process.execPath, (port) => [next, 'dev', '--hostname', '127.0.0.1', '--port', port], {
    cwd: folder,
    env: { VORTEX_API_KEY: emulator.apiKey, VORTEX_API_BASE_URL: emulator.url, NEXT_TELEMETRY_DISABLED: '1' },
  });
}, 60_000);
afterAll(async () => {
  await server?.close();
  await emulator?.close();
});

const as = (user: string, method: string, path: string) =>
  fetch(`${server.url}/api/vortex${path}`, { method, headers: { 'x-user': user } });

test('a catch-all route of Next.js serves the routes of the router', { timeout: 60_000 }, async () => {
  expect((await as('nobody', 'POST', '/jwt')).status).toBe(401);
  expect(await (await as('u-1', 'POST', '/jwt')).json()).toEqual({ jwt: expect.stringMatching(/^ey/u) });
  const mine = await as('u-1', 'GET', '/invitations?targetType=email&targetValue=ada@example.com');
  expect(await mine.json()).toEqual({ invitations: [] });
  expect((await as('u-2', 'GET', '/invitations?targetType=email&targetValue=ada@example.com')).status).toBe(403);
  expect((await as('u-1', 'PUT', '/jwt')).headers.get('allow')).toBe('POST');
  expect((await as('u-1', 'DELETE', '/invitations/none')).status).toBe(404);
});
