import { defineConfig } from 'vitest/config';
import type { Reporter, TestModule } from 'vitest/node';

/** The last line of a run, for people and for scripts: `N passed, N failed`. */
const totals: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.state() === 'failed' && module.children.size === 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        count[test.result().state] += 1;
        if (test.result().state === 'skipped')
          console.warn(`SKIPPED ${test.module.relativeModuleId}: ${test.fullName}`);
      }
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
    process.once('exit', () => console.log(`${count.passed} passed, ${count.failed + count.pending} failed${skipped}`));
  },
};

export default defineConfig({
  test: {
    projects: ['packages/*', 'examples/*'],
    reporters: ['default', totals],
    // What the code under test logs, errors it is made to meet included, is shown for failing tests only.
    silent: 'passed-only',
  },
});
