/**
 * What an adapter is built of: it mounts `pathsOf` the options, makes a `VortexRequest` or a `WebhookRequest`, and sends the
 * `VortexReply`.
 */

export type { CallSignal } from './api/transport.js';
export type { FoundBody } from './http/body.js';
export {
  abortedOnClose,
  type NodeResponse,
  type NodeStream,
  readAll,
  readNodeBody,
  TooLargeError,
} from './http/node.js';
export type { VortexReply } from './http/reply.js';
export { logTo } from './lib/log.js';
export { createDispatch, type VortexRequest } from './routes/dispatch.js';
export { operationId, schemasOf } from './routes/json-schema.js';
export type { GivenOf, RouteOf } from './routes/operations.js';
export { METHODS, type Path, pathsOf } from './routes/paths.js';
export { createWebhookEndpoint, type ReceiveWebhook, type WebhookRequest } from './webhooks/endpoint.js';
