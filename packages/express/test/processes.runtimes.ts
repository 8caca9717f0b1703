import { fileURLToPath } from 'node:url';
import { defineProcesses } from '@vortex/conformance/processes';

defineProcesses('Express 5', fileURLToPath(new URL('webhook-program.ts', import.meta.url)));
