import { VortexError } from '../lib/errors.js';

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
 * @throws VortexError `CROSS_SITE_REQUEST` naming the option to set
 */
export function checkOrigin(
  header: (name: string) => string | undefined,
  { csrf, trustedOrigins }: { csrf: CsrfMode; trustedOrigins: ReadonlySet<string> },
): void {
  if (csrf === 'off') return;
  const origin = header('origin');
  if (origin !== undefined && trustedOrigins.has(origin)) return;

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
