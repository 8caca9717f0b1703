/** The order in which a webhook is checked, and the replies to its sender. */
import { type BodySource, readRawBody } from '../http/body.js';
import { failure, reply, type VortexReply } from '../http/reply.js';
import { positiveInteger, requireOptions, warnOfSeconds } from '../lib/config.js';
import { asVortexError, VortexError, type VortexErrorCode } from '../lib/errors.js';
import { callHook, notify, resolveOption } from '../lib/hooks.js';
import { type Log, type Logger, logTo, logToConsole, quiet } from '../lib/log.js';
import { anything, must, optional, optionalCallable, optionalLogger, optionalNumber } from '../lib/option-checks.js';
import { type MaybePromise, withTimeout } from '../lib/promises.js';
import { isFunction } from '../lib/values.js';
import { handlerMap, optionalStore, requireHandler, warnOfEventNames } from './checks.js';
import { inFlight } from './claim.js';
import type { VortexEvent } from './events.js';
import { namespacesOf } from './namespaces.js';
import { beginOnce, eventId, idOf, type OnceSettings } from './once.js';
import { memoryStore } from './store.js';
import {
  handlersOf,
  readLease,
  readMaxAge,
  STORE_TIMEOUT,
  VortexWebhookSignatureError,
  VortexWebhooks,
  type VortexWebhooksOptions,
  type WebhookHandlers,
  type WebhookSecret,
} from './verify.js';

