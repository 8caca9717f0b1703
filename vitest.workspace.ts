import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { reactCompiler } from './packages/react/test/compiler.js';

type State = ReturnType<TestCase['result']>['state'];

/**
 * Ends the output of a run with: the tests that were skipped and how to get them, the conformance table, the figures that
 * tests report, and `N passed, N failed` as the last line.
 */
const totals: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: State, among: readonly TestCase[] = tests) =>
      among.filter((test) => test.result().state === state).length;
    // An error outside of a test, such as in an import or a hook, fails a module or a suite without a failing test.
    const broken = modules
      .flatMap((module) => [module, ...module.children.allSuites()])
      .filter((one) => one.errors().length > 0);

    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const lines = [...linesOfSkipped(skipped), ...conformanceTable(tests, count)];
    const reports = tests
      .map((test) => (test.meta() as { report?: string }).report)
      .filter((text) => text !== undefined);
    if (reports.length > 0) lines.push('', ...reports);
    const failed = count('failed') + count('pending') + broken.length + errors.length;
    lines.push(
      '',
      `${count('passed')} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
    );
    // In one write and before the process exits: a pipe may lose output that is written at exit.
    process.stdout.write(`${lines.join('\n')}\n`);
  },
};

/** Says for each file how many of its tests were skipped and why. The title of a test ends with `(needs … : how to get it)`. */
function linesOfSkipped(skipped: readonly TestCase[]): string[] {
  const counts = new Map<string, number>();
  for (const test of skipped) {
    const [, program, how] = /\(needs ([^:)]+): (.+)\)/u.exec(test.fullName) ?? [];
    const reason = program ? `which need ${program}: ${how}.` : 'by .skip or by a filter on the command line.';
    const key = `in ${relative(import.meta.dirname, test.module.moduleId)}, ${reason}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Array.from(counts, ([where, number]) => `Skipped ${number} ${number === 1 ? 'test' : 'tests'} ${where}`);
}

/** The groups of the suite that each column counts. */
const columns: [name: string, group: RegExp][] = [
  ['inputs', /^(?:paths|bodies|slow bodies|fields|limits|hooks|the result of)/u],
  ['faults', /^(?:faults|retries|rules of retries|answers|contents)/u],
  ['webhooks', /^webhooks/u],
  ['secrets', /^secrets$/u],
];

function conformanceTable(
  tests: readonly TestCase[],
  count: (state: State, among: readonly TestCase[]) => number,
): string[] {
  const suiteOf = (test: TestCase) => /^conformance of (.+?) >/u.exec(test.fullName)?.[1];
  const suites = new Set(tests.map(suiteOf).filter((name) => name !== undefined));
  if (suites.size === 0) return [];
  const lines = ['', row('Conformance', 'passed', 'skipped', 'failed', ...columns.map(([name]) => name))];
  for (const name of suites) {
    const among = tests.filter((test) => suiteOf(test) === name);
    const states = (['passed', 'skipped', 'failed'] as const).map((state) => count(state, among));
    const shares = columns.map(([, group]) => {
      const chosen = among.filter((test) => group.test(test.fullName.split(' > ')[1] ?? ''));
      return `${count('passed', chosen)}/${chosen.length}`;
    });
    lines.push(row(name, ...states, ...shares));
  }
  return lines;
}

function row(name: string, ...cells: (string | number)[]): string {
  return name.padEnd(24) + cells.map((cell) => String(cell).padStart(9)).join('');
}

/**
 * Compiles after a change of a source while tests are watched, since tests import the built packages. With as many projects
 * as here, `tsc --build --watch` of TypeScript 7.0 would notice a change only after most of a minute.
 */
const compiler: Reporter = {
  onInit(vitest) {
    if (!vitest.config.watch) return;
    const tsc = join(import.meta.dirname, 'node_modules/typescript/bin/tsc');
    let running: ChildProcess | undefined;
    let isStale = false;
    const compile = () => {
      isStale = running !== undefined;
      if (isStale) return;
      running = spawn(process.execPath, [tsc, '--build'], { cwd: import.meta.dirname, stdio: 'inherit' });
      running.once('exit', () => {
        running = undefined;
        if (isStale) compile();
      });
    };
    vitest.vite.watcher.on('all', (_event, file) => {
      if (/[\\/](?:src|server)[\\/].+\.tsx?$/u.test(file)) compile();
    });
  },
};

const here = import.meta.dirname;

/** The packages and the examples, by folder, with the name of each. */
const members = ['packages', 'examples'].flatMap((parent) =>
  readdirSync(join(here, parent))
    .map((name) => join(parent, name))
    // The folder `hosts` holds programs that the project `hosts` runs.
    .filter((root) => root !== join('examples', 'hosts') && existsSync(join(here, root, 'package.json')))
    .map((root) => {
      const { name } = JSON.parse(readFileSync(join(here, root, 'package.json'), 'utf8')) as { name: string };
      return { root, name };
    }),
);

/** What the projects of some members have beside their name. */
const settings: Readonly<Record<string, TestProjectInlineConfiguration['test']>> = {
  '@vortex/consumers': { globalSetup: 'test/pack.ts', include: ['test/*.test.ts'] },
  '@vortex/example-workspace': { globalSetup: 'test/build.ts', isolate: false },
};

/**
 * Ends what hangs. A test never waits for these, so that they are long enough for a machine with much other work to do: the
 * longest tests take 25 s on one that has none.
 */
const limits = { testTimeout: 180_000, hookTimeout: 180_000, expect: { poll: { timeout: 20_000 } } };
/** The same for what installs, builds, or reads all pages of the site. */
const longLimits = { testTimeout: 600_000, hookTimeout: 600_000 };

