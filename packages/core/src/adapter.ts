/** What an adapter is built of: it mounts `paths`, makes a `VortexRequest`, and sends the `VortexReply`. */
export type { FoundBody } from './body.js';
export {
  createDispatch,
  type Dispatch,
  type Log,
  type VortexReply,
  type VortexRequest,
} from './dispatch.js';
export { type Path, paths } from './routes.js';
export { readAll, TooLargeError } from './stream.js';
