import type { VortexOptions, VortexUser } from '@vortex/core';
import { abortedOnClose, createDispatch, type Log, paths, readAll, type VortexReply } from '@vortex/core/adapter';
import { type Request, type Response, Router } from 'express';

/**
 * The Vortex routes as a router for Express 4.21 and later, and 5, to be mounted at any path, before or after
 * `express.json()`. Hooks get the Express `Request`.
 *
 * @example
 * app.use('/api/vortex', vortexRouter({ apiKey, authenticateUser, authorizeOperation }));
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexRouter<User extends VortexUser>(options: VortexOptions<Request, User>): Router {
  const dispatch = createDispatch(options);
  const router = Router({ caseSensitive: true, strict: true });

  // Express 4 takes a second slash for part of the mount path.
  router.use((request, _, next) => next(request.originalUrl.startsWith(`${request.baseUrl}//`) ? 'router' : undefined));

  for (const { path, find } of paths) {
    router.all(path, async (request, response, next) => {
      const found = find(request.method);
      if (found === undefined) return next();
      if (typeof found !== 'string') return send(response, found);
      const reply = await dispatch({
        operation: found,
        params: request.params as Record<string, string>,
        url: request.url,
        // Not whether there is a `request.body`: Express 4's parsers leave `{}` where they did not look.
        readBody: async (limit) => (request.readableDidRead ? { parsed: request.body } : readAll(request, limit)),
        header: (name) => request.headers[name]?.toString(),
        signal: abortedOnClose(response),
        log,
        context: request,
      });
      send(response, reply);
    });
  }
  return router;
}

function send(response: Response, { status, headers, body }: VortexReply): void {
  // Not `response.send`: it would add an ETag and answer conditional requests with an empty 304.
  response.status(status).set(headers).end(body);
}

const log: Log = (level, message, error) => console[level](message, ...(error === undefined ? [] : [error]));
