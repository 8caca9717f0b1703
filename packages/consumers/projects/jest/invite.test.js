import { once } from 'node:events';
import * as testing from '@vortex/core/testing';
import { setupEmulator } from '@vortex/emulator/jest';
import { vortexRouter } from '@vortex/express';
import express from 'express';
import { check } from './check.mjs';

const emulator = setupEmulator();

test('an invitation is sent by e-mail', async () => {
  const app = express().use(
    '/api/vortex',
    vortexRouter({
      apiKey: emulator.apiKey,
      baseUrl: emulator.url,
      authenticateUser: (req) => (req.get('x-user') ? { id: req.get('x-user') } : null),
      authorizeOperation: { JWT: true, CREATE_INVITATION: true },
    }),
  );
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await check(`http://127.0.0.1:${server.address().port}`, emulator, testing, false);
  expect(emulator.outbox).toHaveLength(1);
  server.close();
});

test('the outbox of the emulator is empty when a test begins', () => {
  expect(emulator.outbox).toEqual([]);
});
