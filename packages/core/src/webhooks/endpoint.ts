/** The only place that knows in which order a webhook is checked, and what its sender is answered. */
import * as z from 'zod/mini';
import { bytesOf, type FoundBody, readWithin } from '../http/body.js';
import { failure, reply, type VortexReply } from '../http/reply.js';
import { isPlainObject, positiveInteger, requireShape } from '../lib/config.js';
import { asVortexError, VortexError } from '../lib/errors.js';
import { tell } from '../lib/hooks.js';
import { isLogger, type Log, type Logger, logTo, logToConsole, quiet } from '../lib/log.js';
import { within } from '../lib/promises.js';
import { toHex } from '../signing/hmac.js';
import { Claim, type ClaimSettings, COME_BACK } from './claim.js';
import { isAnalyticsEvent, type VortexEvent } from './events.js';
import { memoryStore, type WebhookStore } from './store.js';
import {
  handlersOf,
  readTolerance,
  VortexWebhookSignatureError,
  VortexWebhooks,
  type VortexWebhooksOptions,
  type WebhookHandlers,
  type WebhookSecret,
} from './verify.js';

/** What a webhook mount takes. `Context` is the framework's own request. */
export interface VortexWebhookOptions<Context> extends Omit<VortexWebhooksOptions, 'secret'>, WebhookHandlers<Context> {
  /**
   * The webhook secret, which is not the API key; a list of those accepted, while it is being replaced; or a function of
   * the context, where either depends on the request, as on Workers.
   */
  secret: WebhookSecret | ((context: Context) => WebhookSecret);
  /** What has been handled. Default: `memoryStore()`, which serves one process. */
  store?: WebhookStore | undefined;
  /**
   * Milliseconds after which an event whose process died may be handled by another. A handler that takes longer keeps its
   * event, for ten leases at most. Default 60 000.
   */
  lease?: number | undefined;
  /**
   * Milliseconds after which the sender is told to come back, if the event is not done by then. The handler goes on. Also
   * the deadline of each call of the store. Default 5 000.
   */
  timeout?: number | undefined;
  /** Hears of bad signatures and of all that failed here: what a handler threw, or that the store is down. */
  onError?: ((error: unknown) => unknown) | undefined;
  /** Where failures are logged: `console`, pino or the like. Default: the framework's own, else `console`. */
  logger?: Logger | undefined;
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
  /** Default: `console`. */
  log?: Log | undefined;
  context: Context;
}

export type ReceiveWebhook<Context> = (request: WebhookRequest<Context>) => Promise<VortexReply>;

/** Most bytes of a webhook's body. */
const MAX_BYTES = 1024 * 1024;
/** Most secrets that are known at a time, where they depend on the request. */
const MAX_SECRETS = 100;

const callable = z.custom((value) => typeof value === 'function', 'must be a function');
const isStore = (value: unknown) =>
  ['claim', 'complete', 'release'].every((method) => typeof Object(value)[method] === 'function');

/** What TypeScript checks, for JavaScript. What the value must be beyond its type is checked where it is read. */
const shape = z.strictObject({
  secret: z.custom(
    (value) => value !== undefined && value !== '',
    'is missing: the webhook secret, which is not the API key',
  ),
  tolerance: z.optional(z.number()),
  now: z.optional(callable),
  on: z.optional(
    z.pipe(z.custom<object>(isPlainObject, 'must be an object'), z.record(z.string(), z.optional(callable))),
  ),
  onEvent: z.optional(callable),
  onAnalyticsEvent: z.optional(callable),
  onError: z.optional(callable),
  store: z.optional(z.custom(isStore, 'must have claim, complete and release')),
  logger: z.optional(z.custom(isLogger, 'must have the methods warn and error')),
  lease: z.optional(z.unknown()),
  timeout: z.optional(z.unknown()),
});

interface Settings<Context> extends ClaimSettings {
  webhooksFor(context: Context): VortexWebhooks;
  handlers: WebhookHandlers<Context>;
  /** In place of the framework's. */
  log: Log | undefined;
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
    const log = quiet(settings.log ?? request.log ?? logToConsole);
    try {
      await receive(request, settings, log);
      return reply(200, { received: true });
    } catch (thrown) {
      const error = asVortexError(thrown);
      await report(error, log, settings);
      return failure(error);
    }
  };
}

