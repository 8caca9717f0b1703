/** Answers a webhook as soon as it is queued, and handles it in a worker, for handlers that take minutes. */
import { VortexWebhooks, type WebhookEvent, type WebhookStore } from '@vortex/core';
import { vortexWebhook } from '@vortex/express';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

/** Mounted by the web server. An event that two web servers receive becomes two jobs. The worker's store lets one through. */
export function receiver(connection: Redis) {
  const queue = new Queue<WebhookEvent>('vortex', { connection });
  // The retries come after 1 s, 2 s, 4 s and so on, the last one 9 hours after the first attempt.
  const options = { attempts: 16, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: 1000 };
  const handler = vortexWebhook({
    secret: process.env.VORTEX_WEBHOOK_SECRET,
    onEvent: (event) => queue.add(event.type, event, options),
  });
  return { handler, close: () => queue.close() };
}

/**
 * Runs in a process of its own. If another worker is handling the same event, the job fails and is retried.
 *
 * @param connection a client with `maxRetriesPerRequest: null`. BullMQ throws for one with ioredis's default, 20
 */
export function worker(connection: Redis, store: WebhookStore, handle: (event: WebhookEvent) => Promise<void>) {
  // `secret` is required, although `handleEvent` verifies nothing: the web server has verified the event.
  const webhooks = new VortexWebhooks({ secret: process.env.VORTEX_WEBHOOK_SECRET, store });
  return new Worker<WebhookEvent>('vortex', ({ data }) => webhooks.handleEvent(data, { onEvent: handle }), {
    connection,
  });
}
