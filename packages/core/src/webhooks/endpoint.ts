/** The order in which a webhook is checked, and the replies to its sender. */
import * as z from 'zod/mini';
import { type BodySource, readRawBody } from '../http/body.js';
import { failure, reply, type VortexReply } from '../http/reply.js';
import { toHex } from '../lib/bytes.js';
import { callable, loggerOption, positiveInteger, requireShape } from '../lib/config.js';
import { asVortexError, VortexError } from '../lib/errors.js';
import { notify } from '../lib/hooks.js';
import { type Log, type Logger, logTo, logToConsole, quiet } from '../lib/log.js';
import { withTimeout } from '../lib/promises.js';
import { isFunction, isPlainObject } from '../lib/values.js';
import { Claim, type ClaimSettings, RETRY_AFTER } from './claim.js';
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

/** The options of a webhook mount. `Context` is the framework's own request. */
export interface VortexWebhookOptions<Context> extends Omit<VortexWebhooksOptions, 'secret'>, WebhookHandlers<Context> {
  /**
   * The webhook secret, which is not the API key. During a rotation, a list of the accepted secrets. A function of the
   * context if the secret depends on the request, as on Workers.
   */
  secret: WebhookSecret | ((context: Context) => WebhookSecret);
  /**
   * Deduplicates deliveries. The default serves one process.
   *
   * @default memoryStore()
   */
  store?: WebhookStore | undefined;
  /**
   * Milliseconds after which another process may handle the event of a process that died. The lease of a running handler is
   * renewed, up to ten leases.
   *
   * @default 60_000
   */
  lease?: number | undefined;
  /**
   * Milliseconds after which the reply to the sender is 503, if the handlers have not finished. They keep running. Also the
   * deadline of each call of the store.
   *
   * @default 5_000
   */
  timeout?: number | undefined;
  /** Receives invalid signatures, errors of handlers and failures of the store. */
  onError?: ((error: unknown) => unknown) | undefined;
  /**
   * Logs failures.
   *
   * @default the framework's logger, otherwise `console`
   */
  logger?: Logger | undefined;
}

/** The request of a framework, as an adapter translates it. */
export interface WebhookRequest<Context> extends BodySource {
  readonly method: string;
  /** Keeps the runtime alive for work after the reply, on runtimes that stop at the reply. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** @default `console` */
  readonly log?: Log | undefined;
  /** The framework's own request, passed to the handlers. */
  readonly context: Context;
}

export type ReceiveWebhook<Context> = (request: WebhookRequest<Context>) => Promise<VortexReply>;

/** Maximum size of the body of a webhook in bytes. */
export const MAX_WEBHOOK_BYTES = 1024 * 1024;
/** Maximum number of secrets whose keys are cached, if they depend on the request. */
const MAX_SECRETS = 100;

const isStore = (value: unknown) =>
  ['claim', 'complete', 'release'].every((method) => isFunction(Object(value)[method]));

/** Checks for JavaScript what the compiler checks for TypeScript. Limits of a value are checked where it is read. */
const optionsSchema = z.strictObject({
  secret: z.custom(
    (value) => value !== undefined && value !== '',
    'is missing. Set the webhook secret, which is not the API key',
  ),
  tolerance: z.optional(z.number()),
  now: z.optional(callable),
  on: z.optional(
    z.pipe(z.custom<object>(isPlainObject, 'must be an object'), z.record(z.string(), z.optional(callable))),
  ),
  onEvent: z.optional(callable),
  onAnalyticsEvent: z.optional(callable),
  onError: z.optional(callable),
  store: z.optional(z.custom(isStore, 'must have the methods claim, complete and release')),
  logger: z.optional(loggerOption),
  lease: z.optional(z.unknown()),
  timeout: z.optional(z.unknown()),
});

interface Settings<Context> extends ClaimSettings {
  webhooksFor(context: Context): VortexWebhooks;
  handlers: WebhookHandlers<Context>;
  /** Replaces the framework's logger. */
  log: Log | undefined;
}

/**
 * Builds the function that receives webhooks: verified and deduplicated. It never rejects.
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function createWebhookEndpoint<Context>(options: VortexWebhookOptions<Context>): ReceiveWebhook<Context> {
  const settings = readWebhookOptions(options);
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

function readWebhookOptions<Context>(options: VortexWebhookOptions<Context>): Settings<Context> {
  requireShape(optionsSchema, options);
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
  const { context } = request;
  const signature = readSignature(request.header('x-vortex-signature'));
  const body = await readRawBody(request, MAX_WEBHOOK_BYTES);
  const event = await settings
    .webhooksFor(context)
    .constructEvent(body, signature)
    .catch((error: unknown) => {
      throw error instanceof SyntaxError
        ? new VortexError('INVALID_REQUEST', 'The body of the webhook is not valid JSON.')
        : error;
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
  const reported = handling.catch((error) => (isLate ? report(error, log, settings) : undefined));
  request.waitUntil?.(reported);
  await withTimeout(deadline - Date.now(), handling, () => {
    isLate = true;
    return inFlight();
  });
}

function readSignature(signature: string | undefined): string {
  if (!signature) throw new VortexError('INVALID_SIGNATURE', 'The header X-Vortex-Signature is missing.');
  // Servers join repeated headers.
  if (signature.includes(',')) throw new VortexError('INVALID_REQUEST', 'X-Vortex-Signature must not be repeated.');
  return signature;
}

/** The id of the event, or a digest of the body if the sender gave no usable id. */
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
    (cause: unknown) => new VortexError('INTERNAL', 'A webhook handler threw an error; see the cause.', { cause }),
  );
  await stopKeeping();
  await (failed ? claim.release() : claim.complete());
  if (failed) throw failed;
}

function inFlight(): VortexError {
  return new VortexError('EVENT_IN_FLIGHT', undefined, { retryAfter: RETRY_AFTER });
}

/** Reports failures of ours to the log and to `onError`, and invalid signatures to `onError` alone. */
async function report<Context>(error: VortexError, log: Log, { handlers, timeout }: Settings<Context>): Promise<void> {
  const isOurs = error.status >= 500 && error.code !== 'EVENT_IN_FLIGHT';
  if (isOurs) log('error', `Vortex: a webhook failed with ${error.code}: ${error.message}`, error);
  if (!isOurs && !(error instanceof VortexWebhookSignatureError)) return;
  const call = () => handlers.onError?.(error.code === 'INTERNAL' ? error.cause : error);
  await notify('onError', call, timeout, log);
}
