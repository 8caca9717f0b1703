import { redisStore } from '@vortex/core/redis';
import { vortexWebhook } from '@vortex/express';
import express from 'express';
import { Redis } from 'ioredis';
import { addMember } from './your-app.js';

const app = express();

// Mount it before express.json(): the signature covers the raw bytes of the body.
app.post(
  '/webhooks/vortex',
  vortexWebhook({
    secret: process.env.VORTEX_WEBHOOK_SECRET, // pass a list while you rotate it
    on: {
      // The event's type follows from its name. A misspelt name does not compile.
      // Shortened: see the checks in examples/recipes/src/member-added.ts.
      'group.member.added': async ({ data: { scopeType, scope, user } }) => {
        if (scopeType === 'team' && scope && user?.email) await addMember(scope, user.email);
      },
    },
    store: redisStore(new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')), // needed for several processes; default: in memory
  }),
);

app.listen(process.env.PORT ?? 3000);
