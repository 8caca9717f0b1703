import { fileURLToPath } from 'node:url';
import { defineConformance, startProgram, startWorker } from '@vortex/conformance';

const program = (name: string) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));

defineConformance('Hono', 'Bun', startProgram('Bun', program('bun')));
defineConformance('Hono', 'Deno', startProgram('Deno', program('deno')));
defineConformance('Hono', 'workerd', startWorker(program('worker')));
