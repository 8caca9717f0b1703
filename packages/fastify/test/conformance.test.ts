import { fileURLToPath } from 'node:url';
import { defineConformance, startProgram, thisNode } from '@vortex/conformance';
import { start } from './server.ts';

defineConformance('Fastify 5', thisNode, start);
for (const runtime of ['Node 22', 'Node 24'] as const) {
  defineConformance('Fastify 5', runtime, startProgram(runtime, fileURLToPath(new URL('program.ts', import.meta.url))));
}
