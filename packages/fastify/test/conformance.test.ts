import { defineConformance, thisNode } from '@vortex/conformance';
import { start } from './server.ts';

defineConformance('Fastify 5', thisNode, start);
