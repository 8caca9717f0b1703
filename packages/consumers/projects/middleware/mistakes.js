/**
 * Mounts that a host takes and that cannot work. Each returns a listener of Node's server, and gives the lines that the
 * application logs to `say`.
 */
import 'reflect-metadata';
import { getRequestListener } from '@hono/node-server';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import { vortexHandler } from '@vortex/hono';
import fastify from 'fastify';

const routes = {
  apiKey: 'VRTX.wP_uAA5NShufWsD_7gAOTQ.made-up',
  authenticateUser: () => ({ id: 'ada' }),
  authorizeOperation: { JWT: true },
};
const webhooks = { secret: 'whsec_made_up', onEvent() {} };

const onFastify = (plugin, prefix) => async () => {
  const host = fastify();
  await host.register(plugin(), { prefix });
  await host.ready();
  return host.routing;
};

/** NestJS, whose module applies a middleware, or whose application uses one. */
const onNest =
  (Adapter, { apply, path, use = () => {} }) =>
  async (say) => {
    class AppModule {
      configure(consumer) {
        if (apply) consumer.apply(apply()).forRoutes(path);
      }
    }
    Module({})(AppModule);
    const logger = { log() {}, warn: (line) => say(String(line)), error: (line) => say(String(line)) };
    const app = await NestFactory.create(AppModule, new Adapter(), { logger });
    use(app, { warn: say, error: say });
    await app.init();
    const instance = app.getHttpAdapter().getInstance();
    await instance.ready?.();
    return instance.routing ?? instance;
  };

export const mistakes = {
  'vortexRouter registered on Fastify': onFastify(() => vortexRouter(routes), '/api/vortex'),
  'vortexWebhook of Express registered on Fastify': onFastify(() => vortexWebhook(webhooks), '/webhooks/vortex'),

  'vortexRouter applied by NestJS on Fastify with a wildcard': onNest(FastifyAdapter, {
    apply: () => vortexRouter(routes),
    path: 'api/vortex/*path',
  }),
  'vortexRouter applied by NestJS on Express with a wildcard': onNest(ExpressAdapter, {
    apply: () => vortexRouter(routes),
    path: 'api/vortex/*path',
  }),
  'vortexPlugin used by NestJS on Fastify': onNest(FastifyAdapter, {
    use: (app) => app.use('/api/vortex', vortexPlugin(routes)),
  }),
  'vortexPlugin used by NestJS on Express': onNest(ExpressAdapter, {
    use: (app) => app.use('/api/vortex', vortexPlugin(routes)),
  }),
  'vortexWebhookPlugin used by NestJS on Express': onNest(ExpressAdapter, {
    use: (app) => app.use('/webhooks/vortex', vortexWebhookPlugin(webhooks)),
  }),
  'vortexHandler below a path that NestJS on Fastify takes away': onNest(FastifyAdapter, {
    use: (app, logger) =>
      app.use('/api/vortex', getRequestListener(vortexHandler({ basePath: '/api/vortex', ...routes, logger }))),
  }),
};
