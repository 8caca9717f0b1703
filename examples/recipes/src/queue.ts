/** Answers a webhook once it is in a queue, and handles it in a worker, for handlers that take minutes. */
import { VortexWebhooks, type WebhookEvent, type WebhookStore } from '@vortex/core';
import { vortexWebhook } from '@vortex/express';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

/** Mounted by the web server. Adding a job again does no harm, since the worker handles each event once. */
export function receiver(connection: Redis) {
  const queue = new Queue<WebhookEvent>('vortex', { connection });
  const options = { attempts: 10, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: 1000 };
  const handler = vortexWebhook({
    secret: process.env.VORTEX_WEBHOOK_SECRET,
    onEvent: (event) => queue.add(event.type, event, options),
  });
  return { handler, close: () => queue.close() };
}

/** Runs in a process of its own. A job fails while another worker handles its event, and is tried again. */
export function worker(connection: Redis, store: WebhookStore, handle: (event: WebhookEvent) => Promise<void>) {
  const webhooks = new VortexWebhooks({ secret: process.env.VORTEX_WEBHOOK_SECRET, store });
  return new Worker<WebhookEvent>('vortex', ({ data }) => webhooks.handleEvent(data, { onEvent: handle }), {
    connection,
  });
}
