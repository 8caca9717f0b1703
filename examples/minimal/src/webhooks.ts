import { redisStore } from '@vortex/core/redis';
import { vortexWebhook } from '@vortex/express';
import express from 'express';
import { Redis } from 'ioredis';
import { addMember } from './your-app.js';

const app = express();

// Before express.json(): what is signed is the bytes.
app.post(
  '/webhooks/vortex',
  vortexWebhook({
    secret: process.env.VORTEX_WEBHOOK_SECRET, // a list while you replace it
    on: {
      // Typed by the event's name; a misspelt one does not compile.
      'group.member.added': async ({ data: { scopeType, scope, user } }) => {
        if (scopeType === 'team' && scope && user?.email) await addMember(scope, user.email);
      },
    },
    store: redisStore(new Redis(process.env.REDIS_URL ?? '')), // for several processes; default: in memory
  }),
);

app.listen(process.env.PORT ?? 3000);
