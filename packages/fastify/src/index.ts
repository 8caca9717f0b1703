import { VortexError, type VortexMountOptions, type VortexUser, type WebhookMountOptions } from '@vortex/core';
import {
  abortedOnClose,
  announcesBody,
  type Body,
  createRoutes,
  createWebhookEndpoint,
  logTo,
  MAX_WEBHOOK_BYTES,
  METHODS,
  type Method,
  type NodeStream,
  nodeBody,
  operationId,
  requireOptionsOnly,
  schemasOf,
  sendableHeaders,
  type VortexReply,
  type VortexRoute,
} from '@vortex/core/adapter';
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';

/**
 * Creates an encapsulated plugin with the Vortex routes, for Fastify 5. Its parsers do not affect those of the application.
 * Hooks get the `FastifyRequest`; failures are logged to `request.log`.
 *
 * @example
 * await app.register(vortexPlugin({ apiKey, authenticateUser, authorizeOperation }), { prefix: '/api/vortex' });
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexPlugin<User extends VortexUser>(
  options: VortexMountOptions<User, FastifyRequest>,
): FastifyPluginCallback;
export function vortexPlugin(
  options: VortexMountOptions<VortexUser, FastifyRequest>,
  ...further: unknown[]
): FastifyPluginCallback {
  const mounting = "app.register(vortexPlugin(options), { prefix: '/api/vortex' })";
  if (reportUncalledPlugin('vortexPlugin', further, mounting)) return () => {};
  const routes = createRoutes(options);

  return function vortex(parent, _, done) {
    if (!isInstance(parent)) return refuseCall(done, 'vortexPlugin', mounting, 'vortexRouter');
    // Encapsulated also for a host that has registered this plugin in its own context, as fastify-plugin does.
    parent.register(async (app) => {
      keepBodiesRaw(app, Math.max(...routes.map(({ maxBodyBytes }) => maxBodyBytes)));
      const schemaOf = app.hasDecorator('swagger') ? await describe(routes) : hidden;
      mount(app, routes, schemaOf);
    });
    done();
  };
}

type Route = VortexRoute<FastifyRequest>;
type SchemaOf = (route: Route, method: Method) => FastifySchema & Record<string, unknown>;

function mount(app: FastifyInstance, routes: readonly Route[], schemaOf: SchemaOf): void {
  for (const route of routes) {
    for (const method of route.methods) {
      app.route({
        method,
        url: route.path,
        exposeHeadRoute: false,
        schema: schemaOf(route, method),
        // Our schemas are JSON Schema, whatever the host has for its own.
        config: { swaggerTransform: false },
        // Core validates the input, so that all frameworks behave alike.
        validatorCompiler: () => () => true,
        handler: async (request, reply) => {
          const answer = await route.handle({
            url: request.url,
            // With HTTP/2 the host is a pseudo-header; behind a trusted proxy it is the forwarded one.
            header: (name) => (name === 'host' ? request.host : request.headers[name]?.toString()),
            body: readerOf(request, route.maxBodyBytes),
            signal: () => abortedOnClose(reply.raw),
            log: logTo(request.log),
            context: request,
            keeping: KEEPING,
          });
          return send(reply, answer);
        },
      });
    }
  }
}

const KEEPING = 'let the hook that reads it keep the bytes as request.rawBody';

/**
 * Creates an encapsulated plugin that receives the webhooks of Vortex: verified over the raw bytes, and deduplicated by
 * event, whatever parsers the application has.
 *
 * @example
 * await app.register(vortexWebhookPlugin({ secret, on: { … } }), { prefix: '/webhooks/vortex' });
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexWebhookPlugin<Tx = undefined>(
  options: WebhookMountOptions<FastifyRequest, Tx>,
): FastifyPluginCallback;
export function vortexWebhookPlugin(
  options: WebhookMountOptions<FastifyRequest>,
  ...further: unknown[]
): FastifyPluginCallback {
  const mounting = "app.register(vortexWebhookPlugin(options), { prefix: '/webhooks/vortex' })";
  if (reportUncalledPlugin('vortexWebhookPlugin', further, mounting)) return () => {};
  const receive = createWebhookEndpoint(options);

  return function vortexWebhook(parent, _, done) {
    if (!isInstance(parent)) return refuseCall(done, 'vortexWebhookPlugin', mounting, 'vortexWebhook');
    parent.register(async (app) => {
      keepBodiesRaw(app, MAX_WEBHOOK_BYTES);
      // `app.close()` waits for handlers that go on after their reply.
      app.addHook('onClose', () => receive.idle());
      app.route({
        method: [...METHODS],
        url: '/',
        exposeHeadRoute: false,
        schema: hidden(),
        handler: async (request, reply) => {
          const answered = await receive({
            method: request.method,
            header: (name) => request.headers[name]?.toString(),
            body: readerOf(request, MAX_WEBHOOK_BYTES),
            log: logTo(request.log),
            context: request,
            keeping: KEEPING,
          });
          return send(reply, answered);
        },
      });
    });
    done();
  };
}

/**
 * Reports to Fastify that it has called the function as a plugin, and not the application with its options. Fastify does not
 * catch errors that a plugin throws.
 *
 * @returns true if it has
 * @throws VortexError `CONFIG` for other arguments than the options
 */
