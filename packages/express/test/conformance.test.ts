import { defineConformance, thisNode } from '@vortex/conformance';
import { start, version } from './server.ts';

// This is the one adapter that the groups of core run on.
defineConformance(version, thisNode, start, { core: version === 'Express 5' });
