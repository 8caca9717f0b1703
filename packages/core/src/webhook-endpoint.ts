/** The only place that knows in which order a webhook is checked, and what its sender is answered. */
import * as z from 'zod/mini';
import { isPlainObject } from './authorize.js';
import { bytesOf, type FoundBody, readWithin } from './body.js';
import { positiveInteger } from './client.js';
import { callHook } from './dispatch.js';
import { VortexError } from './errors.js';
import { isAnalyticsEvent, type VortexEvent } from './events.js';
import { issuesOf } from './issues.js';
import { failure, type Log, reply, type VortexReply } from './reply.js';
import {
  handlersOf,
  VortexWebhookSignatureError,
  VortexWebhooks,
  type VortexWebhooksOptions,
  type WebhookHandlers,
} from './webhook.js';
import { memoryStore, type WebhookStore } from './webhook-store.js';

/** What a webhook mount takes. `Context` is the framework's own request. */
export interface VortexWebhookOptions<Context> extends VortexWebhooksOptions, WebhookHandlers<Context> {
  /** What has been handled. Default: `memoryStore()`, which serves one process. */
  store?: WebhookStore | undefined;
  /**
   * Milliseconds after which an event whose process died may be handled by another. A handler that takes longer keeps its
   * event, for ten leases at most. Default 60 000.
   */
  lease?: number | undefined;
  /**
   * Milliseconds after which the sender is answered, be it that the event is not done. The handler goes on, and what is
   * delivered again meanwhile is told to come back. Also the deadline of the store. Default 5 000.
   */
  timeout?: number | undefined;
  /** Hears of bad signatures and of all that failed here: what a handler threw, or that the store is down. */
  onError?: ((error: unknown) => unknown) | undefined;
}

