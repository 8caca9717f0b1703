const { once } = require('node:events');
const { serve } = require('@hono/node-server');
const { memoryStore, SDK_VERSION } = require('@vortex/core');
const testing = require('@vortex/core/testing');
const { startEmulator } = require('@vortex/emulator');
const { vortexRouter, vortexWebhook: expressWebhook } = require('@vortex/express');
const { vortexPlugin, vortexWebhookPlugin } = require('@vortex/fastify');
const { vortexApp, vortexWebhook: honoWebhook } = require('@vortex/hono');
const express = require('express');
const fastify = require('fastify');
const { Hono } = require('hono');
const { check } = require('./check.mjs');

async function main() {
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
}

main();
