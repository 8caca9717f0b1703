/** Runs tests of an application in Playwright, which starts the emulator as a program of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { chromium, needsChromium } from '@vortex/conformance/chromium';
import { describe, expect, it } from 'vitest';

const CLI = createRequire(import.meta.url).resolve('@playwright/test/cli');
const FOLDER = new URL('playwright', import.meta.url).pathname;
const PROGRAM = new URL('../bin/vortex-emulator.js', import.meta.url).pathname;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe.skipIf(!chromium)('the fixture for Playwright', () => {
  it(`tests of another process reset the emulator, read its outbox, inject a fault and move its clock${needsChromium}`, async () => {
    // Vitest sets variables that make Playwright take its worker for one of Vitest.
    const { VITEST, VITEST_WORKER_ID, NODE_OPTIONS, ...inherited } = process.env;
    const env = {
      ...inherited,
      // The configuration gives the emulator the key that the tests use, whatever the environment has.
      VORTEX_API_KEY: 'VRTX.wP_uAA5NShufWsD_7gAOTQ.another',
      EMULATOR: `node ${PROGRAM}`,
      EMULATOR_PORT: String(await freePort()),
      ...(chromium && { CHROMIUM: chromium }),
    };
    const child = spawn(process.execPath, [CLI, 'test', '--config=machine.config.ts', '--reporter=line'], {
      cwd: FOLDER,
      env,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const [code] = await once(child, 'close');
    expect(output).toContain('3 passed');
    expect(code).toBe(0);
  });
});