function readOptions<Context>(options: VortexWebhookOptions<Context>): Settings<Context> {
  requireShape(shape, options);
  return {
    webhooksFor: readSecret(options),
    handlers: options,
    log: options.logger && logTo(options.logger),
    store: options.store ?? memoryStore(),
    lease: positiveInteger('lease', options.lease ?? 60_000),
    timeout: positiveInteger('timeout', options.timeout ?? 5000),
  };
}

function readSecret<Context>({ secret, tolerance, now }: VortexWebhookOptions<Context>) {
  if (typeof secret !== 'function') {
    const only = new VortexWebhooks({ secret, tolerance, now });
    return () => only;
  }
  readTolerance(tolerance);
  const known = new Map<string, VortexWebhooks>();
  return (context: Context) => {
    const given = secret(context);
    const key = JSON.stringify([given]);
    const found = known.get(key);
    if (found) return found;
    const made = new VortexWebhooks({ secret: given, tolerance, now });
    if (known.size >= MAX_SECRETS) known.clear();
    known.set(key, made);
    return made;
  };
}

async function receive<Context>(
  request: WebhookRequest<Context>,
  settings: Settings<Context>,
  log: Log,
): Promise<void> {
  const { header, readBody, context } = request;
  const signature = readSignature(header('x-vortex-signature'));
  const body = await readRawBody(readBody, header('content-length'));
  const event = await settings
    .webhooksFor(context)
    .constructEvent(body, signature)
    .catch((error: unknown) => {
      throw error instanceof SyntaxError ? new VortexError('INVALID_REQUEST', 'The webhook is not valid JSON.') : error;
    });
  const handlers = handlersOf(event, settings.handlers);
  if (handlers.length === 0) return;

  const deadline = Date.now() + settings.timeout;
  const claim = new Claim(await idOf(event, body), settings, log);
  const state = await claim.take();
  if (state === 'done') return;
  if (state === 'in flight') throw inFlight();

  const handling = handle(claim, async () => {
    for (const handler of handlers) await handler(event, context);
  });
  let isLate = false;
  const told = handling.catch((error) => (isLate ? report(error, log, settings) : undefined));
  request.waitUntil?.(told);
  await within(deadline - Date.now(), handling, () => {
    isLate = true;
    return inFlight();
  });
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

/** Where the sender gave no usable id, what is the same is what has the same bytes. */
async function idOf(event: VortexEvent, body: Uint8Array): Promise<string> {
  const id: unknown = event.id;
  const kind = isAnalyticsEvent(event) ? 'analytics' : 'webhook';
  if (typeof id === 'string' && id !== '' && id.length <= 200) return `${kind}:${id}`;
  return `${kind}:${toHex(await crypto.subtle.digest('SHA-256', body as BufferSource))}`;
}

async function handle(claim: Claim, run: () => Promise<void>): Promise<void> {
  const stopKeeping = claim.keep();
  const failed = await run().then(
    () => undefined,
    (cause: unknown) => new VortexError('INTERNAL', 'A webhook handler threw.', { cause }),
  );
  await stopKeeping();
  await (failed ? claim.release() : claim.complete());
  if (failed) throw failed;
}

function inFlight(): VortexError {
  return new VortexError('EVENT_IN_FLIGHT', undefined, { retryAfter: COME_BACK });
}

/** The log and `onError` hear of what failed here, and `onError` of bad signatures too. */
async function report<Context>(error: VortexError, log: Log, { handlers, timeout }: Settings<Context>): Promise<void> {
  const isOurs = error.status >= 500 && error.code !== 'EVENT_IN_FLIGHT';
  if (isOurs) log('error', `Vortex: a webhook failed with ${error.code}: ${error.message}`, error);
  if (!isOurs && !(error instanceof VortexWebhookSignatureError)) return;
  const telling = () => handlers.onError?.(error.code === 'INTERNAL' ? error.cause : error);
  await tell('onError', telling, timeout, log);
}
