import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { memoryStore, SDK_VERSION } from '@vortex/core';
import * as testing from '@vortex/core/testing';
import { startEmulator } from '@vortex/emulator';
import { vortexWebhook as expressWebhook, vortexRouter } from '@vortex/express';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import { vortexWebhook as honoWebhook, vortexApp } from '@vortex/hono';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { check } from './check.mjs';

const emulator = await startEmulator();
const options = (user) => ({
  apiKey: emulator.apiKey,
  baseUrl: emulator.url,
  authenticateUser: (request) => (user(request) ? { id: user(request) } : null),
  authorizeOperation: { JWT: true, CREATE_INVITATION: true },
});
const webhook = { secret: 'made-up', store: memoryStore(), onEvent: () => {} };

const onExpress = express()
  .post('/webhooks/vortex', expressWebhook(webhook))
  .use('/api/vortex', vortexRouter(options((request) => request.get('x-user'))))
  .listen(0, '127.0.0.1');
await once(onExpress, 'listening');
await check(`http://127.0.0.1:${onExpress.address().port}`, emulator, testing);
onExpress.close();

const onFastify = fastify();
await onFastify.register(vortexWebhookPlugin(webhook), { prefix: '/webhooks/vortex' });
await onFastify.register(vortexPlugin(options((request) => request.headers['x-user'])), { prefix: '/api/vortex' });
await check(await onFastify.listen({ port: 0, host: '127.0.0.1' }), emulator, testing);
await onFastify.close();

const app = new Hono()
  .post('/webhooks/vortex', honoWebhook(webhook))
  .route('/api/vortex', vortexApp(options((c) => c.req.header('x-user'))));
const onHono = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
await once(onHono, 'listening');
await check(`http://127.0.0.1:${onHono.address().port}`, emulator, testing);
onHono.close();

await emulator.close();
console.log(`express, fastify, hono of ${SDK_VERSION} on ${process.version}`);
