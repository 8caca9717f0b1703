/** Bodies that a platform, a listener or middleware of the host has touched before the app. */
import type { IncomingMessage } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import {
  defineTouchedBodies,
  onPlatforms,
  type StartTouched,
  serveListener,
  type TouchedMounts,
} from '@vortex/conformance';
import { vortexApp, vortexHandler, vortexWebhook, vortexWebhookHandler } from '@vortex/hono';
import { Hono, type MiddlewareHandler } from 'hono';

interface NodeEnv {
  Bindings: HttpBindings;
}

const app = ({ routes, webhooks }: TouchedMounts, ...middleware: MiddlewareHandler<NodeEnv>[]) =>
  getRequestListener(
    new Hono<NodeEnv>()
      .use(...middleware, (_, next) => next())
      .route('/api/vortex', vortexApp(routes))
      .post('/webhooks/vortex', vortexWebhook(webhooks)).fetch,
  );

const behind =
  (...middleware: MiddlewareHandler<NodeEnv>[]): StartTouched =>
  (mounts) =>
    serveListener(app(mounts, ...middleware));

/** A reader that fails, caught as an application does. */
const tried =
  (read: (request: Parameters<MiddlewareHandler>[0]['req']) => Promise<unknown>): MiddlewareHandler =>
  async (c, next) => {
    await read(c.req).catch(() => {});
    await next();
  };

/** The `Request` of srvx, on which h3 runs, once its `text()` has read the body. It exposes Node's request. */
class SrvxRequest extends Request {
  readonly runtime: object;
  constructor(req: IncomingMessage) {
    super(`http://${req.headers.host}${req.url}`, { method: 'POST', headers: req.headers as Record<string, string> });
    this.runtime = { name: 'node', node: { req } };
  }
}

class SrvxRequest1 extends SrvxRequest {
  override readonly body = null;
  override readonly bodyUsed = true;
}

class SrvxRequest0 extends SrvxRequest {
  override get body() {
    return new ReadableStream<Uint8Array<ArrayBuffer>>();
  }
  override get bodyUsed(): boolean {
    throw new TypeError('Response body object should not be disturbed or locked');
  }
}

const readBySrvx =
  (Read: new (request: IncomingMessage) => Request): StartTouched =>
  async ({ routes, webhooks }) => {
    const vortex = vortexHandler({ basePath: '/api/vortex', ...routes });
    const webhook = vortexWebhookHandler(webhooks);
    return serveListener(async (request, response) => {
      for await (const _ of request);
      const reply = await (request.url?.startsWith('/api/') ? vortex : webhook)(new Read(request));
      response.writeHead(reply.status, Object.fromEntries(reply.headers)).end(await reply.text());
    });
  };

const look: MiddlewareHandler = async (c, next) => {
  void c.req.raw.body;
  await next();
};

defineTouchedBodies([
  ...onPlatforms(async (mounts) => app(mounts)),
  // After a look at it, node-server has a Web stream over Node's request, which lacks earlier data.
  ...onPlatforms(async (mounts) => app(mounts, look))
    .filter(([title]) => title.startsWith('a platform'))
    .map(([title, ...row]) => [`${title}, and whose Web stream is opened`, ...row] as const),
  ['c.req.json() has read', 200, 200, behind(tried((request) => request.json()))],
  ['c.req.text() has read', 200, 200, behind(tried((request) => request.text()))],
  ['c.req.arrayBuffer() has read', 200, 200, behind(tried((request) => request.arrayBuffer()))],
  ['c.req.blob() has read', 200, 200, behind(tried((request) => request.blob()))],
  [
    'c.req.blob() has read, whose class is not the global Blob',
    200,
    200,
    behind(
      tried(async (request) => {
        const blob = await request.blob();
        Object.assign(request.bodyCache, { blob: { arrayBuffer: () => blob.arrayBuffer() } });
      }),
    ),
  ],
  [
    'c.req.formData() has tried and failed to read',
    'BODY_CONSUMED',
    'BODY_CONSUMED',
    behind(tried((request) => request.formData())),
  ],
  [
    'the Web request has lost to a reader',
    'BODY_CONSUMED',
    'BODY_CONSUMED',
    behind(tried((request) => request.raw.text())),
  ],
  ['srvx 1 has read for the host', 'BODY_CONSUMED', 'BODY_CONSUMED', readBySrvx(SrvxRequest1)],
  ['srvx 0 has read for the host', 'BODY_CONSUMED', 'BODY_CONSUMED', readBySrvx(SrvxRequest0)],
  [
    'a listener of Node reads as well',
    200,
    200,
    behind(async (c, next) => {
      c.env.incoming.on('data', () => {});
      await next();
    }),
  ],
]);
