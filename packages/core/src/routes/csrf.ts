import { VortexError } from '../lib/errors.js';
import type { MaybePromise } from '../lib/promises.js';

/**
 * - `standard`: a browser's request must come from the same origin or a trusted one. A request without an origin does not
 *   come from a browser and passes.
 * - `strict`: a request without an origin is refused too.
 * - `off`: no check, for applications that authenticate by bearer tokens only and never by cookies.
 *
 * @default 'standard'
 */
export type CsrfMode = 'standard' | 'strict' | 'off';

/**
 * Refuses writes that another site makes a browser send. Browsers attach cookies to such requests, so without this check
 * any page could revoke invitations in a visitor's name.
 *
 * @param isTrusted tells whether pages of an origin may write
 * @throws VortexError `CROSS_SITE_REQUEST` naming the option to set
 */
export async function checkOrigin(
  header: (name: string) => string | undefined,
  csrf: CsrfMode,
  isTrusted: (origin: string) => MaybePromise<boolean>,
): Promise<void> {
  if (csrf === 'off') return;
  const origin = header('origin');
  if (origin !== undefined && (await isTrusted(origin)) === true) return;

  const site = header('sec-fetch-site');
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return;
    throw crossSite(`The browser marked this request as ${site}`);
  }
  if (origin !== undefined) {
    if (isSameHost(origin, header('host'))) return;
    throw crossSite(`The origin ${printable(origin)} is not the host of this request`);
  }
  if (csrf === 'strict') throw crossSite('The request has no Origin header');
}

/** Drops the default port of a scheme: `https://a.example` has the host `a.example:443`. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (!host || /[/@\\?#]/u.test(host) || !URL.canParse(origin)) return false;
  const parsed = new URL(origin);
  const own = `${parsed.protocol}//${host}`;
  return parsed.origin === origin && URL.canParse(own) && new URL(own).host === parsed.host;
}

function printable(origin: string): string {
  return /^[\x21-\x7e]{1,100}$/u.test(origin) ? `"${origin}"` : 'given';
}

function crossSite(reason: string): VortexError {
  const advice =
    'If the site is yours, add its origin to trustedOrigins. If a proxy rewrites Host, let it keep the original.';
  return new VortexError('CROSS_SITE_REQUEST', `${reason}. ${advice}`);
}

/** Schemes that browsers never send in `Origin`, or send as `null`. */
const NO_ORIGIN = /^(?:wss?|ftp|file|data|blob|about|javascript):/u;

/**
 * Reads one entry of `trustedOrigins`. Applications and extensions have origins with schemes of their own, such as
 * `capacitor://localhost`.
 *
 * @throws VortexError `CONFIG` for text that no browser sends as an origin
 */
export function readOrigin(text: string): string {
  if (text.includes('*')) {
    throw new VortexError(
      'CONFIG',
      `trustedOrigins compares whole origins, so ${printable(text)} matches none. Instead of a wildcard, pass a function: ` +
        '(origin) => /^https:\\/\\/app-\\w+\\.example\\.com$/.test(origin).',
    );
  }
  const isWeb = /^https?:/u.test(text);
  const isOrigin = isWeb
    ? URL.canParse(text) && new URL(text).origin === text
    : /^[a-z][a-z0-9+.-]*:\/\/[a-zA-Z0-9._:-]+$/u.test(text) && !NO_ORIGIN.test(text);
  if (isOrigin) return text;
  throw new VortexError(
    'CONFIG',
    `trustedOrigins must hold origins as browsers send them, such as "https://app.example.com", without a path or a slash at the end; ${printable(text)} is none.`,
  );
}
