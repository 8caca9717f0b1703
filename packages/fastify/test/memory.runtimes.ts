import { fileURLToPath } from 'node:url';
import { defineMemory } from '@vortex/conformance/memory';

defineMemory('Fastify', fileURLToPath(new URL('program.ts', import.meta.url)));
