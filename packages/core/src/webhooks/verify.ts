import { type HmacKey, hmac, importHmacKey } from '#hmac';
import { type Bytes, isArrayBuffer, toHex } from '../lib/bytes.js';
import { positiveInteger, requireOptions } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { logToConsole, quiet } from '../lib/log.js';
import { anything, optional, optionalCallable, optionalNumber } from '../lib/option-checks.js';
import { cacheSuccess, type MaybePromise } from '../lib/promises.js';
import { isObject } from '../lib/values.js';
import { handlerMap, optionalStore, warnOfEventNames } from './checks.js';
import {
  type AnalyticsEvent,
  isAnalyticsEvent,
  isWebhookEvent,
  type VortexEvent,
  type WebhookEvent,
  type WebhookEventOf,
  type WebhookEventType,
} from './events.js';
import { beginOnce, eventId, idOf, type OnceSettings } from './once.js';
import type { TransactionalStore, WebhookStore } from './store.js';

/**
 * Computes the value of `X-Vortex-Signature`: lower-case hexadecimal HMAC-SHA256 over the exact bytes of the body, keyed
 * with the webhook secret. The emulator signs with it, and tests can.
 *
 * @param body the body as sent; text stands for its UTF-8 bytes
 * @param secret the webhook secret, which is not the API key
 */
export async function signWebhook(body: string | ArrayBuffer | Uint8Array, secret: string): Promise<string> {
  return toHex(await hmac(await importHmacKey(secret), body));
}

/** One secret, or a list during a rotation. At least one must be present. */
export type WebhookSecret = string | readonly (string | undefined)[] | undefined;

export interface VortexWebhooksOptions<Tx = undefined> {
  /** The webhook secret, which is not the API key. During a rotation, pass both: either is accepted. */
  secret: WebhookSecret;
  /**
   * Maximum distance between an event's signed `timestamp` and now, in milliseconds and in both directions. A redelivery
   * has the timestamp of the event, so allow for all retries of the sender.
   *
   * @default no limit
   */
  maxAge?: number | undefined;
  /**
   * The clock for `maxAge`, in milliseconds since 1970.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined;
  /**
   * Deduplicates the events that are handled. With `transactionalStore`, handlers get the transaction as third argument.
   *
   * @default a mount has memoryStore(), which serves one process; `VortexWebhooks.handleEvent` has none
   */
  store?: WebhookStore | TransactionalStore<Tx> | undefined;
  /**
   * Returns the key by which deliveries of the same event are recognised. The vendor documents `id` as that of the delivery;
   * if a redelivery has a new id, return something that both have, such as the type, the invitation and the timestamp. A mount
   * answers 500 if the function throws or its promise rejects, and 504 if the promise does not settle within `answerWithin`.
   * `handleEvent` rejects with the error, and waits without a limit.
   *
   * @default the `id` of the event
   */
  key?: ((event: VortexEvent) => MaybePromise<string>) | undefined;
  /**
   * Milliseconds after which another process may handle the event of a process that died. The lease of a running handler is
   * renewed for as long as the process runs. After ten leases, the handler is reported to `onError` as stuck, and stopping no
   * longer waits for it. A transactional store uses the lease for that alone.
   *
   * @default 60_000
   */
  lease?: number | undefined;
}

/** A handler per event type. Without type arguments, a map fits every framework and store. */
export type WebhookHandlerMap<Context = unknown, Tx = unknown> = {
  readonly [Type in WebhookEventType]?:
    | ((event: WebhookEventOf<Type>, context: Context, tx: Tx) => unknown)
    | undefined;
};

/**
 * Handlers of events. All are awaited. `Context` is the framework's own request; `VortexWebhooks` has none. `tx` is the
 * transaction of `transactionalStore`, and undefined with another store. Without type arguments, handlers fit every framework
 * and store.
 */
export interface WebhookHandlers<Context = unknown, Tx = unknown> {
  /** Handlers by event type. They run before `onEvent`. */
  on?: WebhookHandlerMap<Context, Tx> | undefined;
  /** Handles every webhook event, including types that this version does not know. */
  onEvent?: ((event: WebhookEvent, context: Context, tx: Tx) => unknown) | undefined;
  /** Handles every analytics event. */
  onAnalyticsEvent?: ((event: AnalyticsEvent, context: Context, tx: Tx) => unknown) | undefined;
  /** Receives the error that a handler threw. */
  onError?: ((error: unknown) => unknown) | undefined;
}

const checks = {
  secret: anything,
  maxAge: optionalNumber,
  now: optionalCallable,
  store: optionalStore,
  key: optionalCallable,
  lease: anything,
};

