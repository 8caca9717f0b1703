/** The suite for `npm run mutation`, in this process only, since the mutants are here. */
import { defineConformance, thisNode } from '@vortex/conformance';
import { start, version } from './server.ts';

defineConformance(version, thisNode, start, { core: true });
