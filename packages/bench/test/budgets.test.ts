/** What may be promised without a clock: the size of a Worker, and what an import loads. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundleWorker } from '@vortex/conformance';
import { describe, expect, it } from 'vitest';

const bench = fileURLToPath(new URL('..', import.meta.url));

it('a Worker with every route and the webhooks, Hono and all, is at most 45 kB, minified and gzipped', async () => {
  const script = await bundleWorker(`${bench}test/worker.ts`, { minify: true });
  expect(gzipSync(script).byteLength).toBeLessThanOrEqual(45_000);
});

describe.each(['express', 'fastify', 'hono'])('importing core and @vortex/%s', (adapter) => {
  const loading = loadedBy(`await import('@vortex/core'); await import('@vortex/${adapter}');`);

  it('loads no undici, which waits for the first call', async () => {
    expect((await loading).filter((url) => url.includes('/node_modules/undici/'))).toEqual([]);
  });

  it('loads no jose, since node:crypto signs on Node', async () => {
    expect((await loading).filter((url) => url.includes('/node_modules/jose/'))).toEqual([]);
  });

  it('loads of zod only its smaller half', async () => {
    const ofZod = (await loading).filter((url) => url.includes('/node_modules/zod/'));
    expect(ofZod).not.toEqual([]);
    expect(ofZod.filter((url) => /\/zod\/(?:v3|v4\/classic)\//u.test(url))).toEqual([]);
  });
});

/** The modules that a program of its own process loads. */
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
