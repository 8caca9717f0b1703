import { definePaths } from '@vortex/conformance';
import { start } from './server.ts';

definePaths('Fastify 5', start);
