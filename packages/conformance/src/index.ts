/** One suite that every adapter must pass on every runtime, over real sockets. */
import { describe } from 'vitest';
import type { Start } from './server.js';
import { bodies } from './suite/bodies.js';
import { caller } from './suite/caller.js';
import { csrf } from './suite/csrf.js';
import { faults } from './suite/faults.js';
import { gates } from './suite/gates.js';
import { openHarness } from './suite/harness.js';
import { identity } from './suite/identity.js';
import { loading } from './suite/loading.js';
import { mainJob } from './suite/main-job.js';
import { newestShape } from './suite/newest-shape.js';
import { documentServed, traffic } from './suite/openapi.js';
import { pathsAndQueries } from './suite/paths-and-queries.js';
import { reactProvider } from './suite/react-provider.js';
import { retries } from './suite/retries.js';
import { secrets } from './suite/secrets.js';
import { token } from './suite/token.js';
import { tracing } from './suite/tracing.js';
import { upstreamAnswers } from './suite/upstream-answers.js';
import { webhooks } from './suite/webhooks.js';

export { type Received, type Sent, send } from './http.js';
export { definePaths } from './paths/index.js';
export { runtimes, startCommand, startProgram, thisNode } from './runtimes/index.js';
export { bundleWorker, runWorker, startWorker } from './runtimes/worker.js';
export type { Server } from './server.js';
export { expectLeaversLeft, setupUpstream } from './setup.js';
export { ann } from './suite/data.js';
export { holdAgainst } from './suite/documented.js';
export { startUpstream, type Upstream } from './upstream.js';

/** @param timeout milliseconds that a test may take, on a busy machine */
export function defineConformance(adapter: string, runtime: string, start: Start, timeout = 30_000): void {
  describe(`conformance of ${adapter} on ${runtime}`, { timeout }, () => {
    const harness = openHarness(start);

    mainJob(harness);
    token(harness);
    gates(harness);
    caller(harness);
    identity(harness);
    loading(harness);
    reactProvider(harness);
    pathsAndQueries(harness);
    bodies(harness);
    csrf(harness);
    upstreamAnswers(harness);
    faults(harness);
    retries(harness);
    tracing(harness);
    webhooks(harness);
    newestShape(harness);
    documentServed(harness);
    // Last, for they look at what all the others were given.
    traffic(harness, `${adapter} on ${runtime}`);
    secrets(harness, runtime);
  });
}
