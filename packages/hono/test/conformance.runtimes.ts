import { fileURLToPath } from 'node:url';
import { defineConformance, otherNodes, startProgram, startWorker } from '@vortex/conformance';

const program = (name: string) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));

for (const runtime of otherNodes) defineConformance('Hono', runtime, startProgram(runtime, program('node')));
defineConformance('Hono', 'Bun', startProgram('Bun', program('bun')));
defineConformance('Hono', 'Deno', startProgram('Deno', program('deno')));
defineConformance('Hono', 'workerd', startWorker(program('worker')));
