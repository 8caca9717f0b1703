import { drain, loadOptions, runLoadProgram } from '@vortex/conformance/load-program';
import { vortexPlugin } from '@vortex/fastify';
import fastify, { type FastifyRequest } from 'fastify';

await runLoadProgram(async (client, port) => {
  // Open connections are served to the end. By default their requests would get a 503.
  const app = fastify({ return503OnClosing: false });
  const options = loadOptions<FastifyRequest>(client, (request, name) => request.headers[name]?.toString());
  await app.register(vortexPlugin(options), { prefix: '/api/vortex' });

  const close = drain(app.server, () => app.close());
  await app.listen({ host: '127.0.0.1', port });
  return { server: app.server, close };
});
