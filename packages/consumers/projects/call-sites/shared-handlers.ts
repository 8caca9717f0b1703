/** Handlers of webhooks, written once and used on three frameworks, with and without a transaction. */
import { VortexWebhooks, type WebhookHandlerMap, type WebhookHandlers } from '@vortex/core';
import { transactionalStore } from '@vortex/core/sql';
import { vortexWebhook } from '@vortex/express';
import { vortexWebhookPlugin } from '@vortex/fastify';
import { vortexWebhookHandler } from '@vortex/hono';

export const on: WebhookHandlerMap = {
  'invitation.accepted': (event) => console.log(event.data.targetEmail),
  'group.member.added': async ({ data }) => console.log(data.scopeName),
};

export const handlers: WebhookHandlers = {
  on,
  onEvent: ({ type }) => console.log(type),
  onAnalyticsEvent: ({ name }) => console.log(name),
  onError: (error) => console.error(error),
};

const secret = process.env.VORTEX_WEBHOOK_SECRET;
const { onError: _, ...mounted } = handlers;

export const mounts = [
  vortexWebhook({ secret, on }),
  vortexWebhook({ secret, ...mounted }),
  vortexWebhookPlugin({ secret, on }),
  vortexWebhookPlugin({ secret, ...mounted }),
  vortexWebhookHandler({ secret, on }),
  vortexWebhookHandler({ secret, ...mounted }),
];

/** The transaction of a database. */
interface Transaction {
  insert: (id: string) => Promise<boolean>;
}
declare function begin<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
const store = transactionalStore({ transaction: (work) => begin(work), mark: (tx: Transaction, id) => tx.insert(id) });

export const inTransaction = vortexWebhook({ secret, store, on });

export async function work(body: string, signature: string): Promise<void> {
  const webhooks = new VortexWebhooks({ secret });
  await webhooks.handleEvent(await webhooks.constructEvent(body, signature), { ...handlers, on });
}
