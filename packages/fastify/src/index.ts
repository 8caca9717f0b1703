import type { VortexOptions, VortexUser, VortexWebhookOptions } from '@vortex/core';
import {
  abortedOnClose,
  createDispatch,
  createWebhookEndpoint,
  type FoundBody,
  logTo,
  METHODS,
  type NodeStream,
  operationId,
  type Path,
  pathsOf,
  readNodeBody,
  schemasOf,
  type VortexReply,
} from '@vortex/core/adapter';
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';

/**
 * The Vortex routes as an encapsulated plugin for Fastify 5: parsers are its own, and the application's stay what they
 * are. Hooks get the `FastifyRequest`; failures go to `request.log`.
 *
 * @example
 * await app.register(vortexPlugin({ apiKey, authenticateUser, authorizeOperation }), { prefix: '/api/vortex' });
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexPlugin<User extends VortexUser>(
  options: VortexOptions<FastifyRequest, User>,
): FastifyPluginCallback {
  const dispatch = createDispatch(options);

  return function vortex(app, _, done) {
    leaveBodiesUnread(app);

    for (const { path, find } of pathsOf(options)) {
      for (const method of METHODS) {
        const found = find(method);
        if (found === undefined) continue;
        app.route({
          method,
          url: path,
          exposeHeadRoute: false,
          // For @fastify/swagger to show; what a request holds is checked in core, alike on every framework.
          schema: describe(path, method, found),
          validatorCompiler: () => () => true,
          handler: async (request, reply) => {
            if (typeof found === 'function') return send(reply, found(request.url));
            const answer = await dispatch({
              operation: found,
              path,
              url: request.url,
              readBody: (limit) => readBody(request, limit),
              // By HTTP/2 the host is a pseudo-header, and behind a trusted proxy the one that it was asked for.
              header: (name) => (name === 'host' ? request.host : request.headers[name]?.toString()),
              signal: () => abortedOnClose(reply.raw),
              log: logTo(request.log),
              context: request,
            });
            return send(reply, answer);
          },
        });
      }
    }
    done();
  };
}

/**
 * Receives the webhooks of Vortex as an encapsulated plugin: verified over the raw bytes, each event handled once, whatever
 * parsers the application has.
 *
 * @example
 * await app.register(vortexWebhookPlugin({ secret, on: { … } }), { prefix: '/webhooks/vortex' });
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexWebhookPlugin(options: VortexWebhookOptions<FastifyRequest>): FastifyPluginCallback {
  const receive = createWebhookEndpoint(options);

  return function vortexWebhook(app, _, done) {
    leaveBodiesUnread(app);
    app.route({
      method: [...METHODS],
      url: '/',
      exposeHeadRoute: false,
      schema: { hide: true } as FastifySchema,
      handler: async (request, reply) => {
        const answer = await receive({
          method: request.method,
          header: (name) => request.headers[name]?.toString(),
          readBody: (limit) => readBody(request, limit),
          log: logTo(request.log),
          context: request,
        });
        return send(reply, answer);
      },
    });
    done();
  };
}

/** Until somebody has been authenticated, and as the bytes they are. An empty one is none whatever its content type says. */
function leaveBodiesUnread(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
}

/** A hook of the host's may have been here first, and have kept what it read. */
async function readBody(request: FastifyRequest & { rawBody?: unknown }, limit: number): Promise<FoundBody> {
  const stream = request.body as (NodeStream & { readableDidRead?: boolean; readableEnded?: boolean }) | undefined;
  if (!stream?.readableDidRead) return readNodeBody(stream, limit);
  // It may be reading still.
  if (!stream.readableEnded && !stream.destroyed) await readNodeBody(stream, limit);
  return { parsed: request.rawBody };
}

function describe(
  path: string,
  method: string,
  found: ReturnType<Path['find']>,
): FastifySchema & Record<string, unknown> {
  if (typeof found !== 'string' || method === 'HEAD') return { hide: true };
  return { operationId: operationId(found, `${method} ${path}`), tags: ['Vortex'], ...schemasOf(path, found) };
}

function send(reply: FastifyReply, { status, headers, body }: VortexReply): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
