/** Tests the range of browsers that the README states, by deleting what the oldest of them, React Native and jsdom lack. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBrowserClient } from '@vortex/browser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Application, failure, startApplication, zoe } from './server.ts';

/** The globals and methods that some of the supported environments lack. The README has the same list. */
const lacks = [
  'AbortSignal.any',
  'AbortSignal.timeout',
  'AbortSignal.abort',
  'AbortSignal.prototype.throwIfAborted',
  'TextDecoder',
  'TextEncoder',
  'atob',
  'btoa',
  'URL',
  'URLSearchParams',
  'structuredClone',
  'Array.prototype.at',
  'Array.prototype.findLast',
  'Array.prototype.toSorted',
  'String.prototype.at',
  'String.prototype.replaceAll',
  'Object.hasOwn',
  'Promise.any',
  'Promise.withResolvers',
  'crypto',
  'navigator',
];

const run = promisify(execFile);
const bundled = fileURLToPath(new URL('../node_modules/.cache/environments.mjs', import.meta.url));
let application: Application;
let results: unknown[];
beforeAll(async () => {
  application = await startApplication();
  const { rolldown } = await import('rolldown');
  const building = await rolldown({
    input: fileURLToPath(new URL('environments.ts', import.meta.url)),
    platform: 'node',
    external: /^node:/u,
  });
  await building.write({ file: bundled, format: 'esm' });
  await building.close();
  const lists = [...lacks.map((name) => [name]), lacks, ['fetch'], ['AbortController']];
  const { stdout } = await run(process.execPath, [bundled, JSON.stringify(lists), application.url]);
  results = JSON.parse(stdout);
});
afterAll(() => application.close());

const works = { user: zoe.name, error: null, list: [], aborted: { code: 'ABORTED' }, late: { code: 'TIMEOUT' } };

describe('the client and the token', () => {
  test.each(lacks.map((name, index) => [name, index] as const))('work without %s', (_, index) => {
    expect(results[index]).toEqual(works);
  });

  test('work without all of these at once', () => {
    expect(results[lacks.length]).toEqual(works);
  });
});

test.each([
  ['fetch', 1],
  ['AbortController', 2],
])('without %s, a call rejects with UNSUPPORTED and a cause that names it', (name, offset) => {
  expect(results[lacks.length + offset]).toEqual({ code: 'UNSUPPORTED', cause: expect.stringContaining(name) });
});

test('a fetch that refuses the AbortController of another realm is UNSUPPORTED, not a network error', async () => {
  // The error of newer versions of Node for the signal of jsdom.
  const refusal = new TypeError('RequestInit: Expected signal ("AbortSignal {}") to be an instance of AbortSignal.');
  const client = createBrowserClient({ baseUrl: application.url, fetch: () => Promise.reject(refusal) });
  const error = await failure(client.getJwt());
  expect(error).toMatchObject({ code: 'UNSUPPORTED', cause: { message: expect.stringContaining('AbortController') } });
  expect((error.cause as Error).cause).toBe(refusal);
});

test('a path as baseUrl where there is no page is UNSUPPORTED, and the cause says what to pass', async () => {
  const error = await failure(createBrowserClient().getJwt());
  expect(error).toMatchObject({ code: 'UNSUPPORTED', cause: { message: expect.stringContaining('baseUrl') } });
});

test('the README lists all that an environment may lack', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const name of lacks) expect(readme).toContain(`\`${name}\``);
});
