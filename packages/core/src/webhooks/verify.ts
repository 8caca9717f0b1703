import { VortexError } from '../lib/errors.js';
import { type Bytes, type HmacKey, hmac, importHmacKey, toHex } from '../signing/hmac.js';
import {
  type AnalyticsEvent,
  isAnalyticsEvent,
  isWebhookEvent,
  type VortexEvent,
  type WebhookEvent,
  type WebhookEventOf,
  type WebhookEventType,
} from './events.js';

/**
 * The value of `X-Vortex-Signature` for a webhook: lower-case hexadecimal HMAC-SHA256 over the exact bytes of the body,
 * keyed with the webhook secret. The emulator signs with it, and so can your tests.
 *
 * @param body the body as sent; text stands for its UTF-8 bytes
 * @param secret the webhook secret, which is not the API key
 */
export async function signWebhook(body: Bytes, secret: string): Promise<string> {
  return toHex(await hmac(await importHmacKey(secret), body));
}

/** One, or those accepted while it is being replaced, of which one at least must be there. */
export type WebhookSecret = string | readonly (string | undefined)[] | undefined;

export interface VortexWebhooksOptions {
  /** The webhook secret, which is not the API key. While it is being replaced give both: either is accepted. */
  secret: WebhookSecret;
  /**
   * Most milliseconds between an event's signed `timestamp` and now, in both directions. Default: any age. A redelivery
   * carries the timestamp of the event, so leave room for every retry of the sender.
   */
  tolerance?: number | undefined;
  /** The clock that `tolerance` goes by, in milliseconds since 1970. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/** What to do with events. All are awaited. `Context` is the framework's own request, where there is one. */
export interface WebhookHandlers<Context = undefined> {
  /** By type; what is registered here runs before `onEvent`. */
  on?:
    | {
        readonly [Type in WebhookEventType]?: ((event: WebhookEventOf<Type>, context: Context) => unknown) | undefined;
      }
    | undefined;
  /** Every webhook event, those of types that this version does not know included. */
  onEvent?: ((event: WebhookEvent, context: Context) => unknown) | undefined;
  onAnalyticsEvent?: ((event: AnalyticsEvent, context: Context) => unknown) | undefined;
  /** Hears what a handler threw. */
  onError?: ((error: unknown) => unknown) | undefined;
}

/** The body was not signed with the secret, or is not the one that was. */
export class VortexWebhookSignatureError extends VortexError {
  override readonly name: string = 'VortexWebhookSignatureError';

  constructor() {
    super(
      'INVALID_SIGNATURE',
      'Webhook signature verification failed. Ensure you are using the raw request body and the correct signing secret.',
    );
  }
}

/** As servers give a header: text, or a list where they would give one. */
type SignatureHeader = string | readonly string[] | null | undefined;

/**
 * Verifies and dispatches webhooks, where the mounts of the adapters do not fit: it knows no HTTP, and does not recognise
 * an event that comes twice.
 *
 * @throws VortexError `CONFIG` where the secret is missing or cannot be meant
 */
export class VortexWebhooks {
  readonly #secrets: readonly string[];
  readonly #tolerance: number;
  readonly #now: () => number;
  #keys: Promise<HmacKey[]> | undefined;

  constructor({ secret, tolerance, now = Date.now }: VortexWebhooksOptions) {
    this.#secrets = readSecrets(secret);
    this.#tolerance = readTolerance(tolerance);
    this.#now = now;
  }

