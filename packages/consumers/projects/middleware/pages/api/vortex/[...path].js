/** The routes as the program of Next.js has them, without its `bodyParser: false`. */
import { getRequestListener } from '@hono/node-server';
import { vortexHandler } from '@vortex/hono';

const handler = (request, response) => {
  const vortex = vortexHandler({ basePath: '/api/vortex', ...globalThis.mounts.routes });
  return getRequestListener(vortex, { overrideGlobalObjects: false })(request, response);
};
export default handler;