const react18 = (name: string) => join(here, 'packages/react/test/react18/node_modules', name);

/** Set by `--mode long`, unless the environment has values of its own. `npm test` runs the same tests for less long. */
const long = {
  /** Hostile requests for each adapter. */
  PATHS_RUNS: '100000',
  /** Processes that are killed inside a webhook handler. */
  CRASH_ROUNDS: '1000',
  /** Duration of the load on an adapter. */
  LOAD_SECONDS: '60',
};

export default defineConfig(({ mode }) => {
  if (mode === 'long') for (const [name, value] of Object.entries(long)) process.env[name] ||= value;
  /**
   * Lets Node itself import the built packages, except for the given ones. Vite would transform each of their modules once more
   * for each project. While tests are watched it does, since only a change of what it has transformed repeats a test.
   */
  const built = (...others: string[]) => ({
    deps: { external: mode === 'watch' ? [] : [new RegExp(`/packages/(?!(?:${others.join('|')})/)\\w+/dist/`, 'u')] },
  });
  const projects: TestProjectInlineConfiguration[] = [
    ...members.map(({ root, name }) => ({ root, test: { name, server: built(), ...settings[name] } })),
    // The tests of Express once more on Express 4.
    {
      root: 'packages/express',
      // The alias does not reach what Node imports by itself.
      test: { name: '@vortex/express on Express 4', alias: { express: 'express4' }, server: built('express') },
    },
    // The tests that render once more on React 18.
    {
      root: 'packages/react',
      test: {
        name: '@vortex/react on React 18',
        include: ['test/*.test.tsx'],
        alias: { react: react18('react'), 'react-dom': react18('react-dom') },
        server: { deps: { ...built('react').deps, inline: [/@tanstack/u] } },
        env: { REACT: '18' },
      },
    },
    // `npm run runtimes`: tests that render, once more on what the React Compiler has made of the package and the README's
    // screen.
    {
      root: 'packages/react',
      plugins: [reactCompiler],
      test: {
        name: 'runtimes, React Compiler',
        include: ['test/{hooks,query,ssr}.test.tsx', 'test/readme.runtimes.ts'],
        env: { REACT_COMPILER: '1' },
        alias: [
          { find: /^@vortex\/react$/u, replacement: join(import.meta.dirname, 'packages/react/src/index.ts') },
          {
            find: '@vortex/react/query',
            replacement: join(import.meta.dirname, 'packages/react/src/query/index.ts'),
          },
        ],
      },
    },
    // `npm run runtimes`: tests whose programs run on another Node than the tests, or on Bun, Deno or workerd, and those that
    // take longest.
    {
      root: 'packages',
      test: {
        name: 'runtimes',
        include: ['*/test/*.runtimes.ts'],
        // Hostile requests for each adapter.
        env: { PATHS_RUNS: process.env.PATHS_RUNS || '2000' },
      },
    },
    { root: 'examples', test: { name: 'runtimes, examples', include: ['*/test/*.runtimes.ts'] } },
    // `npm run consumers`: installs a project for each kind of consumer.
    {
      root: 'packages/consumers',
      test: {
        name: 'consumers',
        include: ['test/consumers.ts', 'test/*.consumers.ts'],
        globalSetup: 'test/pack.ts',
        // Installing and bundling keep one processor busy each.
        maxConcurrency: 2,
        ...longLimits,
      },
    },
    // `npm run consumers` too: builds the documentation site, and reads every page in a browser.
    {
      root: 'packages/docs',
      test: {
        name: 'consumers, documentation site',
        include: ['test/*.consumers.ts'],
        // Each reads more than a hundred pages.
        ...longLimits,
      },
    },
    // `npm run hosts`: builds and starts the program of each host and the Next.js application, and uses every page of Roster
    // and Commons in Chromium.
    {
      root: 'examples/workspace',
      test: { name: 'hosts, Roster', include: ['test/*.hosts.ts'], globalSetup: 'test/build.ts', isolate: false },
    },
    { root: 'examples/express', test: { name: 'hosts, Commons', include: ['test/*.hosts.ts'] } },
    {
      root: 'examples/next',
      // It compiles each page as it is opened, on all processors: 37 s alone, and 419 s beside the projects above.
      test: { name: 'hosts, Next.js application', include: ['test/*.hosts.ts'], sequence: { groupOrder: 2 } },
    },
    {
      root: 'packages/consumers',
      test: {
        name: 'hosts',
        include: ['test/hosts.ts', 'test/*.hosts.ts'],
        globalSetup: 'test/pack.ts',
        // Each builds or serves in processes of its own.
        maxConcurrency: 2,
        // A build of Next.js took more than four minutes beside the browsers of the projects above, so it waits for these.
        sequence: { groupOrder: 1 },
        ...longLimits,
      },
    },
    // `npm run runtimes` too, one file at a time after all other tests, since these would distort the measurements.
    { root: 'packages', test: { name: 'load', include: ['*/test/load.ts'], fileParallelism: false } },
  ];
  return {
    test: {
      projects: projects.map((project) => ({ ...project, test: { ...limits, ...project.test } })),
      // Many tests wait for deadlines, so more workers than processors save time.
      maxWorkers: 5,
      reporters: ['default', totals, compiler],
      // Shows the log of the code under test for failing tests only. Many tests provoke errors that are logged.
      silent: 'passed-only',
      // `npm run coverage`: the published packages. Code that runs in other processes is not counted.
      coverage: {
        provider: 'v8',
        include: ['packages/{core,express,fastify,hono,emulator,browser,react}/{src,dist}/**'],
        reporter: 'text',
        reportsDirectory: 'node_modules/.cache/coverage',
      },
    },
  };
});