function reportUncalledPlugin(name: string, further: readonly unknown[], mounting: string): boolean {
  try {
    requireOptionsOnly(name, further, mounting);
    return false;
  } catch (error) {
    const done = further.at(-1);
    if (typeof done !== 'function') throw error;
    done(error);
    return true;
  }
}

/** False if Express, or NestJS, has called a plugin as middleware, with a request. */
function isInstance(app: FastifyInstance | object): boolean {
  return 'route' in app && 'register' in app;
}

/** @param done `next` of middleware; undefined if the plugin was called as the handler of a route */
function refuseCall(done: ((error: Error) => void) | undefined, ours: string, mounting: string, theirs: string): void {
  const error = new VortexError(
    'CONFIG',
    `${ours} is a plugin of Fastify, and was called as ${done ? 'middleware' : 'a handler'}. Register it: ${mounting}. On Express, use ${theirs} of @vortex/express.`,
  );
  if (!done) throw error;
  done(error);
}

/**
 * Keeps the raw bytes of a body, and defers parsing them until after authentication. An empty body needs no content type.
 */
function keepBodiesRaw(app: FastifyInstance, maxBytes: number): void {
  app.decorateRequest(READER, undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: KeptRequest, payload, parsed) => {
    request[READER] = readerFor(request, payload as NodeStream, maxBytes);
    parsed(null, undefined);
  });
  // Fastify would refuse a malformed type before authentication. Ours is refused after it, in our own form.
  app.addHook('onRequest', (request, _reply, next) => {
    const type = request.headers['content-type'];
    // Fastify adds assigned headers to those of the request.
    if (type !== undefined && !MEDIA_TYPE.test(type)) request.headers = { 'content-type': 'application/octet-stream' };
    next();
  });
}

const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/u;

/** Not `body`, which hooks of the host may read and replace. A `WeakMap` in its place makes a webhook cost 19 % more CPU time. */
const READER = Symbol('reader of the body');

type KeptRequest = FastifyRequest & { [READER]?: () => Promise<Body>; rawBody?: unknown };

/**
 * Fastify calls no parser for a GET, nor for a request that has neither a content type nor a header that announces a body, as
 * with HTTP/2.
 */
function readerOf(request: KeptRequest, maxBytes: number): () => Promise<Body> {
  const raw: NodeStream = request.raw;
  return request[READER] ?? (announcesBody(raw) ? readerFor(request, raw, maxBytes) : NO_BODY);
}

function readerFor(request: KeptRequest, payload: NodeStream, maxBytes: number): () => Promise<Body> {
  // A hook of the host, or a serverless platform, may have consumed the payload and kept its bytes.
  const raw: { rawBody?: unknown; body?: unknown } & typeof request.raw = request.raw;
  return nodeBody(payload, maxBytes, () => request.rawBody ?? raw.rawBody ?? raw.body);
}

const NO_BODY = async (): Promise<Body> => ({ kind: 'empty' });

/** Describes the routes for @fastify/swagger. */
async function describe(routes: readonly Route[]): Promise<SchemaOf> {
  const inputs = new Map(
    await Promise.all(
      routes.map(async (route) => {
        const input = route.operation && (await schemasOf(route.path, route.operation));
        return [route, input] as const;
      }),
    ),
  );
  return (route, method) => {
    const { operation, path } = route;
    if (operation === undefined || method === 'HEAD') return hidden();
    return { operationId: operationId(operation, `${method} ${path}`), tags: ['Vortex'], ...inputs.get(route) };
  };
}

/** Keeps a route out of the documentation that @fastify/swagger builds. */
function hidden(): FastifySchema & Record<string, unknown> {
  // A new object for each route: an `onRoute` hook of the host may add to it.
  return { hide: true };
}

const asIs = (payload: unknown) => payload as string;

function send(reply: FastifyReply, { status, headers, body }: VortexReply): FastifyReply {
  // The body is text already: a serializer that the host has set must not encode it once more.
  reply.serializer(asIs).code(status).headers(sendableHeaders(reply.raw, headers));
  const { stream } = reply.raw as { stream?: { close(): void; once(event: 'finish', listener: () => void): void } };
  if (stream && !reply.request.raw.readableEnded) {
    // A stream of HTTP/2 whose body is being read stays open, with its bytes, until the caller ends it.
    stream.once('finish', () => stream.close());
  }
  return reply.send(body);
}