/** Thrown if the signature does not match the body and the secret. */
export class VortexWebhookSignatureError extends VortexError {
  override readonly name: string = 'VortexWebhookSignatureError';

  constructor() {
    super(
      'INVALID_SIGNATURE',
      'Webhook signature verification failed. Ensure you are using the raw request body and the correct signing secret.',
    );
  }
}

/** A header as Node's servers type it. */
type SignatureHeader = string | readonly string[] | null | undefined;

/** Deadline of each call of the store in milliseconds, unless a mount sets another by `answerWithin`. */
export const STORE_TIMEOUT = 5000;

/**
 * Verifies and dispatches webhooks without HTTP, for hosts that the adapters do not fit and for the workers of a queue. It
 * deduplicates events if it has a store.
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export class VortexWebhooks<Tx = undefined> {
  readonly #maxAge: number;
  readonly #now: () => number;
  readonly #keys: () => Promise<HmacKey[]>;
  readonly #once: OnceSettings<Tx> | undefined;
  readonly #key: (event: VortexEvent) => unknown;
  #hasWarned = false;

  constructor(options: VortexWebhooksOptions<Tx>) {
    requireOptions(checks, options);
    const { secret, maxAge, now = Date.now, store, key, lease } = options;
    this.#once = store && { store, lease: readLease(lease), timeout: STORE_TIMEOUT };
    this.#key = key ?? eventId;
    const secrets = readSecrets(secret);
    this.#keys = cacheSuccess(() => Promise.all(secrets.map(importHmacKey)));
    this.#maxAge = readMaxAge(maxAge);
    this.#now = now;
  }

  /**
   * Tells whether the signature matches the body, compared in constant time.
   *
   * @param body the raw body as received; a parsed body written as JSON again has other bytes
   * @param signature the header `X-Vortex-Signature`; a list is never valid
   * @throws VortexError `INVALID_ARGUMENT` if the body is neither bytes nor text
   */
  async verifySignature(body: string | ArrayBuffer | Uint8Array, signature: SignatureHeader): Promise<boolean> {
    if (!(typeof body === 'string' || isArrayBuffer(body) || ArrayBuffer.isView(body))) {
      throw new VortexError(
        'INVALID_ARGUMENT',
        'body must be the raw body, as bytes or text, and not a parsed value.',
        {
          reason: 'type',
        },
      );
    }
    if (typeof signature !== 'string') return false;
    let isValid = false;
    // All are computed, so that the time does not tell which secret has signed.
    for (const key of await this.#keys()) if (equal(toHex(await hmac(key, body)), signature)) isValid = true;
    return isValid;
  }

  /**
   * Verifies the signature of a body and returns its event. The fields are as the sender wrote them.
   *
   * @throws VortexWebhookSignatureError if the signature does not match
   * @throws VortexError `STALE_EVENT` if the timestamp is not within `maxAge`
   * @throws VortexError `INVALID_REQUEST` if the signed body is not a JSON object
   */
  async constructEvent(body: string | ArrayBuffer | Uint8Array, signature: SignatureHeader): Promise<VortexEvent> {
    if (!(await this.verifySignature(body, signature))) throw new VortexWebhookSignatureError();
    const event = parse(body);
    if (this.#maxAge < Number.POSITIVE_INFINITY) this.#checkAge(event);
    return event;
  }

  /**
   * Calls the handlers of an event: the handler of its type and then `onEvent`, or `onAnalyticsEvent`. If a handler throws,
   * `onError` receives the error, the remaining handlers are skipped, and the error is thrown again. With a store, an event that
   * is done is not handled again.
   *
   * @throws VortexError `EVENT_IN_FLIGHT` if the event is being handled elsewhere, and `STORE_UNAVAILABLE` if the store fails:
   *   try again after `retryAfter` seconds
   */
  async handleEvent(event: VortexEvent, handlers: WebhookHandlers<undefined, Tx>): Promise<void>;
  async handleEvent<Context>(
    event: VortexEvent,
    handlers: WebhookHandlers<Context, Tx>,
    context: Context,
  ): Promise<void>;
  async handleEvent<Context>(event: VortexEvent, handlers: WebhookHandlers<Context, Tx>, context?: Context) {
    requireOptions(handlerChecks, handlers, HANDLERS);
    this.#warnOfEventNames(handlers.on);
    const found = handlersOf(event, handlers);
    if (found.length === 0) return;
    const work = async (tx: Tx) => {
      try {
        for (const handle of found) await handle(event, context as Context, tx);
      } catch (error) {
        await handlers.onError?.(error);
        throw error;
      }
    };
    // Without a store there is no transaction.
    if (!this.#once) return work(undefined as Tx);
    const id = await idOf(event, await this.#key(event), () => new TextEncoder().encode(JSON.stringify(event)));
    const begun = await beginOnce(id, undefined, this.#once, quiet(logToConsole), work);
    await begun?.handling;
  }

  /** Once per instance, since handlers come with every event. */
  #warnOfEventNames(on: object | undefined): void {
    if (this.#hasWarned) return;
    this.#hasWarned = warnOfEventNames(on, undefined).length > 0;
  }

  #checkAge(event: VortexEvent): void {
    const { timestamp }: { timestamp: unknown } = event;
    const age = this.#now() - (typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN);
    if (Math.abs(age) <= this.#maxAge) return;
    throw new VortexError('STALE_EVENT', `The event's timestamp is not within ${this.#maxAge} ms of now.`);
  }
}

const handlerChecks = {
  on: optional(handlerMap),
  onEvent: optionalCallable,
  onAnalyticsEvent: optionalCallable,
  onError: optionalCallable,
};

const HANDLERS = { prefix: 'handlers.', member: 'a handler', all: 'The handlers', code: 'INVALID_ARGUMENT' } as const;

type Handler<Context, Tx> = (event: VortexEvent, context: Context, tx: Tx) => unknown;

/** The handlers of an event, in the order in which they run. */
export function handlersOf<Context, Tx>(
  event: unknown,
  { on = {}, onEvent, onAnalyticsEvent }: WebhookHandlers<Context, Tx>,
): Handler<Context, Tx>[] {
  const found: unknown[] = [];
  if (isAnalyticsEvent(event)) found.push(onAnalyticsEvent);
  if (isWebhookEvent(event))
    found.push(Object.hasOwn(on, event.type) ? on[event.type as WebhookEventType] : undefined, onEvent);
  return found.filter((handler) => handler !== undefined) as Handler<Context, Tx>[];
}

function parse(body: Bytes): VortexEvent {
  let event: VortexEvent;
  try {
    event = JSON.parse(typeof body === 'string' ? body : decoder.decode(body));
  } catch (cause) {
    throw new VortexError('INVALID_REQUEST', 'The body of the webhook is not valid JSON.', { cause });
  }
  if (isObject(event) && !Array.isArray(event)) return event;
  throw new VortexError('INVALID_REQUEST', 'The body of the webhook is not a JSON object.');
}

/** Keeps a byte order mark, so that the text is invalid JSON. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @throws VortexError `CONFIG` */
export function readLease(lease: unknown = 60_000): number {
  return positiveInteger('lease', lease);
}

/** @throws VortexError `CONFIG` */
export function readMaxAge(maxAge: number | undefined): number {
  if (maxAge === undefined) return Number.POSITIVE_INFINITY;
  if (Number.isFinite(maxAge) && maxAge > 0) return maxAge;
  throw new VortexError('CONFIG', 'maxAge must be a finite number of milliseconds above 0. Leave it out for no limit.');
}

function readSecrets(secret: WebhookSecret): readonly string[] {
  const isList = Array.isArray(secret);
  const given: readonly unknown[] = isList ? secret : [secret || undefined];
  const secrets = given.filter((one) => one !== undefined) as string[];
  // The sentence of the vendor's SDK.
  if (secrets.length === 0) throw new VortexError('CONFIG', 'VortexWebhooks requires a secret');
  const wrong = given.findIndex((one) => one !== undefined && (typeof one !== 'string' || one === ''));
  if (wrong >= 0) {
    const entry = isList ? `; secret[${wrong}] is ${given[wrong] === '' ? 'empty' : 'not text'}` : '';
    throw new VortexError(
      'CONFIG',
      `secret must be text or a list of texts${entry}. ${isList ? 'Set its variable, or remove the entry' : 'Set the webhook secret, which Vortex shows with the URL of the webhook'}.`,
    );
  }
  if (secrets.some((one) => one.trim().startsWith('VRTX.'))) {
    throw new VortexError(
      'CONFIG',
      'secret is an API key (VRTX.…). Set the webhook secret, which Vortex shows with the URL of the webhook.',
    );
  }
  if (secrets.some((one) => one !== one.trim())) {
    throw new VortexError('CONFIG', 'secret has surrounding white space; fix it where the variable is set.');
  }
  return secrets;
}

/** Compares in constant time. The length of a signature is not secret. */
function equal(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
