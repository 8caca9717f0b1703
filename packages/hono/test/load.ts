import { fileURLToPath } from 'node:url';
import { defineLoad } from '@vortex/conformance/load';

defineLoad('Hono', fileURLToPath(new URL('load-program.ts', import.meta.url)), 1 / 6);
