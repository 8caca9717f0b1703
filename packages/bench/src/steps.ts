/**
 * Serves one case, built up from the bare framework by one unavoidable step at a time. Each step does part of what the contract
 * requires, and never more, so that the last one is a lower bound: every router that keeps the contract costs at least as much.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { serve } from '@hono/node-server';
import express from 'express';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Context, Hono } from 'hono';
import { type Dispatcher, Pool } from 'undici';
import { isSigned, JSON_TYPE, RECEIVED, signedJwt } from './bare.js';
import type { Framework } from './cases.js';
import { API_KEY, invitation, USER } from './data.js';

const TOKEN = ['the framework', 'claims and HMAC', 'headers, CSRF', 'the user, read', 'hooks, frozen operation'];
const LIST = ['the framework', 'the exchange', 'deadline, limit, disconnect', 'JSON', 'scopes, each id checked'];
const ONE = [...LIST, 'the id of the path, checked', 'headers, hooks, frozen operation'];
const WEBHOOK = ['the framework, the body', 'HMAC', 'JSON', 'headers, limit, deadline', 'claim and lease', 'handler'];

/** The steps of each case. A server does the first of them, up to a number. */
export const stepsOf = {
  'POST /jwt': TOKEN,
  'GET one': ONE,
  'by-scope 20': LIST,
  'by-scope 1000': LIST,
  'webhook 2 kB': WEBHOOK,
};

export type BuiltCase = keyof typeof stepsOf;

interface Asked {
  path: string;
  header(name: string): string | undefined;
  response: ServerResponse;
  body(): Uint8Array | Promise<Uint8Array>;
}

interface Answer {
  status?: number;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer>;
}

type Handle = (asked: Asked) => Answer | Promise<Answer>;

/** @param which the framework, the case and the number of steps */
export async function start(which: string, upstream: string, port: number): Promise<Server> {
  const [framework, name, count] = which.split(',') as [Framework, BuiltCase, string];
  const steps = Number(count);
  const handles: Record<BuiltCase, Handle> = {
    'POST /jwt': token(steps),
    'GET one': passing(upstream, steps),
    'by-scope 20': passing(upstream, steps),
    'by-scope 1000': passing(upstream, steps),
    'webhook 2 kB': webhook(steps),
  };
  return serveBy[framework](handles[name], port);
}

const PLAIN = { 'content-type': JSON_TYPE };
const CONTRACT = { ...PLAIN, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const REFUSED: Answer = { status: 403, headers: CONTRACT, body: '{"error":"refused"}' };

const hooks = {
  authenticate: (_asked: Asked): typeof USER | null => USER,
  authorize: (_op: object, _user: object, _asked: Asked): boolean => true,
};

/** Calls both hooks. A hook that throws is refused. */
function isAllowed(op: object, asked: Asked): boolean {
  try {
    const user = hooks.authenticate(asked);
    return user !== null && hooks.authorize(Object.freeze(op), user, asked);
  } catch {
    return false;
  }
}

function isCrossSite({ header }: Asked): boolean {
  const site = header('sec-fetch-site');
  return header('origin') !== undefined || (site !== undefined && site !== 'same-origin' && site !== 'none');
}

/** Copies the known fields of a user, if each has its type. */
function readUser(user: Readonly<Record<string, unknown>>): object | undefined {
  const { id, email, name, avatarUrl, adminScopes } = user;
  const isRead = [id, email, name, avatarUrl].every((value) => value === undefined || typeof value === 'string');
  if (!isRead || !Array.isArray(adminScopes)) return undefined;
  return adminScopes.every((one) => typeof one === 'string')
    ? { id, email, name, avatarUrl, adminScopes: [...adminScopes] }
    : undefined;
}

function token(steps: number): Handle {
  const constant = signedJwt();
  return (asked) => {
    if (steps >= 3 && isCrossSite(asked)) return REFUSED;
    if (steps >= 4 && readUser(USER) === undefined) return REFUSED;
    if (steps >= 5 && !isAllowed({ name: 'JWT' }, asked)) return REFUSED;
    return { headers: steps >= 3 ? CONTRACT : PLAIN, body: steps >= 2 ? signedJwt() : constant };
  };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

type Entry = { id?: unknown; scopes?: unknown; groups?: { groupId?: unknown; scopeId?: unknown }[] };

/** Checks an invitation, and adds the newer names of its scopes. */
function complete(entry: Entry): void {
  if (typeof entry.id !== 'string') throw new Error('An invitation has no id.');
  for (const group of entry.groups ?? []) group.scopeId = group.groupId;
  entry.scopes = entry.groups;
}

/** Passes a reply of the API on. */
function passing(upstream: string, steps: number): Handle {
  const constant = JSON.stringify(invitation(1));
  const get = exchange(upstream, steps >= 3);
  return async (asked) => {
    if (steps < 2) return { headers: PLAIN, body: constant };
    const segment = decodeURIComponent(asked.path.slice(asked.path.lastIndexOf('/') + 1));
    if (steps >= 6 && !/^[^\p{Cc}/\\]{1,100}$/u.test(segment)) return REFUSED;
    if (steps >= 7 && !isAllowed({ name: 'GET_INVITATION', invitationId: segment }, asked)) return REFUSED;
    const bytes = await get(asked.path, asked.response);
    const headers = steps >= 7 ? CONTRACT : PLAIN;
    if (steps < 4) return { headers, body: bytes };
    const content = JSON.parse(decoder.decode(bytes)) as Entry & { invitations?: Entry[] };
    if (steps >= 5) for (const entry of content.invitations ?? [content]) complete(entry);
    const text = JSON.stringify(content);
    return { headers, body: text.length > 65_536 ? Buffer.from(text) : text };
  };
}

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Fetches a path without the streams of `pool.request`.
 *
 * @param isGuarded ends the call at a deadline, for a reply that is too large, and when the caller disconnects
 */
function exchange(upstream: string, isGuarded: boolean) {
  const pool = new Pool(upstream, { connections: 256, headersTimeout: 0, bodyTimeout: 0 });
  const headers = { 'x-api-key': API_KEY, accept: 'application/json' };
  return (path: string, response: ServerResponse) =>
    new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let running: Dispatcher.DispatchController | undefined;
      const abort = () => running?.abort(new Error('The call has ended.'));
      const timer = isGuarded ? setTimeout(abort, 10_000) : undefined;
      if (isGuarded) response.on('close', abort);
      const end = () => {
        clearTimeout(timer);
        if (isGuarded) response.off('close', abort);
      };
      pool.dispatch(
        { method: 'GET', path: `/api/v1${path}`, headers },
        {
          onRequestStart(controller) {
            running = controller;
          },
          onResponseStart() {},
          onResponseData(controller, chunk) {
            size += chunk.byteLength;
            if (size > MAX_BYTES) controller.abort(new Error('The reply is too large.'));
            chunks.push(chunk);
          },
          onResponseEnd() {
            end();
            resolve(Buffer.concat(chunks));
          },
          onResponseError(_controller, error) {
            end();
            reject(error);
          },
        },
      );
    });
}

