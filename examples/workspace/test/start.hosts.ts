import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { startApp } from './app.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});

function run(env: Record<string, string>, ...args: string[]) {
  const { VORTEX_API_KEY: _, DATABASE_URL: __, SERVER: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  undo.push(() => child.kill('SIGKILL'));
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const printed = new Promise<string>((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ctrl+C')) resolve(output);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exited.then(() => resolve(output));
  });
  return { child, printed, exited, output: () => output };
}

it('the program prints its URLs and exits with 0 on SIGTERM', async () => {
  const { child, printed, exited, output } = run({ PORT: '0' }, '--server=hono');
  const [, url = '', outbox = ''] = /Open\s+(\S+)\s+Outbox\s+(\S+)/u.exec(await printed) ?? [];
  expect((await fetch(url)).status, output()).toBe(200);
  expect((await fetch(outbox)).status).toBe(200);
  expect(output()).toContain('hono, PGlite');
  child.kill('SIGTERM');
  expect(await exited, output()).toBe(0);
});

it.each<[Record<string, string>, string]>([
  [{ SERVER: 'koa' }, 'SERVER (or --server) is "koa". Set it to one of express, fastify, hono, or unset it.\n'],
  [
    { PORT: '0', DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
    'Cannot connect to the database at DATABASE_URL: connect ECONNREFUSED 127.0.0.1:1\n',
  ],
  [{ PORT: '0', VORTEX_API_KEY: 'no-key', VORTEX_WEBHOOK_SECRET: 'whsec' }, 'apiKey'],
])('the program exits with 1 and an error without a stack for %j', { timeout: 120_000 }, async (env, sentence) => {
  const { exited, output } = run(env);
  expect(await exited).toBe(1);
  expect(output()).toContain(sentence);
  expect(output()).not.toContain('    at ');
});

it('start rejects with an error that names PORT if the port is in use', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  undo.push(() => other.close());
  const { port } = other.address() as AddressInfo;
  await expect(startApp({ port })).rejects.toThrow(`Port ${port} is in use. Set PORT to a free port.`);
});
