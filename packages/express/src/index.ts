import { VortexError, type VortexMountOptions, type VortexUser, type WebhookMountOptions } from '@vortex/core';
import {
  abortedOnClose,
  createRoutes,
  createWebhookEndpoint,
  MAX_WEBHOOK_BYTES,
  malformedTarget,
  nodeBody,
  printable,
  requireOptionsOnly,
  sendableHeaders,
  type VortexReply,
} from '@vortex/core/adapter';
import {
  type ErrorRequestHandler,
  type IRoute,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';

/**
 * Creates a router with the Vortex routes, for Express 4.21 or later, and 5. Mount it at any path, before or after
 * `express.json()`. Hooks get the Express `Request`.
 *
 * @example
 * app.use('/api/vortex', vortexRouter({ apiKey, authenticateUser, authorizeOperation }));
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexRouter<User extends VortexUser>(
  options: VortexMountOptions<User, Request>,
  // Refuses `app.use(path, vortexRouter)`, which Express's types would take for an error handler. The compiler quotes it.
  _uncalled?: 'pass vortexRouter(options) and not vortexRouter',
): Router;
export function vortexRouter(options: VortexMountOptions<VortexUser, Request>, ...further: unknown[]): Router {
  requireOptionsOnly('vortexRouter', further, "app.use('/api/vortex', vortexRouter(options))");
  const router = Router({ caseSensitive: true, strict: true, mergeParams: true });
  const enter: RequestHandler = Reflect.get(router, 'handle');
  // Before all layers, since Express matches a request against each. A mistake is handed on here, too: Express finds no path in
  // the instance of Fastify, and would call `next` as if all were well. Writable, since agents such as New Relic wrap it.
  Object.defineProperty(router, 'handle', {
    configurable: true,
    writable: true,
    value: (request: Request, response: Response, next: NextFunction) => {
      if (!isRequest(request)) next(registered('vortexRouter', 'vortexPlugin'));
      else if (isOffMount(request)) next();
      else if (isCutShort(request)) next(cutShort(request));
      else enter.call(router, request, response, next);
    },
  });

  const routes = new Map<string, IRoute>();
  for (const { path, methods, maxBodyBytes, handle } of createRoutes(options)) {
    const route = routes.get(path) ?? router.route(path);
    routes.set(path, route);
    const handler: RequestHandler = (request: ParsedRequest, response, next) => {
      handle({
        url: request.baseUrl + request.url,
        header: (name) => headerOf(request, name),
        body: nodeBody(request, maxBodyBytes, () => {
          const body = parsedBodyOf(request);
          return body === undefined ? request.rawBody : body;
        }),
        signal: () => abortedOnClose(response),
        context: request,
        keeping: KEEPING,
      })
        .then((reply) => send(response, reply))
        .catch(next);
    };
    for (const method of methods) route[lowerCase(method)](handler);
  }
  // Express cannot decode a parameter such as `%zz`, and passes the error on to the application.
  const answerMalformed: ErrorRequestHandler = (error, _, response, next) => {
    if (error instanceof URIError) send(response, malformedTarget());
    else next(error);
  };
  router.use(answerMalformed);
  return router;
}

const KEEPING =
  'keep the bytes: express.json({ verify: (req, _res, bytes) => Object.assign(req, { rawBody: bytes }) })';

/** Named so that an exported handler needs no type annotation (TS2742). */
export interface VortexWebhookHandler extends RequestHandler {
  /** Resolves once no handler is running. Await it before the store is closed at shutdown. */
  idle(): Promise<void>;
}

/**
 * Creates a handler that receives the webhooks of Vortex: verified, and deduplicated by event. Mount it before any body
 * parser, or let the parser keep the raw bytes:
 * `express.json({ verify: (req, _res, bytes) => Object.assign(req, { rawBody: bytes }) })`.
 *
 * @example
 * app.post('/webhooks/vortex', vortexWebhook({ secret, on: { 'invitation.accepted': (event) => … } }));
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexWebhook<Tx = undefined>(
  options: WebhookMountOptions<Request, Tx>,
  _uncalled?: 'pass vortexWebhook(options) and not vortexWebhook',
): VortexWebhookHandler;
export function vortexWebhook(options: WebhookMountOptions<Request>, ...further: unknown[]): VortexWebhookHandler {
  requireOptionsOnly('vortexWebhook', further, "app.post('/webhooks/vortex', vortexWebhook(options))");
  const receive = createWebhookEndpoint(options);
  const handler: RequestHandler = (request: ParsedRequest, response, next) => {
    if (!isRequest(request)) return next(registered('vortexWebhook', 'vortexWebhookPlugin'));
    receive({
      method: request.method,
      header: (name) => request.headers[name]?.toString(),
      body: nodeBody(request, MAX_WEBHOOK_BYTES, () => request.rawBody ?? parsedBodyOf(request)),
      context: request,
      keeping: KEEPING,
    })
      .then((reply) => send(response, reply))
      .catch(next);
  };
  return Object.assign(handler, { idle: receive.idle });
}

/** False if Fastify has called a function of ours as a plugin, with its instance. */
function isRequest(request: Request | object): boolean {
  return 'url' in request;
}

function registered(ours: string, theirs: string): VortexError {
  return new VortexError('CONFIG', `${ours} is for Express. On Fastify, register ${theirs} of @vortex/fastify.`);
}

/** True for a second slash after the mount path. Express 4 takes it for part of that path. */
function isOffMount({ url, originalUrl = url, baseUrl = '' }: Request): boolean {
  return originalUrl.replace(/^https?:\/\/[^/]*/iu, '').startsWith(`${baseUrl}//`);
}

/**
 * True if a wildcard in the mount path has matched the path of a route, which the router then does not see. A mount path may
 * itself end with `/invitations`, where the application has a page of its own.
 */
function isCutShort({ method, url, originalUrl = url, params }: Request): boolean {
  if (!/^\/(?:\?|$)/u.test(url)) return false;
  const name = /^[^?]*\/(jwt|invitations)(?:\?|$)/u.exec(originalUrl)?.[1];
  return name !== undefined && ((name === 'jwt' && method === 'POST') || isEndOfWildcard(name, params));
}

/** The value of a wildcard is a list on Express 5, and text under a number on Express 4. */
function isEndOfWildcard(segment: string, params: Readonly<Record<string, string | string[]>> = {}): boolean {
  return Object.entries(params).some(([name, value]) => {
    const segments = Array.isArray(value) ? value : /^\d+$/u.test(name) ? value.split('/') : [];
    return segments.at(-1) === segment;
  });
}

function cutShort({ originalUrl }: Request): VortexError {
  const [path] = originalUrl.split('?');
  return new VortexError(
    'CONFIG',
    `vortexRouter got ${printable(path)} as "/", because its mount path has a wildcard. Mount it without: app.use('/api/vortex', router), or consumer.apply(router).forRoutes('api/vortex') on NestJS with Express. On NestJS with Fastify, register vortexPlugin of @vortex/fastify.`,
  );
}

/** A request, with what the parsers of the host have left on it. */
type ParsedRequest = Request & { readonly rawBody?: unknown; readonly _body?: boolean };

const isExpress4 = 'use' in Router;

/**
 * The body that a parser of the host has kept. On Express 4, `body` is `{}` also after a parser that has read nothing, since
 * the body was not of its type. That parser sets `_body` once it reads.
 */
function parsedBodyOf({ body, _body, headers }: ParsedRequest): unknown {
  const isEmptyObject = body?.constructor === Object && Object.keys(body).length === 0;
  if (!isEmptyObject || _body) return body;
  const length = headers['content-length'];
  // No object with a member is shorter than `{"":0}`.
  const isSent = length === undefined ? !isExpress4 : Number(length) < 6;
  return isSent ? body : undefined;
}

/** With HTTP/2 the host is a pseudo-header. */
function headerOf({ headers }: Request, name: string): string | undefined {
  return (headers[name] ?? (name === 'host' ? headers[':authority'] : undefined))?.toString();
}

function lowerCase<Method extends string>(method: Method): Lowercase<Method> {
  return method.toLowerCase() as Lowercase<Method>;
}

function send(response: Response, { status, headers, body }: VortexReply): void {
  // A hook may have sent a reply, such as a redirect, and a timeout of the host may have been faster.
  if (response.headersSent) return;
  // `response.send` would add an ETag and answer conditional requests with an empty 304.
  response.statusCode = status;
  for (const [name, value] of Object.entries(sendableHeaders(response, headers))) response.setHeader(name, value);
  response.end(body);
}
