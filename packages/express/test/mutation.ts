/** The suite for `npm run mutation`: in this process alone, where the mutants are. */
import { defineConformance, thisNode } from '@vortex/conformance';
import { start, version } from './server.ts';

// Many a mutant never answers.
defineConformance(version, thisNode, start, 8000);
