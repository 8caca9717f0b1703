/** Checks the limits that need no clock: the size of a Worker, and the modules that an import loads. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundleWorker } from '@vortex/conformance';
import { describe, expect, it } from 'vitest';

const bench = fileURLToPath(new URL('..', import.meta.url));

it('a Worker with all routes, the webhooks and Hono has at most 47.5 kB, minified and gzipped', async () => {
  const script = await bundleWorker(`${bench}test/worker.ts`, { minify: true });
  expect(gzipSync(script).byteLength).toBeLessThanOrEqual(47_500);
});

describe.each(['express', 'fastify', 'hono'])('importing core and @vortex/%s', (adapter) => {
  const loading = loadedBy(`await import('@vortex/core'); await import('@vortex/${adapter}');`);

  it(`importing core and @vortex/${adapter} loads both`, async () => {
    const loaded = await loading;
    for (const name of ['core', adapter]) expect(loaded.some((url) => url.includes(`/${name}/dist/`))).toBe(true);
  });

  it(`importing core and @vortex/${adapter} does not load undici`, async () => {
    expect((await loading).filter((url) => url.includes('/node_modules/undici/'))).toEqual([]);
  });

  it(`importing core and @vortex/${adapter} does not load jose`, async () => {
    expect((await loading).filter((url) => url.includes('/node_modules/jose/'))).toEqual([]);
  });

  it(`importing core and @vortex/${adapter} does not load zod`, async () => {
    expect((await loading).filter((url) => url.includes('/node_modules/zod/'))).toEqual([]);
  });
});

describe.each(['core', 'core/redis', 'core/sql'])('importing @vortex/%s', (entry) => {
  it(`importing @vortex/${entry} loads no dependency`, async () => {
    const loaded = await loadedBy(`await import('@vortex/${entry}');`);
    expect(loaded.some((url) => url.includes('/core/dist/'))).toBe(true);
    expect(loaded.filter((url) => url.includes('/node_modules/'))).toEqual([]);
  });
});

it('a router that was built loads zod without a request, and not its classic API', async () => {
  const loaded = await loadedBy(`
    const { createRoutes } = await import('@vortex/core/adapter');
    createRoutes({ apiKey: 'VRTX.AAAAAAAAQACAAAAAAAAAAQ.s', authenticateUser: () => null, authorizeOperation: {} });`);
  const ofZod = loaded.filter((url) => url.includes('/node_modules/zod/'));
  expect(ofZod).not.toEqual([]);
  expect(ofZod.filter((url) => /\/zod\/(?:v3|v4\/classic)\//u.test(url))).toEqual([]);
});

/** Returns the modules that a program loads in a new process. */
async function loadedBy(program: string): Promise<string[]> {
  const hook = `
    import { writeSync } from 'node:fs';
    export function load(url, context, next) {
      writeSync(1, url + '\\n');
      return next(url, context);
    }`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook))});`;
  const args = ['--no-warnings', '--import', dataUrl(register), '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: bench });
  return stdout.trim().split('\n');
}

function dataUrl(script: string): string {
  return `data:text/javascript,${encodeURIComponent(script)}`;
}
