import { definePaths } from '@vortex/conformance';
import { start } from './programs/node.ts';

definePaths('Hono', start, { resolves: 'sometimes' });
