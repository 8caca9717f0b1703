import { fileURLToPath } from 'node:url';
import { defineMemory } from '@vortex/conformance/memory';

defineMemory('Express 5', fileURLToPath(new URL('program5.ts', import.meta.url)));
