/**
 * For each parser and each host, a listener of Node's server with the routes at `/api/vortex` and the webhooks at
 * `/webhooks/vortex`, behind that parser. They get the options of both.
 */
import 'reflect-metadata';
import middie from '@fastify/middie';
import multipart from '@fastify/multipart';
import { getRequestListener } from '@hono/node-server';
import { bodyParser as koaParser } from '@koa/bodyparser';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import { vortexHandler, vortexWebhookHandler } from '@vortex/hono';
import busboy from 'busboy';
import express from 'express';
import upload from 'express-fileupload';
import fastify from 'fastify';
import fastifyRawBody from 'fastify-raw-body';
import formidable from 'formidable';
import Koa from 'koa';
import { koaBody } from 'koa-body';
import koaBodyparser from 'koa-bodyparser';
import multer from 'multer';
import next from 'next';
import rawBody from 'raw-body';

/** An Express application behind a middleware. */
const onExpress =
  (...middleware) =>
  async ({ routes, webhooks }) =>
    express()
      .use(...middleware)
      .use('/api/vortex', vortexRouter(routes))
      .post('/webhooks/vortex', vortexWebhook(webhooks));

/** A Koa application behind a middleware, as the program of Koa serves it. */
const onKoa =
  (...middleware) =>
  async ({ routes, webhooks }) => {
    const vortex = getRequestListener(vortexHandler({ basePath: '/api/vortex', ...routes }));
    const webhook = getRequestListener(vortexWebhookHandler(webhooks));
    const app = new Koa();
    for (const each of middleware) app.use(each);
    app.use((ctx) => (ctx.path === '/webhooks/vortex' ? webhook : vortex)(ctx.req, ctx.res));
    return app.callback();
  };

/** A Fastify application behind plugins. */
const onFastify =
  (before = async () => {}) =>
  async ({ routes, webhooks }) => {
    const host = fastify();
    await before(host);
    await host.register(vortexPlugin(routes), { prefix: '/api/vortex' });
    await host.register(vortexWebhookPlugin(webhooks), { prefix: '/webhooks/vortex' });
    await host.ready();
    return host.routing;
  };

class AppModule {
  static mounts;

  configure(consumer) {
    const { routes, webhooks } = AppModule.mounts ?? {};
    if (routes) consumer.apply(vortexRouter(routes)).forRoutes('api/vortex');
    if (webhooks) consumer.apply(vortexWebhook(webhooks)).forRoutes('webhooks/vortex');
  }
}
Module({})(AppModule);

/** NestJS on Express, with the routes behind its parser as middleware of a module. */
const onNest =
  (options = {}) =>
  async (mounts) => {
    AppModule.mounts = mounts;
    const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: false, ...options });
    await app.init();
    return app.getHttpAdapter().getInstance();
  };

/** NestJS on Fastify, whose parser is for the routes of the application. */
const onNestFastify =
  (options = {}) =>
  async ({ routes, webhooks }) => {
    AppModule.mounts = undefined;
    const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false, ...options });
    await app.register(vortexPlugin(routes), { prefix: '/api/vortex' });
    await app.register(vortexWebhookPlugin(webhooks), { prefix: '/webhooks/vortex' });
    await app.init();
    const instance = app.getHttpAdapter().getInstance();
    await instance.ready();
    return instance.routing;
  };

/** The application of Next.js in this folder, which has been built. Its pages find the options in `globalThis.mounts`. */
const onNext = async (mounts) => {
  globalThis.mounts = mounts;
  const app = next({ dev: false, dir: import.meta.dirname, quiet: true });
  await app.prepare();
  return app.getRequestHandler();
};

/** By what has touched a body. */
export const listeners = {
  'koa-bodyparser has read': onKoa(koaBodyparser()),
  'koa-bodyparser has read and the application handed on': onKoa(koaBodyparser(), (ctx, following) => {
    ctx.req.rawBody = ctx.request.rawBody;
    return following();
  }),
  '@koa/bodyparser has read': onKoa(koaParser()),
  '@koa/bodyparser has read and left on the Node request, by patchNode': onKoa(koaParser({ patchNode: true })),
  'koa-body has read': onKoa(koaBody()),
  'koa-body has read and left on the Node request, by patchNode': onKoa(koaBody({ patchNode: true })),

  'multer has left alone, for its type': onExpress(multer().any()),
  'express-fileupload has left alone, for its type': onExpress(upload()),
  'busboy has refused, for its type': onExpress((request, _response, following) => {
    try {
      request.pipe(busboy({ headers: request.headers }));
    } catch {
      // As an application does that takes files from some requests.
    }
    following();
  }),
  'formidable has read': onExpress(async (request, _response, following) => {
    await formidable()
      .parse(request)
      .catch(() => {});
    following();
  }),
  'formidable has read and the application left as request.body': onExpress(async (request, _response, following) => {
    [request.body] = await formidable()
      .parse(request)
      .catch(() => [{}]);
    following();
  }),
  'formidable has begun to read': onExpress(async (request, _response, following) => {
    const form = formidable();
    await new Promise((resolve) => {
      form.on('progress', (received) => received > 0 && resolve());
      // Without a body there is no progress.
      form.parse(request, () => resolve());
    });
    following();
  }),
  'raw-body has read and the application left as request.rawBody': onExpress(async (request, _response, following) => {
    request.rawBody = await rawBody(request);
    following();
  }),
  'raw-body reads as well': onExpress((request, _response, following) => {
    rawBody(request, () => {});
    following();
  }),

  'fastify-raw-body has been registered for': onFastify((host) => host.register(fastifyRawBody)),
  '@fastify/multipart has been registered for': onFastify((host) =>
    host.register(multipart, { attachFieldsToBody: true }),
  ),
  'express.json() has read through @fastify/middie': onFastify(async (host) => {
    await host.register(middie);
    host.use(express.json());
  }),

  'the parser of NestJS has read on Express': onNest(),
  'the parser of NestJS has read on Express, with rawBody': onNest({ rawBody: true }),
  'NestJS has a parser for on Fastify': onNestFastify(),
  'NestJS has a parser for on Fastify, with rawBody': onNestFastify({ rawBody: true }),

  'the parser of the pages of Next.js has read': onNext,
};
