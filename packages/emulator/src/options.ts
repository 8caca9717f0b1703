import { VortexError } from '@vortex/core';
import { requireOptions } from '@vortex/core/adapter';
import * as z from 'zod/mini';

/** The default API key of an emulator. It is made up, well formed, and not a secret. */
export const DEFAULT_API_KEY = 'VRTX.wP_uAA5NShufWsD_7gAOTQ.emulator-key-not-a-secret';

/** The default webhook secret of an emulator. It is public. */
export const DEFAULT_WEBHOOK_SECRET = 'emulator-webhook-secret-not-a-secret';

const DAY = 24 * 60 * 60 * 1000;

/** A generation of the API. */
export type Shape = 1 | 2 | 3;

export interface EmulatorOptions {
  /**
   * The API key that clients must send.
   *
   * @default DEFAULT_API_KEY
   */
  apiKey?: string | undefined;
  /** The absolute http(s) URL to post webhooks to. If unset, webhooks are neither sent nor recorded. */
  webhookUrl?: string | undefined;
  /**
   * The secret to sign webhooks with.
   *
   * @default DEFAULT_WEBHOOK_SECRET
   */
  webhookSecret?: string | undefined;
  /**
   * Milliseconds to wait before each retry of a failed webhook. `[]` disables retries.
   *
   * @default [1_000, 5_000, 30_000]
   */
  webhookRetryDelays?: readonly number[] | undefined;
  /**
   * The absolute http(s) URL that invitation links redirect to, with `invitationId` added to its query. If unset, links
   * show a page of the emulator.
   */
  landingUrl?: string | undefined;
  /**
   * A JSON file that keeps the state across restarts, for one emulator at a time. If unset, the state is lost on close.
   */
  dataFile?: string | undefined;
  /**
   * Milliseconds until an invitation expires. The default is 30 days.
   *
   * @default 2_592_000_000
   */
  expiresAfter?: number | undefined;
  /**
   * The generation of the API whose shape of an invitation is answered: 1 is the oldest, with scopes of `{ type, id, name }`;
   * 3 is the newest, with `scope` and `scopeType` in place of `groups`.
   *
   * @default the fields of every generation and SDK together
   */
  shape?: Shape | undefined;
  /**
   * Whether the client API refuses an expired token with 401, or takes it and only shows it on the page. By a note of the
   * vendor of 2026-04, the service does the second.
   *
   * @default 'enforce'
   */
  tokenExpiry?: 'enforce' | 'warn' | undefined;
  /**
   * The props of components, by the id of the component and the name of the prop, such as
   * `{ 'component-1': { 'vortex.theme': {} } }`. They add to and replace the props that every component has.
   *
   * @default {}
   */
  components?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /**
   * The clock, in milliseconds since 1970.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined;
}

export interface ListenOptions {
  /**
   * The port to listen on. 0 picks a free port.
   *
   * @default 0
   */
  port?: number | undefined;
  /**
   * The address to listen on. Any address other than loopback is reachable from the whole network.
   *
   * @default '127.0.0.1'
   */
  host?: string | undefined;
}

const optionsSchema = z.strictObject({
  apiKey: z.optional(z.string('must be a string')),
  webhookUrl: z.optional(z.string('must be a string')),
  webhookSecret: z.optional(z.string('must be a string')),
  webhookRetryDelays: z.optional(z.array(milliseconds(0), 'must be an array')),
  landingUrl: z.optional(z.string('must be a string')),
  dataFile: z.optional(z.string('must be a string')),
  expiresAfter: z.optional(milliseconds(1)),
  shape: z.optional(z.literal([1, 2, 3], 'must be 1, 2 or 3. Omit it for the fields of every generation')),
  tokenExpiry: z.optional(z.literal(['enforce', 'warn'], 'must be "enforce" or "warn"')),
  components: z.optional(
    z.record(z.string(), z.record(z.string(), z.unknown(), 'must be an object of props'), 'must be an object'),
  ),
  now: z.optional(z.custom<() => number>((value) => typeof value === 'function', 'must be a function')),
  // Read by startEmulator alone. Tests pass the same options to both.
  port: z.optional(z.number('must be a number')),
  host: z.optional(z.string('must be a string')),
});

function milliseconds(least: number) {
  return z.number('must be a number of milliseconds').check(z.gte(least, `must be at least ${least}`));
}

export type Settings = ReturnType<typeof settle>;

/**
 * Validates the options and fills in the defaults.
 *
 * @throws {VortexError} `CONFIG` that names the invalid or unknown option
 */
export function settle(options: EmulatorOptions & ListenOptions) {
  requireOptions(optionsSchema, options);
  return {
    apiKey: nonEmpty('apiKey', options.apiKey ?? DEFAULT_API_KEY),
    webhookUrl: httpUrl('webhookUrl', options.webhookUrl),
    webhookSecret: nonEmpty('webhookSecret', options.webhookSecret ?? DEFAULT_WEBHOOK_SECRET),
    webhookRetryDelays: options.webhookRetryDelays ?? [1000, 5000, 30_000],
    landingUrl: httpUrl('landingUrl', options.landingUrl),
    dataFile: options.dataFile,
    expiresAfter: options.expiresAfter ?? 30 * DAY,
    shape: options.shape,
    tokenExpiry: options.tokenExpiry ?? 'enforce',
    components: options.components ?? {},
    now: options.now ?? Date.now,
  };
}

function nonEmpty(name: string, value: string): string {
  if (value === '') throw new VortexError('CONFIG', `${name} must not be empty. Omit it to use the default.`);
  return value;
}

function httpUrl(name: string, value: string | undefined): string | undefined {
  if (value === undefined || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) return value;
  throw new VortexError('CONFIG', `${name} must be an absolute http or https URL, not "${value}".`);
}
