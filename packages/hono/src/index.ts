import { VortexError, type VortexOptions, type VortexUser, type VortexWebhookOptions } from '@vortex/core';
import {
  abortedOnClose,
  type CallSignal,
  createDispatch,
  createWebhookEndpoint,
  type FoundBody,
  type NodeResponse,
  pathsOf,
  readAll,
  TooLargeError,
  type VortexReply,
} from '@vortex/core/adapter';
import { type Context, type Env, type Handler, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { VortexSchema } from './schema.js';

export type { VortexSchema } from './schema.js';

/**
 * The Vortex routes as a Hono app: mount it with `app.route`, or serve its `.fetch`, which takes a Web `Request`, on
 * Next.js, Bun, Deno and Workers. Hooks get the `Context`; annotate it to have your own bindings and variables typed.
 *
 * @example
 * app.route('/api/vortex', vortexApp({
 *   apiKey: (c: Context<AppEnv>) => c.env.VORTEX_API_KEY,
 *   authenticateUser: (c) => c.var.user,
 *   authorizeOperation: { JWT: true },
 * }));
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexApp<User extends VortexUser, AppEnv extends Env = Env>(
  options: VortexOptions<Context<AppEnv>, User>,
): Hono<AppEnv, VortexSchema, '/'> {
  const dispatch = createDispatch(options);
  const app = new Hono<AppEnv>();

  for (const { path, find } of pathsOf(options)) {
    app.all(path, async (c, next) => {
      const found = find(c.req.method);
      if (found === undefined) return next();
      if (typeof found === 'function') return send(c, found(c.req.url));
      const reply = await dispatch({
        operation: found,
        path,
        url: c.req.url,
        readBody: (limit) => readBody(c, limit),
        header: (name) => c.req.header(name) ?? (name === 'host' ? new URL(c.req.url).host : undefined),
        signal: () => signalOf(c),
        context: c,
      });
      return send(c, reply);
    });
  }
  // The schema is derived from the table that has just been mounted.
  return app as unknown as Hono<AppEnv, VortexSchema, '/'>;
}

/**
 * Receives the webhooks of Vortex: verified, each event handled once. What a handler still does after the answer goes to
 * `c.executionCtx.waitUntil`, where the runtime has it.
 *
 * @example
 * app.post('/webhooks/vortex', vortexWebhook({ secret, on: { 'invitation.accepted': (event, c) => … } }));
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function vortexWebhook<AppEnv extends Env = Env>(
  options: VortexWebhookOptions<Context<AppEnv>>,
): Handler<AppEnv> {
  const receive = createWebhookEndpoint(options);
  return async (c) => {
    const reply = await receive({
      method: c.req.method,
      header: (name) => c.req.header(name),
      readBody: (limit) => readRawBody(c, limit),
      waitUntil: waitUntilOf(c),
      context: c,
    });
    return send(c, reply);
  };
}

/** What Node's adapter makes of Hono's bindings. */
function nodeResponse(env: unknown): NodeResponse | undefined {
  const { outgoing } = Object(env) as { outgoing?: NodeResponse };
  return typeof outgoing?.writableFinished === 'boolean' ? outgoing : undefined;
}

/** On Node the response knows it too, and much cheaper than the signal of a `Request`. */
function signalOf({ env, req }: Context): CallSignal {
  const response = nodeResponse(env);
  return response ? abortedOnClose(response) : req.raw.signal;
}

/** Node needs none; elsewhere Hono throws where the runtime has no such thing, which costs as much as the signature. */
function waitUntilOf(c: Context): ((work: Promise<unknown>) => void) | undefined {
  if (nodeResponse(c.env)) return undefined;
  try {
    const { executionCtx } = c;
    return (work) => executionCtx.waitUntil(work);
  } catch {
    return undefined;
  }
}

function send(c: Context, { status, headers, body }: VortexReply): Response {
  return c.body(body, status as ContentfulStatusCode, headers);
}

/** Leaves the body readable through `c.req` for whoever comes later. */
async function readBody({ req }: Context, limit: number): Promise<Uint8Array> {
  if (Object.keys(req.bodyCache).length > 0) return new Uint8Array(await req.arrayBuffer());
  if (req.raw.bodyUsed)
    throw new VortexError('INTERNAL', 'The body was read through c.req.raw; read it through c.req.');
  // A server holds a body to the length it was announced with, and `arrayBuffer()`, which knows no limit, costs a third.
  if (Number(req.header('content-length') ?? Number.NaN) <= limit) {
    const bytes = new Uint8Array(await req.arrayBuffer());
    if (bytes.byteLength > limit) throw new TooLargeError(`over ${limit} bytes`);
    return bytes;
  }
  const bytes = await readAll(req.raw.body, limit);
  Object.assign(req.bodyCache, { arrayBuffer: Promise.resolve(bytes.buffer) });
  return bytes;
}

/** Nothing where somebody has read the body in a way that keeps no bytes: through `c.req.raw`, or as a form. */
async function readRawBody(c: Context, limit: number): Promise<FoundBody> {
  const { raw, bodyCache } = c.req;
  const isKept = ['arrayBuffer', 'blob', 'json', 'text'].some((form) => form in bodyCache);
  if (!isKept && raw.bodyUsed) return { parsed: undefined };
  return readBody(c, limit).catch((error: unknown) => {
    // Looked at only now: on Node it makes the whole of a Request.
    if (!isKept && !raw.bodyUsed && raw.body?.locked) return { parsed: undefined };
    throw error;
  });
}