/** What an adapter makes of the framework's request. */
export interface WebhookRequest<Context> {
  method: string;
  /** By lower-case name. */
  header(name: string): string | undefined;
  /** Reads the raw body; rejects with `TooLargeError` past `limit` bytes. */
  readBody(limit: number): Promise<FoundBody>;
  /** Keeps the runtime from ending what goes on after the answer, where it would. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  log: Log;
  context: Context;
}

export type ReceiveWebhook<Context> = (request: WebhookRequest<Context>) => Promise<VortexReply>;

/** Most bytes of a webhook's body. */
const MAX_BYTES = 1024 * 1024;
/** Seconds after which a sender may come again. */
const COME_BACK = 5;
const RENEWALS_PER_LEASE = 3;
/** A handler that has not settled after so many leases is given up, so that another process may try. */
const MAX_LEASES = 10;

const callable = z.custom((value) => typeof value === 'function', 'must be a function');
const isStore = (value: unknown) =>
  ['claim', 'complete', 'release'].every((method) => typeof Object(value)[method] === 'function');

/** What TypeScript checks, for JavaScript. What the value must be beyond its type is checked where it is read. */
const shape = z.strictObject({
  secret: z.optional(z.unknown()),
  tolerance: z.optional(z.number()),
  now: z.optional(callable),
  on: z.optional(
    z.pipe(z.custom<object>(isPlainObject, 'must be an object'), z.record(z.string(), z.optional(callable))),
  ),
  onEvent: z.optional(callable),
  onAnalyticsEvent: z.optional(callable),
  onError: z.optional(callable),
  store: z.optional(z.custom(isStore, 'must have claim, complete and release')),
  lease: z.optional(z.unknown()),
  timeout: z.optional(z.unknown()),
});

interface Settings<Context> {
  webhooks: VortexWebhooks;
  handlers: WebhookHandlers<Context>;
  store: WebhookStore;
  lease: number;
  timeout: number;
}

/**
 * Webhooks, verified, each handled once. What it returns never rejects.
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function createWebhookEndpoint<Context>(options: VortexWebhookOptions<Context>): ReceiveWebhook<Context> {
  const settings = readOptions(options);
  return async (request) => {
    if (request.method !== 'POST') return failure(new VortexError('METHOD_NOT_ALLOWED'), { allow: 'POST' });
    try {
      await receive(request, settings);
      return reply(200, { received: true });
    } catch (thrown) {
      const error = thrown instanceof VortexError ? thrown : new VortexError('INTERNAL', undefined, { cause: thrown });
      await report(error, request.log, settings);
      return failure(error);
    }
  };
}

function readOptions<Context>(options: VortexWebhookOptions<Context>): Settings<Context> {
  const result = shape.safeParse(options);
  if (!result.success) {
    const [issue] = issuesOf(result.error);
    throw new VortexError('CONFIG', `${issue?.path || 'The options'} ${issue?.message}.`);
  }
  return {
    webhooks: new VortexWebhooks(options),
    handlers: options,
    store: options.store ?? memoryStore(),
    lease: positiveInteger('lease', options.lease ?? 60_000),
    timeout: positiveInteger('timeout', options.timeout ?? 5000),
  };
}

async function receive<Context>(request: WebhookRequest<Context>, settings: Settings<Context>): Promise<void> {
  const { header, readBody, log } = request;
  const signature = readSignature(header('x-vortex-signature'));
  const body = await readRawBody(readBody, header('content-length'));
  const event = await settings.webhooks.constructEvent(body, signature).catch((error: unknown) => {
    throw error instanceof SyntaxError ? new VortexError('INVALID_REQUEST', 'The webhook is not valid JSON.') : error;
  });
  const handlers = handlersOf(event, settings.handlers);
  if (handlers.length === 0) return;

  const claim = { id: idOf(event, signature), owner: crypto.randomUUID() };
  const state = await take(claim, settings);
  if (state === 'done') return;
  if (state !== 'new') throw inFlight();

  const handling = handle(claim, settings, log, async () => {
    for (const handler of handlers) await handler(event, request.context);
  });
  request.waitUntil?.(handling.catch(() => {}));
  if (await isSettledWithin(settings.timeout, handling)) return;
  handling.catch((error: VortexError) => report(error, log, settings));
  throw inFlight();
}

function readSignature(signature: string | undefined): string {
  if (!signature) throw new VortexError('INVALID_SIGNATURE', 'The header X-Vortex-Signature is missing.');
  // What was sent more than once arrives joined.
  if (signature.includes(',')) throw new VortexError('INVALID_REQUEST', 'X-Vortex-Signature is given more than once.');
  return signature;
}

async function readRawBody(
  readBody: (limit: number) => Promise<FoundBody>,
  length: string | undefined,
): Promise<Uint8Array> {
  const bytes = bytesOf(await readWithin(MAX_BYTES, readBody, length));
  if (!bytes) throw new VortexError('RAW_BODY_REQUIRED');
  if (bytes.byteLength > MAX_BYTES) throw new VortexError('PAYLOAD_TOO_LARGE');
  return bytes;
}

/** Where the sender gave no usable id the signature stands in, which is the same for the same bytes. */
function idOf(event: VortexEvent, signature: string): string {
  const id: unknown = event.id;
  const isUsable = typeof id === 'string' && id !== '' && id.length <= 200;
  return `${isAnalyticsEvent(event) ? 'analytics' : 'webhook'}:${isUsable ? id : signature}`;
}

interface Claim {
  id: string;
  owner: string;
}

async function take<Context>({ id, owner }: Claim, { store, lease, timeout }: Settings<Context>) {
  const claiming = (async () => store.claim(id, lease, owner))();
  try {
    if (await isSettledWithin(timeout, claiming)) return await claiming;
  } catch (cause) {
    throw new VortexError('STORE_UNAVAILABLE', 'The webhook store failed.', { retryAfter: COME_BACK, cause });
  }
  // What is granted too late shall not stand in the way of the next delivery.
  claiming.then(() => store.release(id, owner)).catch(() => {});
  throw new VortexError('STORE_UNAVAILABLE', `The webhook store did not answer within ${timeout} ms.`, {
    retryAfter: COME_BACK,
  });
}

/** Runs the handlers under a claim, which is renewed meanwhile, and then completed or released. */
async function handle<Context>(
  { id, owner }: Claim,
  { store, lease }: Settings<Context>,
  log: Log,
  run: () => Promise<void>,
): Promise<void> {
  const attempt = async (what: string, call: () => unknown) => {
    try {
      await call();
    } catch (error) {
      log('error', `Vortex: the webhook store could not ${what} an event.`, error);
    }
  };
  let renewing: Promise<void> | undefined;
  let renewals = 0;
  const renewal = setInterval(() => {
    renewals += 1;
    if (renewals <= MAX_LEASES * RENEWALS_PER_LEASE) renewing = attempt('keep', () => store.claim(id, lease, owner));
  }, lease / RENEWALS_PER_LEASE);
  const failed = await run().then(
    () => undefined,
    (cause: unknown) => new VortexError('INTERNAL', 'A webhook handler threw.', { cause }),
  );
  clearInterval(renewal);
  // Else it might come after what ends the claim.
  await renewing;
  await (failed ? attempt('release', () => store.release(id, owner)) : attempt('complete', () => store.complete(id)));
  if (failed) throw failed;
}

function inFlight(): VortexError {
  return new VortexError('EVENT_IN_FLIGHT', undefined, { retryAfter: COME_BACK });
}

/** Rejects as the promise does. */
async function isSettledWithin(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The log and `onError` hear of what failed here, and `onError` of bad signatures too. */
async function report<Context>(error: VortexError, log: Log, { handlers, timeout }: Settings<Context>): Promise<void> {
  const isOurs = error.status >= 500 && error.code !== 'EVENT_IN_FLIGHT';
  if (isOurs) log('error', `Vortex: a webhook failed with ${error.code}: ${error.message}`, error);
  if (!isOurs && !(error instanceof VortexWebhookSignatureError)) return;
  try {
    await callHook('onError', () => handlers.onError?.(error.code === 'INTERNAL' ? error.cause : error), timeout);
  } catch (failed) {
    log('error', `Vortex: ${(failed as VortexError).message}`, failed);
  }
}
