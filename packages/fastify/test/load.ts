import { fileURLToPath } from 'node:url';
import { defineLoad } from '@vortex/conformance/load';

defineLoad('Fastify 5', fileURLToPath(new URL('load-program.ts', import.meta.url)), 1 / 6);
