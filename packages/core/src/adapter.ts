/**
 * What an adapter is built of: it mounts `pathsOf` the options, makes a `VortexRequest` or a `WebhookRequest`, and sends the
 * `VortexReply`.
 */
export type { FoundBody } from './body.js';
export { createDispatch, type VortexRequest } from './dispatch.js';
export { operationId, schemasOf } from './json-schema.js';
export { logTo } from './log.js';
export type { GivenOf, RouteOf } from './operations.js';
export type { VortexReply } from './reply.js';
export { METHODS, type Path, pathsOf } from './routes.js';
export {
  abortedOnClose,
  type NodeResponse,
  type NodeStream,
  readAll,
  readNodeBody,
  TooLargeError,
} from './stream.js';
export type { CallSignal } from './transport.js';
export { createWebhookEndpoint, type ReceiveWebhook, type WebhookRequest } from './webhook-endpoint.js';