function webhook(steps: number): Handle {
  const held = new Map<string, string>();
  return async (asked) => {
    const timer = steps >= 4 ? setTimeout(() => asked.response.destroy(), 10_000) : undefined;
    const body = await asked.body();
    clearTimeout(timer);
    const signature = String(asked.header('x-vortex-signature'));
    if (steps >= 2 && !isSigned(body, signature)) return REFUSED;
    const event = (steps >= 3 ? JSON.parse(decoder.decode(body)) : { id: signature }) as { id: string };
    if (steps >= 5) {
      if (held.has(event.id)) return REFUSED;
      held.set(event.id, crypto.randomUUID());
      const lease = setInterval(() => held.delete(event.id), 20_000);
      const late = steps >= 6 ? setTimeout(() => asked.response.destroy(), 5000) : undefined;
      if (steps >= 6) await handle(event);
      clearTimeout(late);
      clearInterval(lease);
    }
    return { headers: steps >= 4 ? CONTRACT : PLAIN, body: RECEIVED };
  };
}

async function handle(_event: object): Promise<void> {}

const MOUNT = '/api/vortex';
const PATHS = ['/jwt', '/invitations/:invitationId', '/invitations/by-scope/:scopeType/:scope'];

/** Each framework as its users write it, with the cheapest reader of a body that it offers. */
const serveBy: Record<Framework, (handle: Handle, port: number) => Promise<Server>> = {
  express(handle, port) {
    const app = express();
    app.disable('x-powered-by');
    const answer: express.RequestHandler = async (req, res) => {
      const {
        status = 200,
        headers,
        body,
      } = await handle({
        path: req.url,
        header: (name) => req.headers[name]?.toString(),
        response: res,
        body: () => req.body,
      });
      res.status(status).set(headers).end(body);
    };
    const routes = express.Router();
    for (const path of PATHS) routes.all(path, answer);
    app.use(MOUNT, routes);
    app.post('/webhooks/vortex', express.raw({ type: '*/*' }), answer);
    const server = createServer(app);
    return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
  },

  async fastify(handle, port) {
    const app = Fastify();
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    const answer = async (request: FastifyRequest, reply: FastifyReply) => {
      const {
        status = 200,
        headers,
        body,
      } = await handle({
        path: request.url.slice(MOUNT.length),
        header: (name) => request.headers[name]?.toString(),
        response: reply.raw,
        body: () => request.body as Buffer,
      });
      return reply.code(status).headers(headers).send(body);
    };
    for (const path of PATHS) app.all(`${MOUNT}${path}`, answer);
    app.post('/webhooks/vortex', answer);
    await app.listen({ port, host: '127.0.0.1' });
    return app.server;
  },

  hono(handle, port) {
    const app = new Hono<{ Bindings: { outgoing: ServerResponse } }>();
    const answer = async (c: Context<{ Bindings: { outgoing: ServerResponse } }>) => {
      const {
        status = 200,
        headers,
        body,
      } = await handle({
        path: c.req.path.slice(MOUNT.length),
        header: (name) => c.req.header(name),
        response: c.env.outgoing,
        body: async () => new Uint8Array(await c.req.arrayBuffer()),
      });
      return c.body(body, status as 200, headers);
    };
    for (const path of PATHS) app.all(`${MOUNT}${path}`, answer);
    app.post('/webhooks/vortex', answer);
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server));
    });
  },
};
