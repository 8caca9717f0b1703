import { fileURLToPath } from 'node:url';
import { defineConformance, otherNodes, startProgram } from '@vortex/conformance';

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));

for (const runtime of otherNodes) {
  defineConformance('Express 5', runtime, startProgram(runtime, program('program5.ts')));
  defineConformance('Express 4', runtime, startProgram(runtime, program('program4.ts')));
}
