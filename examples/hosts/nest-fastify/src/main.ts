import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { vortexPlugin, vortexWebhookPlugin } from '@vortex/fastify';
import { authorizeOperation, findUser, on } from '../../your-app.js';

@Module({})
class AppModule {}

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());

const vortex = vortexPlugin({
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (request) => findUser(request.headers['x-user']), // stands in for your session
  authorizeOperation,
});
const webhook = vortexWebhookPlugin({ secret: process.env.VORTEX_WEBHOOK_SECRET, on });
await app.register(vortex, { prefix: '/api/vortex' });
await app.register(webhook, { prefix: '/webhooks/vortex' });

await app.listen(process.env.PORT ?? 3000, '0.0.0.0'); // by default, localhost only
