import { definePaths } from '@vortex/conformance';
import { start, version } from './server.ts';

definePaths(version, start);
