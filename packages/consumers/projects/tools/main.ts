/** A program of CommonJS, or of what a loader makes of it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { memoryStore, VortexClient } from '@vortex/core';
import { isInviter } from '@vortex/core/rules';
import { readToken } from '@vortex/core/testing';
import { startEmulator } from '@vortex/emulator';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { vortexPlugin } from '@vortex/fastify';
import { vortexApp } from '@vortex/hono';
import express from 'express';

async function main(): Promise<void> {
  const emulator = await startEmulator();
  const app = express();
  app.post('/hook', vortexWebhook({ secret: 'made-up', store: memoryStore(), onEvent() {} }));
  app.use(
    '/api/vortex',
    vortexRouter({
      apiKey: emulator.apiKey,
      baseUrl: emulator.url,
      authenticateUser: (req) => ({ id: req.get('x-user') ?? 'ada' }),
      authorizeOperation: { JWT: true, REVOKE_INVITATION: isInviter },
    }),
  );
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/vortex/jwt`, {
    method: 'POST',
  });
  const { jwt } = (await reply.json()) as { jwt: string };
  console.log(
    (await readToken(jwt, emulator.apiKey)).claims.userId,
    typeof vortexPlugin,
    typeof vortexApp,
    typeof VortexClient,
  );
  server.close();
  await emulator.close();
}
void main();
