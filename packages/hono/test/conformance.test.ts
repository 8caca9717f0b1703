import { fileURLToPath } from 'node:url';
import { defineConformance, startProgram, thisNode } from '@vortex/conformance';
import { start } from './programs/node.ts';

const program = fileURLToPath(new URL('programs/node.ts', import.meta.url));

defineConformance('Hono', thisNode, start);
defineConformance('Hono', 'Node 22', startProgram('Node 22', program));
defineConformance('Hono', 'Node 24', startProgram('Node 24', program));
