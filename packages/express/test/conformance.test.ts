import { fileURLToPath } from 'node:url';
import { defineConformance, startProgram, thisNode } from '@vortex/conformance';
import { start, version } from './server.ts';

defineConformance(version, thisNode, start);
for (const runtime of ['Node 22', 'Node 24'] as const) {
  const program = new URL(version === 'Express 5' ? 'program5.ts' : 'program4.ts', import.meta.url);
  defineConformance(version, runtime, startProgram(runtime, fileURLToPath(program)));
}
