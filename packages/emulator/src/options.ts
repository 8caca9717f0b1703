/** The API key an emulator expects unless told otherwise. Made up, well formed, and no secret. */
export const DEFAULT_API_KEY = 'VRTX.wP_uAA5NShufWsD_7gAOTQ.emulator-key-not-a-secret';

/** The secret an emulator signs webhooks with unless told otherwise. No secret either. */
export const DEFAULT_WEBHOOK_SECRET = 'emulator-webhook-secret-not-a-secret';

const DAY = 24 * 60 * 60 * 1000;

export interface EmulatorOptions {
  /** The key clients must send. Default: {@link DEFAULT_API_KEY}. */
  apiKey?: string | undefined;
  /** Where webhooks are posted: an absolute http(s) URL. Default: none, and nothing is recorded. */
  webhookUrl?: string | undefined;
  /** What webhooks are signed with. Default: {@link DEFAULT_WEBHOOK_SECRET}. */
  webhookSecret?: string | undefined;
  /** Milliseconds before each further attempt of a failed webhook. Default: `[1000, 5000, 30000]`; `[]` never retries. */
  webhookRetryDelays?: readonly number[] | undefined;
  /** Where a followed invitation link leads; `invitationId` is added to its query. Default: a page of the emulator. */
  landingUrl?: string | undefined;
  /** A JSON file that keeps the state across restarts. Default: none, the state is gone on close. */
  dataFile?: string | undefined;
  /** Milliseconds after which an invitation expires. Default: 30 days. */
  expiresAfter?: number | undefined;
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  now?: (() => number) | undefined;
}

export interface ListenOptions {
  /** Default: 0, a free port chosen by the system. */
  port?: number | undefined;
  /** The address to listen on. Default: `127.0.0.1`. On any address but loopback the whole network can reach it. */
  host?: string | undefined;
}

export type Settings = ReturnType<typeof settle>;

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} naming the option that cannot be used
 */
export function settle(options: EmulatorOptions) {
  return {
    apiKey: nonEmpty('apiKey', options.apiKey ?? DEFAULT_API_KEY),
    webhookUrl: httpUrl('webhookUrl', options.webhookUrl),
    webhookSecret: nonEmpty('webhookSecret', options.webhookSecret ?? DEFAULT_WEBHOOK_SECRET),
    webhookRetryDelays: options.webhookRetryDelays ?? [1000, 5000, 30_000],
    landingUrl: httpUrl('landingUrl', options.landingUrl),
    dataFile: options.dataFile,
    expiresAfter: options.expiresAfter ?? 30 * DAY,
    now: options.now ?? Date.now,
  };
}

function nonEmpty(name: string, value: string): string {
  if (value === '') throw new TypeError(`${name} must not be empty`);
  return value;
}

function httpUrl(name: string, value: string | undefined): string | undefined {
  if (value === undefined || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) return value;
  throw new TypeError(`${name} must be an absolute http or https URL, not "${value}"`);
}
