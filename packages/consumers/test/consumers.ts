/** Installs the tarballs in a fresh project of each kind that uses our packages, and runs it. */
import { cpSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleWorker, runtimes, runWorker, type Server, startCommand, thisNode } from '@vortex/conformance';
import { chromium as executablePath, needsChromium } from '@vortex/conformance/chromium';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { inModules, inProject, newestProject, project, YARN } from './projects.js';

const needsRegistry = inject('needsRegistry');

const nodes: [name: string, command: string][] = [
  [thisNode, process.execPath],
  ['Node 22', runtimes['Node 22'][0]],
  ['Node 24', runtimes['Node 24'][0]],
];
const [deno, , ...denoFlags] = runtimes.Deno;

/** Starts a server in front of an emulator, and checks it with the packages that the project has installed. */
async function checkServer(folder: string, start: (env: Record<string, string>) => Promise<Server>) {
  const { resolve } = createRequire(join(folder, 'package.json'));
  const load = (name: string) => import(pathToFileURL(resolve(name)).href);
  const emulator = await (await load('@vortex/emulator')).startEmulator();
  const server = await start({ VORTEX_API_KEY: emulator.apiKey, VORTEX_API_BASE_URL: emulator.url });
  try {
    await (await load('./check.mjs')).check(server.url, emulator, await load('@vortex/core/testing'));
  } finally {
    await Promise.all([server.close(), emulator.close()]);
  }
}

const bin = (folder: string, name: string) => inModules(folder, join('.bin', name));
const typeChecks = (folder: string, config: string, exact: boolean) =>
  inProject(folder, bin(folder, 'tsc'), ['-p', config, '--exactOptionalPropertyTypes', String(exact)]);

const oldest = () => project('oldest', 'npm', 'esm', 'types');
const tools = () => project('tools', 'npm', 'types');
const strict = () => project('strict', 'pnpm', 'esm');

