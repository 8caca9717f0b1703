import { VortexError, type VortexMountOptions, type VortexUser, type WebhookMountOptions } from '@vortex/core';
import {
  abortedOnClose,
  type Body,
  bodyFromKept,
  type CallSignal,
  createRoutes,
  createWebhookEndpoint,
  hasReader,
  MAX_WEBHOOK_BYTES,
  type NodeResponse,
  type NodeStream,
  nodeBody,
  printable,
  readAll,
  readNodeBody,
  requireOptionsOnly,
  sendableHeaders,
  type VortexReply,
  warn,
} from '@vortex/core/adapter';
import { type Context, type Env, type Handler, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { VortexSchema } from './schema.js';

export type { VortexSchema } from './schema.js';

/**
 * Creates a Hono app with the Vortex routes. Mount it by `app.route`, or serve its `.fetch`, which takes a Web `Request`, on
 * Next.js, Bun, Deno and Workers. Hooks get the `Context`; annotate it to type the application's bindings and variables.
 *
 * @example
 * app.route('/api/vortex', vortexApp({
 *   apiKey: (c: Context<AppEnv>) => c.env.VORTEX_API_KEY,
 *   authenticateUser: (c) => c.var.user,
 *   authorizeOperation: { GET_INVITATIONS: (op) => op.self },
 * }));
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexApp<AppEnv extends Env = Env, User extends VortexUser = VortexUser>(
  options: VortexMountOptions<User, Context<AppEnv>>,
): Hono<AppEnv, VortexSchema, '/'>;
export function vortexApp<AppEnv extends Env = Env, User extends VortexUser = VortexUser>(
  options: VortexMountOptions<User, Context<AppEnv>>,
  ...further: unknown[]
): Hono<AppEnv, VortexSchema, '/'> {
  requireOptionsOnly('vortexApp', further, "app.route('/api/vortex', vortexApp(options))");
  const app = new Hono<AppEnv>();

  for (const { path, methods, maxBodyBytes, handle } of createRoutes(options)) {
    app.on([...methods], path, async (c) => {
      const reply = await handle({
        url: c.req.url,
        header: (name) => c.req.header(name) ?? (name === 'host' ? new URL(c.req.url).host : undefined),
        body: bodyReader(c, maxBodyBytes),
        signal: () => signalOf(c),
        waitUntil: waitUntilOf(c),
        context: c,
        keeping: KEEPING,
      });
      return send(c, reply);
    });
  }
  // The schema is derived from the same table as the routes.
  return app as unknown as Hono<AppEnv, VortexSchema, '/'>;
}

const KEEPING =
  "let it read request.clone(), or in Hono through c.req, such as by c.req.text(), or keep the bytes on Node's request as rawBody";

/** Named so that an exported handler needs no type annotation (TS2742). */
export type VortexWebhookHandler<AppEnv extends Env = Env> = Handler<AppEnv> & {
  /** Resolves once no handler is running. Await it before the store is closed at shutdown. */
  idle(): Promise<void>;
};

/**
 * Creates a handler that receives the webhooks of Vortex: verified, and deduplicated by event. Work that continues after
 * the reply is passed to `c.executionCtx.waitUntil` on runtimes that have it.
 *
 * @example
 * app.post('/webhooks/vortex', vortexWebhook({ secret, on: { 'invitation.accepted': (event, c) => … } }));
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexWebhook<AppEnv extends Env = Env, Tx = undefined>(
  options: WebhookMountOptions<Context<AppEnv>, Tx>,
): VortexWebhookHandler<AppEnv>;
export function vortexWebhook<AppEnv extends Env = Env, Tx = undefined>(
  options: WebhookMountOptions<Context<AppEnv>, Tx>,
  ...further: unknown[]
): VortexWebhookHandler<AppEnv> {
  requireOptionsOnly('vortexWebhook', further, "app.post('/webhooks/vortex', vortexWebhook(options))");
  const receive = createWebhookEndpoint(options);
  const handler: Handler<AppEnv> = async (c) => {
    const reply = await receive({
      method: c.req.method,
      header: (name) => c.req.header(name),
      body: bodyReader(c, MAX_WEBHOOK_BYTES),
      waitUntil: waitUntilOf(c),
      context: c,
      keeping: KEEPING,
    });
    return send(c, reply);
  };
  return Object.assign(handler, { idle: receive.idle });
}

/** The options of `vortexHandler`. */
export interface VortexHandlerOptions<AppEnv extends Env = Env, User extends VortexUser = VortexUser>
  extends VortexMountOptions<User, Context<AppEnv>> {
  /** The path of the routes, such as `/api/vortex`. */
  basePath: string;
}

/**
 * A handler of Web-standard requests. If it is called with something other than a `Request`, it rejects with `CONFIG`, and on Express
 * it passes that error to `next`. Hooks find `env` as `c.env`: bindings on Workers, and elsewhere any value that the host passes, such
 * as the second argument of a Next.js route. Its type is unknown unless hooks name their bindings, since Next.js 15 refuses a route
 * whose second parameter is narrower than its own.
 */
export type WebHandler<AppEnv extends Env = Env> = (
  request: Request,
  env?: Env extends AppEnv ? unknown : AppEnv['Bindings'],
  executionCtx?: { waitUntil(work: Promise<unknown>): void; passThroughOnException?: (() => void) | undefined },
) => Promise<Response>;

/**
 * Creates a Web-standard handler with the Vortex routes, for hosts that route by files: Next.js, SvelteKit, Astro and others.
 * It ignores a slash at the end of a path, which Next.js adds with `trailingSlash`, and answers other paths with 404.
 *
 * @example
 * const handler = vortexHandler({ basePath: '/api/vortex', apiKey, authenticateUser, authorizeOperation });
 * export { handler as GET, handler as POST, handler as DELETE };
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexHandler<AppEnv extends Env = Env, User extends VortexUser = VortexUser>(
  options: VortexHandlerOptions<AppEnv, User>,
): WebHandler<AppEnv>;
export function vortexHandler<AppEnv extends Env = Env, User extends VortexUser = VortexUser>(
  given: VortexHandlerOptions<AppEnv, User>,
  ...further: unknown[]
): WebHandler<AppEnv> {
  requireOptionsOnly('vortexHandler', further, 'const handler = vortexHandler(options)');
  const { basePath, ...options } = Object(given) as VortexHandlerOptions<AppEnv, User>;
  if (typeof basePath !== 'string' || !/^\/(?:[^?#*[]*[^?#*[/])?$/u.test(basePath)) {
    throw new VortexError(
      'CONFIG',
      'basePath must be a path such as "/api/vortex", without a slash at the end and without the part of a catch-all.',
    );
  }
  const app = new Hono<AppEnv>({ strict: false }).route(basePath, vortexApp<AppEnv, User>(options));
  let isWarned = false;
  app.notFound((c) => {
    const got = printable(c.req.path.replace(/\/$/u, ''));
    // A path that cannot be quoted tells nothing, and must not use up the warning.
    const [, before = '', route] = /^"(.*)(\/(?:jwt|invitations(?:\/accept)?))"$/u.exec(got) ?? [];
    const served = basePath.replace(/\/?$/u, '');
    if (!isWarned && route !== undefined && before !== served) {
      isWarned = true;
      const line = `Vortex: vortexHandler got ${got}, and with its basePath "${basePath}" that route is ${served}${route}. If your frontend sent this, set basePath to "${before || '/'}": some hosts take the part away at which they mount a handler.`;
      warn(options.logger, line);
    }
    return c.json({ error: 'Not found.', code: 'NOT_FOUND' }, 404, { 'cache-control': 'no-store' });
  });
  return webHandler(app, 'vortexHandler', ['vortexRouter', 'vortexPlugin', 'vortexApp']);
}

/** Named so that an exported handler needs no type annotation (TS2742). */
export type WebhookWebHandler<AppEnv extends Env = Env> = WebHandler<AppEnv> &
  Pick<VortexWebhookHandler<AppEnv>, 'idle'>;

/**
 * Creates a Web-standard handler that receives the webhooks of Vortex, at whatever path the host serves it.
 *
 * @example
 * export const POST = vortexWebhookHandler({ secret, on: { 'invitation.accepted': (event) => … } });
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexWebhookHandler<AppEnv extends Env = Env, Tx = undefined>(
  options: WebhookMountOptions<Context<AppEnv>, Tx>,
): WebhookWebHandler<AppEnv>;
export function vortexWebhookHandler<AppEnv extends Env = Env, Tx = undefined>(
  options: WebhookMountOptions<Context<AppEnv>, Tx>,
  ...further: unknown[]
): WebhookWebHandler<AppEnv> {
  requireOptionsOnly('vortexWebhookHandler', further, 'export const POST = vortexWebhookHandler(options)');
  const receive = vortexWebhook(options);
  const app = new Hono<AppEnv>().all('*', receive);
  const others = ['vortexWebhook', 'vortexWebhookPlugin', 'vortexWebhook'] as const;
  return Object.assign(webHandler(app, 'vortexWebhookHandler', others), { idle: receive.idle });
}

/** @param others the functions for Express, Fastify and Hono */
function webHandler<AppEnv extends Env>(
  app: Hono<AppEnv>,
  name: string,
  [onExpress, onFastify, onHono]: readonly [string, string, string],
): WebHandler<AppEnv> {
  return async (request, env, executionCtx) => {
    if (isRequest(request)) {
      const context = executionCtx && { passThroughOnException() {}, props: {}, ...bound(executionCtx) };
      return app.fetch(request, Object(env), context);
    }
    const error = new VortexError(
      'CONFIG',
      `${name} makes a handler of Web requests, which was called with something other than a Request. Call it with the Request of the host, such as ({ request }) => handler(request), or event.req on h3. On Express use ${onExpress} of @vortex/express, on Fastify ${onFastify} of @vortex/fastify, and on Hono ${onHono}.`,
    );
    // Express passes its `next`. Express 4 would not notice a promise that is rejected.
    const next: unknown = executionCtx;
    if (typeof next === 'function') return next(error);
    throw error;
  };
}

/** False for the event of a host that has the `Request` in it, and for a request of Node. */
function isRequest(request: unknown): boolean {
  const { url, headers } = Object(request) as Partial<Request>;
  return typeof url === 'string' && typeof headers?.get === 'function';
}

/** The platform's `waitUntil` needs its own object as `this`. */
function bound(executionCtx: { waitUntil(work: Promise<unknown>): void }) {
  return { waitUntil: (work: Promise<unknown>) => executionCtx.waitUntil(work) };
}

/** The Node `ServerResponse`, exposed as `c.env.outgoing`. */
function nodeResponse(env: unknown): NodeResponse | undefined {
  const { outgoing } = Object(env) as { outgoing?: NodeResponse };
  return typeof outgoing?.writableFinished === 'boolean' ? outgoing : undefined;
}

/** On Node the response tells the same as the signal of the `Request`, which is slow to create. */
function signalOf({ env, req }: Context): CallSignal {
  const response = nodeResponse(env);
  return response ? abortedOnClose(response) : req.raw.signal;
}

/** Node needs no `waitUntil`. Elsewhere Hono throws if the runtime has none, which costs as much as the signature. */
function waitUntilOf(c: Context): ((work: Promise<unknown>) => void) | undefined {
  if (nodeResponse(c.env)) return undefined;
  return (work) => {
    try {
      c.executionCtx.waitUntil(work);
    } catch {
      // A test may pass a context of its own. The request goes on without it.
    }
  };
}

function send(c: Context, { status, headers, body }: VortexReply): Response {
  return c.body(body, status as ContentfulStatusCode, sendableHeaders(nodeResponse(c.env), headers));
}

/** Forms in which `c.req` may have cached a body that earlier middleware read. */
const CACHED_FORMS = ['arrayBuffer', 'text', 'blob', 'json'] as const;

/** Prepares to read the body. A body that already flows, to a listener on Node's request, is read from here on. */
function bodyReader(c: Context, maxBytes: number): () => Promise<Body> {
  const incoming = nodeRequest(c.env, c.req.raw);
  const isFlowing = hasReader(incoming) && isUntouched(c.req.raw, incoming);
  const reading = isFlowing ? nodeBody(incoming, maxBytes, () => keptBy(incoming)) : undefined;
  return () => readBody(c, maxBytes, reading);
}

/** Reads the body, and leaves it readable through `c.req` for later handlers. */
async function readBody(
  { env, req }: Context,
  maxBytes: number,
  reading: (() => Promise<Body>) | undefined,
): Promise<Body> {
  for (const form of CACHED_FORMS) {
    const cached = req.bodyCache[form];
    const kept = cached === undefined ? undefined : await cachedBody(cached);
    if (kept !== undefined) return bodyFromKept(kept);
  }
  const incoming = nodeRequest(env, req.raw);
  const body = await (reading?.() ?? readOnce(req.raw, incoming, maxBytes));
  if (body.kind === 'bytes') {
    const { bytes } = body;
    // A copy only of bytes that share their memory with others.
    const arrayBuffer = bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : new Uint8Array(bytes).buffer;
    Object.assign(req.bodyCache, { arrayBuffer: Promise.resolve(arrayBuffer) });
  }
  return body;
}

/** Undefined if the body is not cached in this form, or if reading it has failed. */
async function cachedBody(cached: unknown): Promise<unknown> {
  try {
    const body: unknown = await cached;
    // A blob. In the environment jsdom of a test runner, the global `Blob` is not that of Node.
    const { arrayBuffer } = Object(body) as { arrayBuffer?: unknown };
    return typeof arrayBuffer === 'function' ? new Uint8Array(await (body as Blob).arrayBuffer()) : body;
  } catch {
    return undefined;
  }
}

async function readOnce(raw: Request, incoming: NodeRequest | undefined, maxBytes: number): Promise<Body> {
  if (incoming && isUntouched(raw, incoming)) return readNodeBody(incoming, maxBytes, () => keptBy(incoming));
  const isDrained = incoming?.readableEnded && !incoming.readableDidRead;
  // Before `body === null`: with srvx 1, both are true of a body that was read.
  if (isUsed(raw) || raw.body?.locked) return isDrained ? { kind: 'empty' } : { kind: 'consumed' };
  // A `Request` without a body never had one, even if it has `c.env` or the headers of an outer request. One of another class, such
  // as that of @whatwg-node/server, may also lack a body that a parser of the host has read: the headers tell.
  if (raw.body === null) return raw instanceof Request ? { kind: 'empty' } : { kind: 'bytes', bytes: new Uint8Array() };
  const bytes = await readAll(raw.body, maxBytes);
  // A Web stream over a request that a platform has consumed is empty.
  return bytes.byteLength === 0 && incoming?.readableDidRead
    ? bodyFromKept(keptBy(incoming))
    : { kind: 'bytes', bytes };
}

/** A Node request, on which a platform may have left the body that it consumed. */
type NodeRequest = NodeStream & { readonly rawBody?: unknown; readonly body?: unknown };

function keptBy({ rawBody, body }: NodeRequest): unknown {
  return rawBody ?? body;
}

/** The Node request, exposed as `c.env.incoming`, and by srvx, on which h3 runs, at the `Request`. */
function nodeRequest(env: unknown, raw: Request): NodeRequest | undefined {
  const { incoming } = Object(env) as { incoming?: NodeRequest };
  return incoming ?? (raw as { runtime?: { node?: { req?: NodeRequest } } }).runtime?.node?.req;
}

/** True once something has begun to read the body. With srvx 0, `bodyUsed` then throws. */
function isUsed(raw: Request): boolean {
  try {
    return raw.bodyUsed;
  } catch {
    return true;
  }
}

/**
 * Tells whether the body of a `Request` of node-server can still be read from Node's request: read as a Web stream, it takes
 * twice the time. False once the Web stream exists, and for a `Request` that middleware has put in its place.
 */
function isUntouched(raw: Request, incoming: NodeRequest): boolean {
  if (isUsed(raw)) return false;
  // node-server keeps both under symbols of its own.
  const kept = Object.getOwnPropertySymbols(raw).map((key) => Reflect.get(raw, key));
  return kept.includes(incoming) && !kept.some((value) => value instanceof Request);
}
