import { fileURLToPath } from 'node:url';
import { defineConformance, startProgram, startWorker, thisNode } from '@vortex/conformance';
import { start } from './programs/node.ts';

const program = (name: string) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));

defineConformance('Hono', thisNode, start);
defineConformance('Hono', 'Node 22', startProgram('Node 22', program('node')));
defineConformance('Hono', 'Node 24', startProgram('Node 24', program('node')));
defineConformance('Hono', 'Bun', startProgram('Bun', program('bun')));
defineConformance('Hono', 'Deno', startProgram('Deno', program('deno')));
defineConformance('Hono', 'workerd', startWorker(program('worker')));
