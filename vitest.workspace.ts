import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

type State = ReturnType<TestCase['result']>['state'];

/** Ends a run with what was skipped and why, the conformance table, the figures that tests report, and `N passed, N failed` as the last line. */
const totals: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: State, among = tests) => among.filter((test) => test.result().state === state).length;
    // A module or a suite fails without a failing test where what comes before its tests does.
    const broken = modules
      .flatMap((module) => [module, ...module.children.allSuites()])
      .filter((one) => one.errors().length > 0);

    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const suiteOf = (test: TestCase) => /^conformance of (.+?) >/u.exec(test.fullName)?.[1];
    const suites = new Set(tests.map(suiteOf).filter((name) => name !== undefined));

    // Each by name, with the reason that the name gives, unless a filter on the command line has left out most.
    const named = skipped.length < 100 ? skipped : [];
    const lines = named.map((test) => `SKIPPED ${test.module.relativeModuleId}: ${test.fullName}`);
    if (suites.size > 0)
      lines.push('', row('Conformance', 'passed', 'skipped', 'failed', 'inputs', 'faults', 'webhooks', 'secrets'));
    for (const name of suites) {
      const among = tests.filter((test) => suiteOf(test) === name);
      const share = (group: RegExp) => {
        const chosen = among.filter((test) => group.test(test.fullName.split(' > ')[1] ?? ''));
        return `${count('passed', chosen)}/${chosen.length}`;
      };
      const groups = [
        /^(paths|bodies|who is calling)$/u,
        /^(faults of the upstream|trying again|what the upstream)/u,
        /^webhooks$/u,
        /^no secret/u,
      ];
      const states = (['passed', 'skipped', 'failed'] as const).map((state) => count(state, among));
      lines.push(row(name, ...states, ...groups.map(share)));
    }
    const reports = tests
      .map((test) => (test.meta() as { report?: string }).report)
      .filter((text) => text !== undefined);
    if (reports.length > 0) lines.push('', ...reports);
    const failed = count('failed') + count('pending') + broken.length + errors.length;
    lines.push(
      '',
      `${count('passed')} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
    );
    // In one write and at once: what is printed at exit can be cut off where a pipe reads it.
    process.stdout.write(`${lines.join('\n')}\n`);
  },
};

function row(name: string, ...columns: (string | number)[]): string {
  return name.padEnd(24) + columns.map((column) => String(column).padStart(9)).join('');
}

/**
 * Compiles after a source has changed while tests are watched, since tests import what was built. Not by
 * `tsc --build --watch`: with as many projects as here, TypeScript 7.0 notices a change only after most of a minute.
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

const react18 = (name: string) => join(import.meta.dirname, 'packages/react/test/react18/node_modules', name);

export default defineConfig({
  test: {
    projects: [
      'packages/*',
      'examples/*',
      // All of Express's tests once more, with the older version in place of the newer one, but for those whose programs
      // are not told which.
      {
        root: 'packages/express',
        test: {
          name: '@vortex/express on Express 4',
          alias: { express: 'express4' },
          exclude: [...configDefaults.exclude, 'test/processes.test.ts'],
        },
      },
      // What renders, once more on the older React.
      {
        root: 'packages/react',
        test: {
          name: '@vortex/react on React 18',
          include: ['test/*.test.tsx'],
          alias: { react: react18('react'), 'react-dom': react18('react-dom') },
          env: { REACT: '18' },
        },
      },
      // Not part of `npm test`: it installs a project for each kind of consumer.
      {
        root: 'packages/consumers',
        test: {
          name: 'consumers',
          include: ['test/consumers.ts'],
          globalSetup: 'test/pack.ts',
          // Installing and bundling take a processor each.
          maxConcurrency: 2,
          testTimeout: 240_000,
        },
      },
      // One at a time, after all else: what they measure is not to be of the others' making, nor the reverse.
      { root: 'packages', test: { name: 'load', include: ['*/test/load.ts'], fileParallelism: false } },
    ],
    // Much of the time is spent waiting for deadlines to pass, so more workers than processors pay.
    maxWorkers: 5,
    reporters: ['default', totals, compiler],
    // What the code under test logs, errors it is made to meet included, is shown for failing tests only.
    silent: 'passed-only',
    // Of `npm run coverage`: what is published, but for what runs in other processes.
    coverage: {
      provider: 'v8',
      include: ['packages/{core,express,fastify,hono,emulator,react}/{src,dist}/**'],
      reporter: 'text',
      reportsDirectory: 'node_modules/.cache/coverage',
    },
  },
});
