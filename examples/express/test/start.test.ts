import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { start } from '../src/start.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

function run() {
  const { VORTEX_API_KEY: _, ...env } = process.env;
  const child = spawn(process.execPath, [main], { env: { ...env, PORT: '0' }, stdio: ['ignore', 'pipe', 'pipe'] });
  cleanUp.push(() => child.kill('SIGKILL'));
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const printed = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ctrl+C')) resolve(output);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`The program exited with ${code}:\n${output}`)));
  });
  return { child, printed, exited, output: () => output };
}

it.each(['SIGTERM', 'SIGINT'] as const)('the program prints its URLs and exits with 0 on %s', async (signal) => {
  const { child, printed, exited, output } = run();
  const [, url = '', outbox = ''] = /Open\s+(\S+)\s+Outbox\s+(\S+)/u.exec(await printed) ?? [];

  const page = await fetch(url);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Commons')]);
  expect((await fetch(outbox)).status).toBe(200);

  child.kill(signal);
  expect(await exited, output()).toBe(0);
});

/** Occupies a port, unless another process already does. Returns the port. */
async function occupy(port: number): Promise<number> {
  const other = createServer((_, response) => response.end());
  const listening = new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  await Promise.race([listening, new Promise((resolve) => other.once('error', resolve))]);
  cleanUp.push(() => other.close());
  const address = other.address();
  return typeof address === 'object' && address ? address.port : port;
}

it('the application listens on a free port if the default port is in use', async () => {
  await occupy(3000);
  const app = await start();
  cleanUp.push(app.close);
  expect(new URL(app.url).port).not.toBe('3000');
  expect((await fetch(`${app.url}/api/me`)).status).toBe(200);
});

it('the application does not start if the given port is in use', async () => {
  const port = await occupy(0);
  await expect(start({ port })).rejects.toThrow(`Port ${port} is in use`);
});

it('the application starts no emulator if it has an API key', async () => {
  const app = await start({ port: 0, apiKey: 'VRTX.wP_uAA5NShufWsD_7gAOTQ.made-up', webhookSecret: 'made-up' });
  cleanUp.push(app.close);
  expect(app.emulator).toBeUndefined();
  expect(await (await fetch(`${app.url}/api/me`)).json()).toEqual({ user: null, outboxUrl: null, componentUrl: null });
});

it.each([
  ['a request with the host localhost is answered', '/api/me', 'localhost', 200],
  ['a request with another host is refused', '/api/me', 'rebound.example', 421],
  ['a request for a page with another host is refused', '/', 'rebound.example', 421],
  // Webhooks are accepted for any host, since their signature is checked.
  ['a webhook with another host reaches the check of its signature', '/webhooks/vortex', 'tunnel.example', 401],
])('%s', async (_, path, host, status) => {
  const app = await start({ port: 0 });
  cleanUp.push(app.close);
  const { port } = new URL(app.url);
  const answered = new Promise((resolve, reject) => {
    const method = status === 401 ? 'POST' : 'GET';
    request({ port, host: '127.0.0.1', method, path, headers: { host: `${host}:${port}` } }, (response) =>
      resolve(response.resume().statusCode),
    )
      .on('error', reject)
      .end();
  });
  expect(await answered).toBe(status);
});
