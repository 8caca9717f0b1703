import { webhookOptions } from '@vortex/conformance/application';
import { runProgram } from '@vortex/conformance/program';
import { redisStore } from '@vortex/core/redis';
import { vortexWebhook } from '@vortex/express';
import express from 'express';
import { Redis } from 'ioredis';
import { listen } from './server.ts';

await runProgram(async ({ webhook }) => {
  if (!webhook?.redis) throw new Error('settings.webhook.redis is missing');
  const { redis, ...options } = webhook;
  const app = express();
  app.post('/webhooks/vortex', vortexWebhook({ ...webhookOptions(options), store: redisStore(new Redis(redis)) }));
  return listen(app);
});
