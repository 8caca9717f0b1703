import { VortexError } from '../lib/errors.js';
import { printable } from '../lib/log.js';
import { isPromise, type MaybePromise } from '../lib/promises.js';
import { parseUrl } from '../lib/values.js';

/**
 * - `standard`: a write of a browser must come from one of `trustedOrigins` or from the same origin. A write with neither
 *   `Origin` nor `Sec-Fetch-Site` does not come from a browser, and passes.
 * - `strict`: a write with neither header is refused too.
 * - `off`: no check, for applications that authenticate by bearer tokens only and never by cookies.
 *
 * @default 'standard'
 */
export type CsrfMode = 'standard' | 'strict' | 'off';

/**
 * Finds writes that another site makes a browser send. Browsers attach cookies to such requests, so without this check
 * any page could revoke invitations in a visitor's name.
 *
 * @param isTrusted tells whether pages of an origin may write
 * @returns the reason for a refusal, for the log, with the origin and the option to set; undefined if the request passes
 */
export function crossSiteReason(
  header: (name: string) => string | undefined,
  csrf: CsrfMode,
  isTrusted: (origin: string) => MaybePromise<boolean>,
): MaybePromise<string | undefined> {
  if (csrf === 'off') return undefined;
  const origin = header('origin');
  if (origin === undefined) return untrustedReason(origin, header, csrf);
  const judge = (trusted: boolean) => (trusted === true ? undefined : untrustedReason(origin, header, csrf));
  const trusted = isTrusted(origin);
  return isPromise(trusted) ? trusted.then(judge) : judge(trusted);
}

function untrustedReason(
  origin: string | undefined,
  header: (name: string) => string | undefined,
  csrf: CsrfMode,
): string | undefined {
  const site = header('sec-fetch-site');
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return undefined;
    return `the browser marked a request of the origin ${printable(origin)} as ${printable(site)}. ${ADVICE}`;
  }
  if (origin !== undefined) {
    const host = header('host');
    if (isSameHost(origin, host)) return undefined;
    return `the origin ${printable(origin)} is not the host of the request, ${printable(host)}. ${ADVICE}`;
  }
  if (csrf !== 'strict') return undefined;
  return 'the request has neither Origin nor Sec-Fetch-Site, and csrf is "strict". For callers that are not browsers, use "standard".';
}

const ADVICE =
  'If the site is yours, add its origin to trustedOrigins. If a proxy rewrites Host, let it keep the original.';

/** Compares without the default port of the scheme: `https://a.example` is an origin of the host `a.example:443`. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (!host || /[/@\\?#]/u.test(host)) return false;
  const page = parseUrl(origin);
  return page?.origin === origin && parseUrl(`${page.protocol}//${host}`)?.host === page.host;
}

/** Schemes that browsers never send in `Origin`, send as `null`, or send in one spelling only. */
const NO_ORIGIN = /^(?:https?|wss?|ftp|file|data|blob|about|javascript):/u;

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
  const origin = parseUrl(text)?.origin ?? '';
  const isWeb = /^https?:/u.test(origin);
  const isOrigin = isWeb
    ? origin === text
    : /^[a-z][a-z0-9+.-]*:\/\/[a-zA-Z0-9._:-]+$/u.test(text) && !NO_ORIGIN.test(text);
  if (isOrigin) return text;
  throw new VortexError(
    'CONFIG',
    `trustedOrigins must hold origins without a path, such as "https://app.example.com"; ${printable(text)} is none.${isWeb ? ` Write "${origin}".` : ''}`,
  );
}
