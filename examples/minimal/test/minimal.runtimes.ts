/** Starts the program that serves by `fetch` on each of its runtimes, against an emulator, and calls it over HTTP. */
import { bundleWorker, runtimes, runWorker } from '@vortex/conformance';
import { folder, start, testProgram } from './program.js';

const [bun] = runtimes.Bun;
const [deno, , ...flags] = runtimes.Deno;

testProgram(
  'web.ts on Bun',
  '',
  start(bun, () => ['run', 'dist/web.js']),
);
testProgram(
  'web.ts on Deno',
  '',
  start(deno, (port) => ['serve', ...flags, '--host', '127.0.0.1', '--port', port, 'dist/web.js']),
);
testProgram('web.ts as a Worker', '', async (env) => runWorker(await bundleWorker(`${folder}/dist/web.js`), env));
