/**
 * The parts of an adapter: it mounts the `createRoutes` of its options, translates the framework's request into a
 * `VortexRequest` or a `WebhookRequest`, and sends the `VortexReply`.
 */
import './lib/runtime.js';
import type { RouteSchemas } from './routes/json-schema.js';
import type { OperationName } from './routes/operation-types.js';

export { type Body, type BodySource, bodyFromKept } from './http/body.js';
export {
  abortedOnClose,
  announcesBody,
  hasReader,
  type NodeResponse,
  type NodeStream,
  nodeBody,
  readNodeBody,
  sendableHeaders,
} from './http/node.js';
export type { VortexReply } from './http/reply.js';
export { readAll, TooLargeError } from './lib/bytes.js';
export { type Check, type OptionChecks, requireOptions, requireOptionsOnly } from './lib/config.js';
export { logTo, printable, warn } from './lib/log.js';
export type { CallSignal } from './lib/promises.js';
export { createRoutes, malformedTarget, type VortexRequest, type VortexRoute } from './routes/dispatch.js';
export { operationId } from './routes/operation-id.js';
export { METHODS, type Method } from './routes/paths.js';
export {
  createWebhookEndpoint,
  MAX_WEBHOOK_BYTES,
  type ReceiveWebhook,
  type WebhookRequest,
} from './webhooks/endpoint.js';

/** The input of a route as JSON Schema, for documentation. Asynchronous, since it loads zod. */
export async function schemasOf(path: string, operation: OperationName): Promise<RouteSchemas> {
  const { schemasOf } = await import('./routes/json-schema.js');
  return schemasOf(path, operation);
}
