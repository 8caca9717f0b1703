/** What an adapter is built of: it mounts `pathsOf` the options, makes a `VortexRequest` or a `WebhookRequest`, and sends the `VortexReply`. */
export type { FoundBody } from './body.js';
export { createDispatch, type Dispatch, type VortexRequest } from './dispatch.js';
export { type JsonSchema, type RouteSchemas, schemasOf } from './json-schema.js';
export { type Log, logTo, logToConsole } from './log.js';
export type { GivenOf, OperationName, ResultOf, RouteOf } from './operations.js';
export type { VortexReply } from './reply.js';
export { METHODS, type Path, pathsOf } from './routes.js';
export {
  abortedOnClose,
  type CallSignal,
  type NodeResponse,
  type NodeStream,
  readAll,
  readNodeBody,
  TooLargeError,
} from './stream.js';
export { createWebhookEndpoint, type ReceiveWebhook, type WebhookRequest } from './webhook-endpoint.js';
