import { fileURLToPath } from 'node:url';
import { defineConformance, startProgram, thisNode } from '@vortex/conformance';
import { start } from './server.ts';

for (const [version, file] of [
  ['Express 5', 'program5.ts'],
  ['Express 4', 'program4.ts'],
] as const) {
  defineConformance(version, thisNode, (settings) => start(version, settings));
  for (const runtime of ['Node 22', 'Node 24'] as const) {
    defineConformance(version, runtime, startProgram(runtime, fileURLToPath(new URL(file, import.meta.url))));
  }
}
