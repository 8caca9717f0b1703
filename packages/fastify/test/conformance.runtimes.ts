import { fileURLToPath } from 'node:url';
import { defineConformance, otherNodes, startProgram } from '@vortex/conformance';

const program = fileURLToPath(new URL('program.ts', import.meta.url));

for (const runtime of otherNodes) defineConformance('Fastify 5', runtime, startProgram(runtime, program));
