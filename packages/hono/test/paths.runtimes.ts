import { fileURLToPath } from 'node:url';
import { definePaths, startProgram, startWorker } from '@vortex/conformance';

const program = (name: string) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));

// Each lane starts a program.
const few = { resolves: 'always', readsUtf8: true, lanes: 2, share: 0.1 } as const;
definePaths('Hono on Bun', startProgram('Bun', program('bun')), few);
definePaths('Hono on Deno', startProgram('Deno', program('deno')), { ...few, resolves: 'sometimes' });
definePaths('Hono on workerd', startWorker(program('worker')), { ...few, resolves: 'twice', takesOnlyPaths: true });