describe.skipIf(needsRegistry !== '')(`in a fresh project${needsRegistry}`, { concurrent: true }, () => {
  // Installing mostly waits for the registry and the disk, so it goes on while the first tests compute.
  let installing: Promise<unknown> | undefined;
  // biome-ignore lint/correctness/noEmptyPattern: Vitest takes no other pattern without a fixture.
  beforeAll(({}, { tasks }) => {
    // A filter on the command line needs no other projects than its own.
    if (tasks.some(({ mode }) => mode === 'skip')) return;
    // The tests of a project report why it cannot be installed.
    installing = newestProject('esm')
      .then(tools)
      .then(oldest)
      .then(strict)
      .catch(() => {});
  });
  afterAll(() => installing);

  describe.each(nodes)('%s', (_, node) => {
    test('ES modules import and run the packages', async () => {
      expect(await inProject(await newestProject('esm'), node, ['main.js'])).toMatch(/^express, fastify, hono /u);
    });

    test('CommonJS modules require and run the packages', async () => {
      expect(await inProject(await newestProject('cjs'), node, ['main.js'])).toMatch(/^express, fastify, hono /u);
    });
  });

  test('Passport and @fastify/jwt sign a caller in, with an address only if it is verified', async () => {
    expect(await inProject(await project('sign-in'), process.execPath, ['main.js'])).toBe('Passport, @fastify/jwt\n');
  });

  test('the emulator is installed as a command', async () => {
    const folder = await newestProject('esm');
    expect(await inProject(folder, bin(folder, 'vortex-emulator'), ['--version'])).toMatch(/^\d+\.\d+\.\d+$/mu);
  });

  test.each([
    ['tsconfig.nodenext.json', true],
    ['tsconfig.nodenext.json', false],
    ['tsconfig.bundler.json', true],
    ['tsconfig.bundler.json', false],
    // A backend has no types of a browser.
    ['tsconfig.node.json', true],
  ])('the program and all declarations type-check by %s with exactOptionalPropertyTypes: %s', async (config, exact) => {
    await typeChecks(await newestProject('types'), config, exact);
  });

  test('the packages run on Bun', async () => {
    const cwd = await newestProject('web');
    await checkServer(cwd, (env) => startCommand(runtimes.Bun[0], () => ['run', 'app.js'], { cwd, env }));
  });

  test('the packages run on Deno', async () => {
    const cwd = await newestProject('web');
    const args = (port: string) => ['serve', ...denoFlags, '--host', '127.0.0.1', '--port', port, 'app.js'];
    await checkServer(cwd, (env) => startCommand(deno, args, { cwd, env }));
  });

  test('the packages run as a Worker', async () => {
    const folder = await newestProject('web');
    await checkServer(folder, async (env) => runWorker(await bundleWorker(join(folder, 'app.js')), env));
  });

  const esbuild = '--bundle --splitting --format=esm --platform=node --outdir=esbuild';
  // What esbuild itself advises for CommonJS modules in a bundle of ES modules.
  const banner = "--banner:js=import { createRequire as of } from 'node:module'; const require = of(import.meta.url);";
  const rollup =
    '--format es --dir rollup -p node-resolve={preferBuiltins:true} -p commonjs={ignoreDynamicRequires:true}';
  test.each([
    ['vite', 'build --ssr server.js --outDir vite'.split(' ')],
    ['esbuild', ['server.js', ...esbuild.split(' '), banner]],
    ['rollup', ['server.js', ...rollup.split(' ')]],
  ])('%s bundles a backend, in parts, that then needs no packages', async (bundler, args) => {
    const folder = await newestProject('vite');
    await inProject(folder, bin(folder, bundler), args);
    // This folder has no packages installed.
    const cwd = join(inject('folder'), `bundled-by-${bundler}`);
    cpSync(join(folder, bundler), cwd, { recursive: true });
    writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }');
    await checkServer(folder, (env) => startCommand(process.execPath, () => ['server.js'], { cwd, env }));
  });

  describe('Vite', () => {
    test.skipIf(needsChromium !== '')(`a page that Vite builds finds its user${needsChromium}`, async () => {
      const cwd = await newestProject('vite');
      await inProject(cwd, bin(cwd, 'vite'), ['build']);
      const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox'] });
      try {
        await checkServer(cwd, async (env) => {
          const server = await startCommand(process.execPath, () => ['server.js'], { cwd, env });
          const page = await browser.newPage({ extraHTTPHeaders: { 'x-user': 'ada' } });
          await page.goto(server.url);
          await page.getByText('ada').waitFor();
          return server;
        });
      } finally {
        await browser.close();
      }
    });

    test('Vitest has an emulator for each test', async () => {
      const folder = await newestProject('vite');
      expect(await inProject(folder, bin(folder, 'vitest'), ['run'])).toMatch(/1 passed/u);
    });
  });

  describe('Jest', () => {
    const jest = async (node: string, file: string) => {
      const folder = await newestProject('jest');
      await inProject(folder, node, ['--experimental-vm-modules', inModules(folder, 'jest/bin/jest.js'), file]);
    };

    test.each(nodes)('Jest has an emulator in ES modules on %s', async (_, node) => {
      await jest(node, 'invite.test.js');
    });

    test('Jest has an emulator in CommonJS on Node 24', async () => {
      await jest(runtimes['Node 24'][0], 'invite.test.cjs');
    });
  });

  describe('with the oldest supported version of each peer', () => {
    test('the packages run with the oldest peers', async () => {
      expect(await inProject(await oldest(), process.execPath, ['main.js'])).toMatch(/^express, fastify, hono /u);
    });

    test('components render with React 18.0.0', async () => {
      expect(await inProject(await oldest(), process.execPath, ['render.js'])).toMatch(
        /^signed out in React 18\.0\.0/u,
      );
    });

    test('the program and all declarations type-check with the oldest peers', async () => {
      await typeChecks(await oldest(), 'tsconfig.nodenext.json', true);
    });

    test('the oldest Vitest has an emulator for each test', async () => {
      const folder = await oldest();
      expect(await inProject(folder, bin(folder, 'vitest'), ['run'])).toMatch(/1 passed/u);
    });
  });

  describe('with other minor versions of the frameworks', () => {
    // `node10` and `nodenext` in CommonJS, `node16` and `bundler` in ES modules.
    test.each([
      ['typescript58', 'node10'],
      ['typescript58', 'bundler'],
      ['typescript', 'node10'],
      ['typescript', 'node16'],
      ['typescript6', 'node10'],
      ['typescript6', 'nodenext'],
      ['typescript7', 'node16'],
    ])('the packages type-check by %s and moduleResolution %s', async (compiler, resolution) => {
      const folder = await tools();
      const args = {
        node10: ['-p', 'tsconfig.json', ...(compiler === 'typescript6' ? ['--ignoreDeprecations', '6.0'] : [])],
        node16: ['-p', 'tsconfig.node16.json'],
        nodenext: ['-p', 'tsconfig.nodenext.json', '--exactOptionalPropertyTypes'],
        bundler: ['-p', 'tsconfig.bundler.json', '--exactOptionalPropertyTypes'],
      }[resolution];
      await inProject(folder, process.execPath, [`node_modules/${compiler}/bin/tsc`, ...(args ?? [])]);
    });

    test.each([
      ['ts-node', ['node_modules/ts-node/dist/bin.js']],
      ['tsx', ['--import', 'tsx']],
      ['swc', ['--require', '@swc-node/register']],
    ])('a TypeScript program of CommonJS runs by %s', async (_, args) => {
      expect(await inProject(await tools(), process.execPath, [...args, 'main.ts'])).toMatch(/^ada\b/u);
    });

    test.each(['ts-jest', 'swc'])('Jest in CommonJS compiles the packages by %s', async (transform) => {
      const folder = await tools();
      await inProject(folder, process.execPath, ['node_modules/jest/bin/jest.js', '-c', `jest.${transform}.json`]);
    });
  });

  describe('pnpm', () => {
    test('installed by pnpm, the packages and the entries of core run', async () => {
      const folder = await strict();
      expect(await inProject(folder, process.execPath, ['main.js'])).toMatch(/^express, fastify, hono /u);
      expect(await inProject(folder, process.execPath, ['entries.js'])).toMatch(
        /^function function function function/u,
      );
    });

    test.each(['.', 'web'])(
      'installed by pnpm, declarations are written without a type annotation, in %s',
      async (importer) => {
        const folder = await strict();
        await inProject(join(folder, importer), process.execPath, [join(folder, 'node_modules/typescript/bin/tsc')]);
      },
    );
  });

  test('installed by Yarn with Plug and Play, the packages run', async () => {
    const folder = await project('pnp', 'Yarn', 'esm');
    expect(await inProject(folder, 'npx', [...YARN, 'node', 'main.js'])).toMatch(/^express, fastify, hono /mu);
  });
});
