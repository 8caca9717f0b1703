import { fileURLToPath } from 'node:url';
import { defineMemory } from '@vortex/conformance/memory';

defineMemory('Hono', fileURLToPath(new URL('programs/node.ts', import.meta.url)), true);
defineMemory('Hono, through the Web stream', fileURLToPath(new URL('programs/web-stream.ts', import.meta.url)), true);
