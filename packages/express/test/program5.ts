import { runProgram } from '@vortex/conformance/program';
import { start } from './server.ts';

await runProgram(start);