/** The options of a webhook mount. `Context` is the framework's own request, `Tx` the transaction of its store. */
export interface WebhookMountOptions<Context, Tx = undefined>
  extends Omit<VortexWebhooksOptions<Tx>, 'secret'>,
    Omit<WebhookHandlers<Context, NoInfer<Tx>>, 'onError'> {
  /**
   * The webhook secret, which is not the API key. During a rotation, a list of the accepted secrets. A function of the
   * context if the secret depends on the request, as on Workers or with tenants: each secret then has its own events, and
   * `undefined` means that the tenant is unknown: 401. Keep an old secret in the list for as long as its events may return.
   */
  secret: WebhookSecret | ((context: Context) => MaybePromise<WebhookSecret>);
  /**
   * Milliseconds after which the reply to the sender is 503, if the handlers have not finished. They keep running. Also the
   * deadline of each call of the store.
   *
   * @default 5_000
   */
  answerWithin?: number | undefined;
  /**
   * Maximum duration of reading the body of a webhook in milliseconds. After that the reply is 408 and the connection is
   * closed.
   *
   * @default 10_000
   */
  bodyTimeout?: number | undefined;
  /**
   * Receives every delivery that is refused, errors of handlers and failures of the store. Not `EVENT_IN_FLIGHT`, since 503 asks
   * the sender to deliver it again, nor a request whose body did not arrive (`ABORTED`, `REQUEST_TIMEOUT`). Also called for requests
   * that Vortex has not sent: `event` is present only if the signature is valid and the event is not refused.
   */
  onError?: ((event: WebhookFailureEvent, context: Context) => unknown) | undefined;
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

export interface ReceiveWebhook<Context> {
  /** Never rejects. */
  (request: WebhookRequest<Context>): Promise<VortexReply>;
  /** Resolves once no handler is running, so that the store can be closed. */
  idle(): Promise<void>;
}

/** Maximum size of the body of a webhook in bytes. */
export const MAX_WEBHOOK_BYTES = 1024 * 1024;
/** Maximum number of secrets whose keys are cached, if they depend on the request. */
const MAX_SECRETS = 100;

/** Checks for JavaScript what the compiler checks for TypeScript. Limits of a value are checked where it is read. */
const checks = {
  secret: must(
    (value) => value !== undefined && value !== '',
    'is missing. Set the webhook secret, which is not the API key',
  ),
  maxAge: optionalNumber,
  now: optionalCallable,
  on: optional(handlerMap),
  onEvent: optionalCallable,
  onAnalyticsEvent: optionalCallable,
  onError: optionalCallable,
  key: optionalCallable,
  store: optionalStore,
  logger: optionalLogger,
  lease: anything,
  answerWithin: anything,
  bodyTimeout: anything,
};

/** A delivery that was refused, or has failed here. */
export interface WebhookFailureEvent {
  /** The error of the handler, or a `VortexError`. */
  readonly error: unknown;
  /** Undefined if the delivery was refused, or failed before its event was known. */
  readonly event: VortexEvent | undefined;
}

interface Settings<Context, Tx> extends OnceSettings<Tx> {
  tenantOf(context: Context): MaybePromise<Tenant>;
  handlers: WebhookHandlers<Context, Tx>;
  onError: WebhookMountOptions<Context>['onError'];
  key(event: VortexEvent): unknown;
  /** In milliseconds. */
  answerWithin: number;
  bodyTimeout: number;
  /** Replaces the framework's logger. */
  log: Log | undefined;
}

const RECEIVED = reply(200, { received: true });

const WRONG_SIGNATURE =
  'INVALID_SIGNATURE, and its event was not handled. Check that secret is the webhook secret of this URL, and not that of another URL or the API key.';
const NO_SIGNATURE =
  'INVALID_SIGNATURE, since it has no header X-Vortex-Signature. If Vortex sent it, let the proxy in front of the server keep the header.';
const NO_SECRET =
  'INVALID_SIGNATURE, since secret is a function and returned undefined. Unless the tenant is unknown, check the variable that it reads.';
const STALE =
  'STALE_EVENT, although its signature is valid, and its event was not handled. Check the clock of the server, and that maxAge allows for all retries of the sender.';

const LATE =
  'EVENT_IN_FLIGHT, since its handlers and store had not ended within answerWithin; they go on. If handlers are slow on purpose, raise answerWithin. If not, do they wait for another connection? With transactionalStore, use the third argument.';

/** Failures that are not reported: the reply asks the sender to deliver the event again, or the body has not arrived. */
const HARMLESS: ReadonlySet<VortexErrorCode> = new Set(['EVENT_IN_FLIGHT', 'ABORTED', 'REQUEST_TIMEOUT']);

/**
 * Builds the function that receives webhooks: verified and deduplicated. It never rejects.
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function createWebhookEndpoint<Context, Tx = undefined>(
  options: WebhookMountOptions<Context, Tx>,
): ReceiveWebhook<Context> {
  const settings = readWebhookOptions(options);
  const running = new Set<Promise<unknown>>();
  const warned = new Set<string>();
  const receiving: (request: WebhookRequest<Context>) => Promise<VortexReply> = async (request) => {
    if (request.method !== 'POST') return failure(new VortexError('METHOD_NOT_ALLOWED'), { allow: 'POST' });
    const log = quiet(settings.log ?? request.log ?? logToConsole);
    const delivery: Delivery = { event: undefined, isOfTenant: false, isLate: false };
    try {
      await receive(request, settings, delivery, log, running);
      return RECEIVED;
    } catch (thrown) {
      const error = asVortexError(thrown);
      const refusal = refusalOf(error, delivery);
      if (refusal !== undefined && !warned.has(refusal)) {
        warned.add(refusal);
        log('warn', `Vortex: a webhook was refused with ${refusal} Further refusals for this reason are not logged.`);
      }
      await report({ error, event: delivery.event }, request.context, settings, log);
      return failure(error);
    }
  };
  const idle = async () => {
    while (running.size > 0) await Promise.allSettled(running);
  };
  return Object.assign(receiving, { idle });
}

function readWebhookOptions<Context, Tx>(options: WebhookMountOptions<Context, Tx>): Settings<Context, Tx> {
  requireOptions(checks, options);
  const { on, logger, bodyTimeout, lease, maxAge } = options;
  warnOfEventNames(on, logger);
  warnOfSeconds({ answerWithin: options.answerWithin, bodyTimeout }, 100, logger);
  warnOfSeconds({ lease }, 1000, logger);
  warnOfSeconds({ maxAge }, 60_000, logger);
  const answerWithin = positiveInteger('answerWithin', options.answerWithin ?? STORE_TIMEOUT);
  const settings = {
    tenantOf: readSecret(options, answerWithin),
    handlers: { on: options.on, onEvent: options.onEvent, onAnalyticsEvent: options.onAnalyticsEvent },
    onError: options.onError,
    log: options.logger && logTo(options.logger),
    key: options.key ?? eventId,
    store: options.store ?? memoryStore(),
    lease: readLease(options.lease),
    answerWithin,
    timeout: answerWithin,
    bodyTimeout: positiveInteger('bodyTimeout', options.bodyTimeout ?? 10_000),
  };
  requireHandler(options);
  return settings;
}

/** A verifier, with the namespaces of its events if there are several tenants. */
interface Tenant {
  readonly webhooks: VortexWebhooks;
  readonly namespaces: Promise<readonly string[]> | undefined;
}

/** @param limit for the function of the application, in milliseconds */
function readSecret<Context, Tx>(
  { secret, maxAge, now }: WebhookMountOptions<Context, Tx>,
  limit: number,
): (context: Context) => MaybePromise<Tenant> {
  if (!isFunction(secret)) {
    const only = { webhooks: new VortexWebhooks({ secret, maxAge, now }), namespaces: undefined };
    return () => only;
  }
  readMaxAge(maxAge);
  const known = new Map<string, Tenant>();
  return async (context) => {
    const given = await resolveOption(
      'secret',
      secret as (context: Context) => MaybePromise<WebhookSecret>,
      context,
      limit,
    );
    if (given === undefined || given === null) throw new VortexWebhookSignatureError();
    const key = JSON.stringify([given]);
    const found = known.get(key);
    if (found) return found;
    const webhooks = new VortexWebhooks({ secret: given, maxAge, now });
    const secrets = (typeof given === 'string' ? [given] : given).filter((one) => one !== undefined);
    const tenant = { webhooks, namespaces: namespacesOf(secrets) };
    if (known.size >= MAX_SECRETS) known.clear();
    known.set(key, tenant);
    return tenant;
  };
}

/** The state of one delivery. */
interface Delivery {
  /** Present once the signature is verified. */
  event: VortexEvent | undefined;
  /** True once a secret is found. */
  isOfTenant: boolean;
  /** True once the reply was sent before the handlers and the store had ended. */
  isLate: boolean;
}

async function receive<Context, Tx>(
  request: WebhookRequest<Context>,
  settings: Settings<Context, Tx>,
  delivery: Delivery,
  log: Log,
  running: Set<Promise<unknown>>,
): Promise<void> {
  const { context } = request;
  const signature = readSignature(request.header('x-vortex-signature'));
  const body = await readRawBody(request, MAX_WEBHOOK_BYTES, settings.bodyTimeout);
  const { webhooks, namespaces } = await settings.tenantOf(context);
  delivery.isOfTenant = true;
  const event = await webhooks.constructEvent(body, signature);
  delivery.event = event;
  const handlers = handlersOf(event, settings.handlers);
  if (handlers.length === 0) return;

  const key = await callHook('key', () => settings.key(event), settings.answerWithin);
  const id = await idOf(event, key, () => body);
  const work = async (tx: Tx) => {
    try {
      for (const handler of handlers) await handler(event, context, tx);
    } catch (cause) {
      throw new VortexError('INTERNAL', 'A webhook handler threw an error; see the cause.', { cause });
    }
  };
  const begun = await beginOnce(id, await namespaces, settings, log, work);
  if (!begun) return;
  const { handling, left } = begun;
  const reported = handling.catch((error) =>
    delivery.isLate ? report({ error, event }, context, settings, log) : undefined,
  );
  running.add(reported);
  void reported.finally(() => running.delete(reported));
  request.waitUntil?.(reported);
  await withTimeout(left, handling, () => {
    delivery.isLate = true;
    return inFlight();
  });
}

function readSignature(signature: string | undefined): string {
  if (!signature) throw new VortexError('INVALID_SIGNATURE', 'The header X-Vortex-Signature is missing.');
  // Servers join repeated headers.
  if (signature.includes(',')) throw new VortexError('INVALID_REQUEST', 'X-Vortex-Signature must not be repeated.');
  return signature;
}

/**
 * Returns what to warn of once: a code with what to check. Undefined for a failure that is an error of its own in the log, or loses no
 * event.
 */
function refusalOf(error: VortexError, { isOfTenant, isLate }: Delivery): string | undefined {
  const { code, status } = error;
  if (isLate) return LATE;
  if (status >= 500 || HARMLESS.has(code)) return undefined;
  if (error instanceof VortexWebhookSignatureError) return isOfTenant ? WRONG_SIGNATURE : NO_SECRET;
  if (code === 'INVALID_SIGNATURE') return NO_SIGNATURE;
  if (code === 'STALE_EVENT') return STALE;
  return `${code}. If Vortex sent it, its event was not handled. Check the proxy in front of the server; onError has the reason.`;
}

/** Reports failures of ours to the log and to `onError`, and refusals to `onError` alone. */
async function report<Context>(
  { error, event }: { error: VortexError; event: VortexEvent | undefined },
  context: Context,
  { onError, timeout }: Pick<Settings<Context, unknown>, 'onError' | 'timeout'>,
  log: Log,
): Promise<void> {
  if (HARMLESS.has(error.code)) return;
  if (error.status >= 500) log('error', `Vortex: a webhook failed with ${error.code}: ${error.message}`, error);
  const call = () => onError?.({ error: error.code === 'INTERNAL' ? error.cause : error, event }, context);
  await notify('onError', call, timeout, log);
}
