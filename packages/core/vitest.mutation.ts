/** What `npm run mutation` runs: the tests that reach core within their own process, over its source in place of its build. */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = join(import.meta.dirname, '../..');
const source = (file: string) => join(root, 'packages', file);

/** From what is quick and fails most to what is slow: the first test that fails ends a mutant. */
const order = [
  /core\/test\/(?:dispatch|options|routes)\./u,
  /core\/test\/(?!client|webhooks|openapi)/u,
  /core\/test\//u,
  /express\/test\/\w+\.test\./u,
  /mutation\./u,
];

class QuickFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => order.findIndex((file) => file.test(moduleId));
    return specifications.toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^@vortex\/(\w+)$/u, replacement: source('$1/src/index.ts') },
      { find: '@vortex/core/openapi', replacement: source('core/src/routes/openapi.ts') },
      { find: '@vortex/core/redis', replacement: source('core/src/webhooks/redis-store.ts') },
      { find: /^@vortex\/(\w+)\/(\w+)$/u, replacement: source('$1/src/$2.ts') },
      { find: '#exchange', replacement: source('core/src/api/exchange-node.ts') },
      { find: '#inputs', replacement: source('core/src/routes/inputs-node.ts') },
      { find: '#hmac', replacement: source('core/src/signing/hmac-node.ts') },
    ],
  },
  test: {
    include: [
      'packages/core/test/*.test.ts',
      // Compares `invitationState` of core with that of browser.
      'packages/browser/test/invitation-state.test.ts',
      'packages/express/test/{express,observe,webhooks}.test.ts',
      'packages/express/test/mutation.ts',
    ],
    exclude: [
      '**/node_modules/**',
      // What it tests is no code.
      '**/readme.test.ts',
      // They run other processes, or so many cases that each mutant would take a minute; other tests have the same rules.
      '**/{cluster,proxies}.test.ts',
    ],
    // Instrumented code is slow, and stores start databases.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    sequence: { sequencer: QuickFirst },
  },
});
