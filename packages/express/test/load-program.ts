import { createServer } from 'node:http';
import { drain, loadOptions, runLoadProgram } from '@vortex/conformance/load-program';
import { vortexRouter } from '@vortex/express';
import express, { type Request } from 'express';

await runLoadProgram(async (client, port) => {
  const app = express();
  const options = loadOptions<Request>(client, (request, name) => request.get(name));
  app.use('/api/vortex', vortexRouter(options));

  const server = createServer(app);
  const close = drain(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, close };
});