  /**
   * Whether the signature is the one of these bytes, compared in constant time.
   *
   * @param body the raw body as it arrived; a parsed one, written again, is not what was signed
   * @param signature the header `X-Vortex-Signature`; a list of several is never valid
   * @throws VortexError `INVALID_ARGUMENT` where the body is neither bytes nor text
   */
  async verifySignature(body: Bytes, signature: SignatureHeader): Promise<boolean> {
    if (!(typeof body === 'string' || body instanceof ArrayBuffer || ArrayBuffer.isView(body))) {
      const advice = 'the raw body, as bytes or text, and not what a parser has made of it';
      throw new VortexError('INVALID_ARGUMENT', `A webhook is verified over ${advice}.`, { reason: 'type' });
    }
    if (typeof signature !== 'string') return false;
    this.#keys ??= Promise.all(this.#secrets.map(importHmacKey));
    const expected = await Promise.all((await this.#keys).map(async (key) => toHex(await hmac(key, body))));
    return expected.filter((each) => equal(each, signature)).length > 0;
  }

  /**
   * The event of a body, after its signature has been verified.
   *
   * @throws VortexWebhookSignatureError
   * @throws VortexError `STALE_EVENT` where its timestamp is not within `tolerance`
   * @throws SyntaxError where the body is signed and no JSON
   */
  async constructEvent(body: Bytes, signature: SignatureHeader): Promise<VortexEvent> {
    if (!(await this.verifySignature(body, signature))) throw new VortexWebhookSignatureError();
    const event = JSON.parse(typeof body === 'string' ? body : decoder.decode(body)) as VortexEvent;
    if (this.#tolerance < Number.POSITIVE_INFINITY) this.#checkAge(event);
    return event;
  }

  /**
   * Calls the handlers for an event: the one of its type and then `onEvent`, or `onAnalyticsEvent`. Where one throws, the
   * rest is left out, `onError` is told, and what was thrown is thrown on.
   */
  async handleEvent(event: VortexEvent, handlers: WebhookHandlers): Promise<void>;
  async handleEvent<Context>(event: VortexEvent, handlers: WebhookHandlers<Context>, context: Context): Promise<void>;
  async handleEvent<Context>(event: VortexEvent, handlers: WebhookHandlers<Context>, context?: Context) {
    try {
      for (const handle of handlersOf(event, handlers)) await handle(event, context as Context);
    } catch (error) {
      await handlers.onError?.(error);
      throw error;
    }
  }

  #checkAge(event: VortexEvent): void {
    const timestamp = Object(event).timestamp as unknown;
    const age = this.#now() - (typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN);
    if (Math.abs(age) <= this.#tolerance) return;
    throw new VortexError('STALE_EVENT', `The event's timestamp is not within ${this.#tolerance} ms of now.`);
  }
}

type Handler<Context> = (event: VortexEvent, context: Context) => unknown;

/** The handlers that an event has, in their order. */
export function handlersOf<Context>(
  event: unknown,
  { on = {}, onEvent, onAnalyticsEvent }: WebhookHandlers<Context>,
): Handler<Context>[] {
  const found: unknown[] = [];
  if (isAnalyticsEvent(event)) found.push(onAnalyticsEvent);
  if (isWebhookEvent(event))
    found.push(Object.hasOwn(on, event.type) ? on[event.type as WebhookEventType] : undefined, onEvent);
  return found.filter((handler) => handler !== undefined) as Handler<Context>[];
}

/** A byte order mark stays in the text, where it is no JSON. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @throws VortexError `CONFIG` */
export function readTolerance(tolerance = Number.POSITIVE_INFINITY): number {
  if (tolerance > 0) return tolerance;
  throw new VortexError('CONFIG', 'tolerance must be a number of milliseconds above 0.');
}

function readSecrets(secret: WebhookSecret): readonly string[] {
  const secrets = (Array.isArray(secret) ? secret : [secret]).filter((one) => one !== undefined);
  if (secrets.length === 0 || secrets.some((one) => typeof one !== 'string' || one === '')) {
    throw new VortexError('CONFIG', 'VortexWebhooks requires a secret');
  }
  if (secrets.some((one) => one !== one.trim())) {
    throw new VortexError('CONFIG', 'The webhook secret begins or ends with white space; copy it without.');
  }
  return secrets;
}

/** Takes as long for a near miss as for a far one. That the lengths differ is no secret. */
function equal(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
