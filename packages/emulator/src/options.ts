import { VortexError } from '@vortex/core';
import { type Check, requireOptions } from '@vortex/core/adapter';

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
  /**
   * The absolute http(s) URL to post webhooks to. If unset, webhooks are neither sent nor recorded. `setWebhookUrl()` changes
   * it later.
   */
  webhookUrl?: string | undefined;
  /**
   * The secret to sign webhooks with.
   *
   * @default DEFAULT_WEBHOOK_SECRET
   */
  webhookSecret?: string | undefined;
  /**
   * Milliseconds to wait before each retry of a failed webhook, at most 2_147_483_647. `[]` disables retries.
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
   * Milliseconds until an invitation expires, at most 365,000 days. The default is 30 days.
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

/** The delay of a timer has 31 bits. A longer one would fire at once. */
export const timer = milliseconds(0, 2 ** 31 - 1, '24 days');

const text = must((value) => typeof value === 'string', 'must be a string');

const checks = {
  apiKey: text,
  webhookUrl: text,
  webhookSecret: text,
  webhookRetryDelays: delays,
  landingUrl: text,
  dataFile: text,
  // The clock can be moved by more, but an expiry must remain a date then.
  expiresAfter: milliseconds(1, 365_000 * DAY, '365,000 days'),
  shape: must(
    (value) => value === 1 || value === 2 || value === 3,
    'must be 1, 2 or 3. Omit it for the fields of every generation',
  ),
  tokenExpiry: must((value) => value === 'enforce' || value === 'warn', 'must be "enforce" or "warn"'),
  components,
  now: must((value) => typeof value === 'function', 'must be a function'),
  // Read by startEmulator alone. Tests pass the same options to both.
  port: must(Number.isFinite, 'must be a number'),
  host: text,
};

/** Makes a check of a value that may be absent. */
export function must(fits: (value: unknown) => boolean, message: string): Check {
  return (value) => (value === undefined || fits(value) ? undefined : { message });
}

/** Makes a check of milliseconds that may be absent. `note` says how long the most is. */
function milliseconds(least: number, most: number, note: string): Check {
  return must(
    (value) => typeof value === 'number' && value >= least && value <= most,
    `must be a number of milliseconds from ${least} to ${most} (${note})`,
  );
}

function delays(value: unknown): ReturnType<Check> {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return { message: 'must be an array' };
  return firstOf(Object.entries(Array.from(value, (delay) => delay ?? null)), timer);
}

function components(value: unknown): ReturnType<Check> {
  if (value === undefined) return undefined;
  if (!isRecord(value)) return { message: 'must be an object' };
  return firstOf(Object.entries(value), (props) =>
    isRecord(props) ? undefined : { message: 'must be an object of props' },
  );
}

/** The problem of the first member that is wrong, with its name as the path. */
function firstOf(members: readonly [string, unknown][], check: Check): ReturnType<Check> {
  for (const [path, member] of members) {
    const problem = check(member);
    if (problem) return { ...problem, path };
  }
  return undefined;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type Settings = ReturnType<typeof settle>;

/**
 * Validates the options and fills in the defaults.
 *
 * @throws {VortexError} `CONFIG` that names the invalid or unknown option
 */
export function settle(options: EmulatorOptions & ListenOptions) {
  requireOptions(checks, options);
  return {
    apiKey: nonEmpty('apiKey', options.apiKey ?? DEFAULT_API_KEY),
    webhookUrl: webhookUrl(options.webhookUrl),
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

/** @throws {VortexError} `CONFIG` if the value is no absolute http(s) URL, or has credentials, which `fetch` refuses to send */
export function webhookUrl(value: string | undefined): string | undefined {
  const { username, password } = new URL(value !== undefined && URL.canParse(value) ? value : 'about:blank');
  if (username === '' && password === '') return httpUrl('webhookUrl', value);
  throw new VortexError('CONFIG', 'webhookUrl must not contain a user name or a password. Remove them from the URL.');
}

/** @throws {VortexError} `CONFIG` if the value is no absolute http(s) URL */
function httpUrl(name: string, value: string | undefined): string | undefined {
  if (value === undefined || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) return value;
  throw new VortexError('CONFIG', `${name} must be an absolute http or https URL, not "${value}".`);
}
