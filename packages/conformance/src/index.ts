/** One suite that every adapter must pass on every runtime, over real sockets. */
import { describe } from 'vitest';
import type { Start } from './server.js';
import { bodies, fields } from './suite/bodies.js';
import { csrf } from './suite/csrf.js';
import { echoes } from './suite/echoes.js';
import { faults } from './suite/faults.js';
import type { Group } from './suite/group.js';
import { openHarness } from './suite/harness.js';
import { gates, hooks, user } from './suite/hooks.js';
import { identity } from './suite/identity.js';
import { limits } from './suite/limits.js';
import { loading, unusedLoading } from './suite/loading.js';
import { mainJob } from './suite/main-job.js';
import { newestShape } from './suite/newest-shape.js';
import { documentServed, traffic } from './suite/openapi.js';
import { pathsAndQueries } from './suite/paths-and-queries.js';
import { reactProvider } from './suite/react-provider.js';
import { retries, retryRules } from './suite/retries.js';
import { secrets } from './suite/secrets.js';
import { slowBodies } from './suite/slow-bodies.js';
import { claims, token } from './suite/token.js';
import { tracing } from './suite/tracing.js';
import { upstreamAnswers, upstreamContents } from './suite/upstream-answers.js';
import { webhookEvents, webhooks } from './suite/webhooks.js';
import { webhookIdentity, webhooksOnce } from './suite/webhooks-once.js';
import { webhooksRefused } from './suite/webhooks-refused.js';

export { type Received, type Sent, send } from './http.js';
export { definePaths } from './paths/index.js';
export { freePort, otherNodes, runtimes, startCommand, startProgram, thisNode } from './runtimes/index.js';
export { bundleWorker, runWorker, startWorker } from './runtimes/worker.js';
export type { Server } from './server.js';
export { expectLeaversLeft, noticeResets, sendOverSocket, setupUpstream } from './setup.js';
export { ann } from './suite/data.js';
export { holdAgainst } from './suite/documented.js';
export {
  defineTouchedBodies,
  onPlatforms,
  type StartTouched,
  serveListener,
  type Touched,
  type TouchedMounts,
} from './touched-bodies.js';
export { startUpstream, type Upstream } from './upstream.js';

const groups: readonly Group[] = [
  mainJob,
  token,
  claims,
  hooks,
  gates,
  user,
  identity,
  loading,
  unusedLoading,
  reactProvider,
  pathsAndQueries,
  bodies,
  fields,
  limits,
  slowBodies,
  csrf,
  upstreamAnswers,
  upstreamContents,
  faults,
  echoes,
  retries,
  retryRules,
  tracing,
  webhooks,
  webhookEvents,
  webhooksRefused,
  webhooksOnce,
  webhookIdentity,
  newestShape,
  documentServed,
  // These two judge the traffic of all the others, so they come last.
  traffic,
  secrets,
];

export interface ConformanceOptions {
  /**
   * Runs the groups of `core` too, and not only those of the `seam`.
   *
   * @default false
   */
  core?: boolean;
}

/** Defines the suite for an adapter on a runtime. `start` starts a server with the adapter there. */
export function defineConformance(
  adapter: string,
  runtime: string,
  start: Start,
  { core = false }: ConformanceOptions = {},
): void {
  describe(`conformance of ${adapter} on ${runtime}`, () => {
    const harness = openHarness(start, adapter, runtime);
    for (const { of, title, define } of groups) {
      if (of === 'seam' || core) describe(title, () => define(harness));
    }
  });
}
