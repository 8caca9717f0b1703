import { defineConformance, thisNode } from '@vortex/conformance';
import { start } from './programs/node.ts';

defineConformance('Hono', thisNode, start);
