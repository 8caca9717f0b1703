import type { VortexOptions, VortexUser, VortexWebhookOptions } from '@vortex/core';
import {
  abortedOnClose,
  createDispatch,
  createWebhookEndpoint,
  pathsOf,
  readNodeBody,
  type VortexReply,
} from '@vortex/core/adapter';
import { type Request, type RequestHandler, type Response, Router } from 'express';

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
  router.use((request, _, next) => {
    const { originalUrl, baseUrl } = request;
    next(originalUrl.replace(/^https?:\/\/[^/]*/iu, '').startsWith(`${baseUrl}//`) ? 'router' : undefined);
  });

  for (const { path, find } of pathsOf(options)) {
    router.all(path, (request, response, next) => {
      const found = find(request.method);
      if (found === undefined) return next();
      if (typeof found === 'function') return send(response, found(request.originalUrl));
      dispatch({
        operation: found,
        path,
        url: request.url,
        // Not whether there is a `request.body`: Express 4's parsers leave `{}` where they did not look.
        readBody: async (limit) => (request.readableDidRead ? { parsed: request.body } : readNodeBody(request, limit)),
        header: (name) => request.headers[name]?.toString(),
        signal: () => abortedOnClose(response),
        context: request,
      })
        .then((reply) => send(response, reply))
        .catch(next);
    });
  }
  return router;
}

/** By a name of its own: the type of a handler that you export would else have to be written out. */
export interface VortexWebhook extends RequestHandler {}

/**
 * Receives the webhooks of Vortex: verified, each event handled once. Mount it before any body parser, or have that keep
 * the raw bytes: `express.json({ verify: (req, _res, bytes) => Object.assign(req, { rawBody: bytes }) })`.
 *
 * @example
 * app.post('/webhooks/vortex', vortexWebhook({ secret, on: { 'invitation.accepted': (event) => … } }));
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexWebhook(options: VortexWebhookOptions<Request>): VortexWebhook {
  const receive = createWebhookEndpoint(options);
  return (request, response, next) => {
    const { rawBody } = request as { rawBody?: unknown };
    receive({
      method: request.method,
      header: (name) => request.headers[name]?.toString(),
      readBody: async (limit) =>
        request.readableDidRead ? { parsed: rawBody ?? request.body } : readNodeBody(request, limit),
      context: request,
    })
      .then((reply) => send(response, reply))
      .catch(next);
  };
}

function send(response: Response, { status, headers, body }: VortexReply): void {
  // A hook may have answered by itself, a redirect say, and a timeout of the host's may have been faster.
  if (response.headersSent) return;
  // Not `response.send`: it would add an ETag and answer conditional requests with an empty 304.
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
