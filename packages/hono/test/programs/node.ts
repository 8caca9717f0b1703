import type { ServerSettings } from '@vortex/conformance/application';
import { runProgram } from '@vortex/conformance/program';
import { createApp } from './app.ts';
import { listen } from './listen.ts';

export const start = (settings: ServerSettings) => listen(createApp(settings));

if (process.env.CONFORMANCE_SETTINGS) await runProgram(start);
