/** Serves the handlers of next.ts as Next.js calls them: by the method of the request. */
import { serve } from '@hono/node-server';
import { DELETE, GET, POST } from '../dist/next.js';

const handlers = new Map(Object.entries({ DELETE, GET, POST }));

serve({
  fetch: (request) => handlers.get(request.method)?.(request) ?? new Response(null, { status: 405 }),
  port: Number(process.env.PORT),
});
