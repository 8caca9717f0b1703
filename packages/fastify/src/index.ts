import type { VortexOptions, VortexUser } from '@vortex/core';
import {
  abortedOnClose,
  createDispatch,
  type Log,
  METHODS,
  type NodeStream,
  type Path,
  paths,
  readNodeBody,
  schemasOf,
  type VortexReply,
} from '@vortex/core/adapter';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';

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
    // Bodies stay unread until somebody has been authenticated, and an empty one is none whatever its content type says.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));

    for (const { path, find } of paths) {
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
            if (typeof found !== 'string') return send(reply, found);
            const answer = await dispatch({
              operation: found,
              path,
              url: request.url,
              readBody: (limit) => readNodeBody(request.body as NodeStream | undefined, limit),
              // By HTTP/2 the host is a pseudo-header, and behind a trusted proxy the one that it was asked for.
              header: (name) => (name === 'host' ? request.host : request.headers[name]?.toString()),
              signal: abortedOnClose(reply.raw),
              log: logTo(request),
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

function describe(
  path: string,
  method: string,
  found: ReturnType<Path['find']>,
): FastifySchema & Record<string, unknown> {
  if (typeof found !== 'string' || method === 'HEAD') return { hide: true };
  return { operationId: `${found} ${path}`, tags: ['Vortex'], ...schemasOf(path, found) };
}

function send(reply: FastifyReply, { status, headers, body }: VortexReply): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

function logTo(request: FastifyRequest): Log {
  return (level, message, error) => request.log[level]({ err: error }, message);
}
