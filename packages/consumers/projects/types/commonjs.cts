// `nodenext` allows this import of ES modules since TypeScript 5.8, since Node can `require` them.
import { VortexClient } from '@vortex/core';
import { vortexRouter } from '@vortex/express';

import vortexFastify = require('@vortex/fastify');

export const client: VortexClient = new VortexClient('VRTX.AAAAAAAAAAAAAAAAAAAAAA.made-up');
export const router = vortexRouter({ client, authenticateUser: () => null, authorizeOperation: {} });
export const plugin = vortexFastify.vortexPlugin;
