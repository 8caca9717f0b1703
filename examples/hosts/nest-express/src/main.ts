import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { authorizeOperation, findUser, on } from '../../your-app.js';

@Module({})
class AppModule {}

const app = await NestFactory.create<NestExpressApplication>(AppModule);

const vortex = vortexRouter({
  apiKey: process.env.VORTEX_API_KEY,
  authenticateUser: (req) => findUser(req.get('x-user')), // stands in for your session
  authorizeOperation,
});
app.use('/api/vortex', vortex);
app.use('/webhooks/vortex', vortexWebhook({ secret: process.env.VORTEX_WEBHOOK_SECRET, on }));

await app.listen(process.env.PORT ?? 3000);
