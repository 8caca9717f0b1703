// Before `nodenext`, only an ES module may import our packages statically.
export { VortexClient } from '@vortex/core';
export { openApiDocument } from '@vortex/core/openapi';
export { redisStore } from '@vortex/core/redis';
export { isInviter } from '@vortex/core/rules';
export { readToken } from '@vortex/core/testing';
export { startEmulator } from '@vortex/emulator';
export { vortexRouter } from '@vortex/express';
export { vortexPlugin } from '@vortex/fastify';
export { vortexApp } from '@vortex/hono';
export { VortexProvider } from '@vortex/react';
