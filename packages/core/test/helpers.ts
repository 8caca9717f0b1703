/** Helpers that several test files share: requests to operations, deliveries of webhooks, failures and the fake clock. */
import {
  type OperationName,
  VortexClient,
  VortexError,
  type VortexMountOptions,
  type VortexUser,
  type WebhookMountOptions,
} from '@vortex/core';
import {
  type Body,
  bodyFromKept,
  createRoutes,
  createWebhookEndpoint,
  type WebhookRequest,
} from '@vortex/core/adapter';
import { signWebhook } from '@vortex/core/testing';
import { expect, vi } from 'vitest';

export const KEY = 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.made-up-Secret';
export const SECRET = 'whsec_made_up';

/** Returns the `VortexError` that a call throws or rejects with. Fails the test if there is none. */
export async function failure(call: Promise<unknown> | (() => unknown)): Promise<VortexError> {
  let error: unknown = new Error('it succeeded');
  try {
    await (typeof call === 'function' ? call() : call);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(VortexError);
  return error as VortexError;
}

/**
 * Advances the fake clock in steps of so many milliseconds until the promise has settled, and returns it. The event loop
 * turns between the steps, since streams and signatures take no notice of the clock.
 */
export async function settle<Value>(promise: Promise<Value>, step = 10): Promise<Value> {
  let isSettled = false;
  const done = () => {
    isSettled = true;
  };
  promise.then(done, done);
  for (let passed = 0; !isSettled && passed < 120_000; passed += step) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!isSettled) await vi.advanceTimersByTimeAsync(step);
  }
  return promise;
}

export const ann = { id: 'u-ann', email: 'ann@harbor.example', phone: '+1 (555) 010-2030', name: 'Ann' };

export type Options = Partial<VortexMountOptions<VortexUser, undefined>>;

export interface Sent {
  /** The path of the route. Default: the first one of the operation. */
  path?: string;
  /** The request target below the mount. Default: `path`. */
  url?: string;
  headers?: Record<string, string>;
  json?: unknown;
  body?: () => Promise<Body>;
  user?: VortexUser;
  /** Is aborted when the caller disconnects. */
  signal?: AbortSignal;
}

/** Runs an operation and returns its reply, its calls to the API, its log lines and the errors given to `onError`. */
export async function perform(operation: OperationName, sent: Sent = {}, options: Options = {}) {
  const calls: { call: string; body: unknown; headers: Headers }[] = [];
  const logged: unknown[][] = [];
  const reported: VortexError[] = [];
  const client = new VortexClient(KEY, {
    baseUrl: 'https://api.example',
    fetch: async (url, init) => {
      const call = `${init?.method} ${String(url).replace('https://api.example/api/v1', '')}`;
      const body: unknown = init?.body ? JSON.parse(String(init.body)) : undefined;
      calls.push({ call, body, headers: new Headers(init?.headers) });
      const all = { id: 'i', invitations: [{ id: 'i' }], autojoinDomains: [], processed: 0, invitationIds: [] };
      return Response.json(all);
    },
  });
  const routes = createRoutes<undefined, VortexUser>({
    ...(!('apiKey' in options) && { client }),
    authenticateUser: () => sent.user ?? ann,
    authorizeOperation: () => true,
    onError: ({ error }) => reported.push(error),
    ...options,
  });
  const { json } = sent;
  const route = routes.find((one) => one.operation === operation && one.path === (sent.path ?? one.path));
  if (!route) throw new Error(`${operation} has no such route`);
  const headers: Record<string, string> = {
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...sent.headers,
  };
  const reply = await route.handle({
    url: sent.url ?? route.path,
    body: sent.body ?? (async () => bodyFromKept(json === undefined ? '' : JSON.stringify(json))),
    header: (name) => headers[name],
    signal: () => sent.signal,
    log: (...line) => logged.push(line),
    context: undefined,
  });
  const answer = JSON.parse(String(reply.body)) as {
    error?: string;
    code?: string;
    issues?: { path: string; message: string }[];
    jwt?: string;
  };
  return { status: reply.status, answer, calls, logged, reported };
}

export const acceptedEvent = { id: 'e-1', type: 'invitation.accepted', timestamp: '2026-02-25T12:00:00Z', data: {} };

export interface Delivery {
  body?: string;
  method?: string;
  headers?: Record<string, string>;
  /** Reads the body in place of `body`, as an adapter would. */
  read?: () => Promise<Body>;
  /** The secret that signs. */
  secret?: string;
  log?: WebhookRequest<string>['log'];
  waitUntil?: WebhookRequest<string>['waitUntil'];
  /** @default 'the context' */
  context?: string;
}

export type WebhookOptions<Tx = undefined> = Partial<WebhookMountOptions<string, Tx>>;

/** Mounts a webhook endpoint. Returns a function that delivers to it, its log lines and the errors given to `onError`. */
export function mount<Tx = undefined>(options: WebhookOptions<Tx> = {}) {
  const logged: unknown[][] = [];
  const reported: unknown[] = [];
  const isHandled = 'on' in options || 'onEvent' in options || 'onAnalyticsEvent' in options;
  const receive = createWebhookEndpoint<string, Tx>({
    secret: SECRET,
    // A mount needs a handler.
    ...(!isHandled && { onAnalyticsEvent() {} }),
    onError: ({ error }) => reported.push(error),
    ...options,
  });
  const deliver = async ({ body = JSON.stringify(acceptedEvent), secret = SECRET, ...sent }: Delivery = {}) => {
    const headers: Record<string, string> = { 'x-vortex-signature': await signWebhook(body, secret), ...sent.headers };
    const reply = await receive({
      method: sent.method ?? 'POST',
      header: (name) => headers[name],
      body: sent.read ?? (async () => bodyFromKept(body)),
      log: sent.log ?? ((...line) => logged.push(line)),
      waitUntil: sent.waitUntil,
      context: sent.context ?? 'the context',
    });
    const { error, code, received } = JSON.parse(String(reply.body));
    return { status: reply.status, headers: reply.headers, error, code, received };
  };
  return { deliver, idle: receive.idle, logged, reported };
}

/** A database in memory, for transactional stores whose rules need no real one. A transaction is the set of its new rows. */
export function memoryDatabase() {
  const rows = new Set<string>();
  return {
    rows,
    async transaction<Result>(work: (tx: Set<string>) => Promise<Result>): Promise<Result> {
      const tx = new Set<string>();
      const result = await work(tx);
      for (const row of tx) rows.add(row);
      return result;
    },
    mark: (tx: Set<string>, id: string) => !rows.has(id) && tx.size < tx.add(id).size,
  };
}
