import { VortexError } from '../lib/errors.js';

/**
 * - `standard` (default): a browser's request must come from the same origin or a trusted one; a request that names no
 *   origin at all comes from no browser and may pass.
 * - `strict`: such a request may not pass either.
 * - `off`: for applications whose routes take bearer tokens only, never cookies.
 */
export type CsrfMode = 'standard' | 'strict' | 'off';

/**
 * Refuses writes that another site makes a browser send. The routes live on ambient cookies, so without this any page
 * could revoke invitations in a visitor's name.
 *
 * @throws VortexError `CROSS_SITE_REQUEST` saying what to configure
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
    throw refusal(`The browser says this request is ${site}`);
  }
  if (origin !== undefined) {
    if (isSameHost(origin, header('host'))) return;
    throw refusal(`The origin ${printable(origin)} is not the host of this request`);
  }
  if (csrf === 'strict') throw refusal('The request names no origin');
}

/** Ports that a scheme implies count as absent: `https://a.example` is the origin of `Host: a.example:443`. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (!host || /[/@\\?#]/u.test(host) || !URL.canParse(origin)) return false;
  const parsed = new URL(origin);
  const own = `${parsed.protocol}//${host}`;
  return parsed.origin === origin && URL.canParse(own) && new URL(own).host === parsed.host;
}

function printable(origin: string): string {
  return /^[\x21-\x7e]{1,100}$/u.test(origin) ? `"${origin}"` : 'given';
}

function refusal(reason: string): VortexError {
  const advice = 'If it is one of yours, add it to trustedOrigins; if a proxy rewrites Host, let it pass the original.';
  return new VortexError('CROSS_SITE_REQUEST', `${reason}. ${advice}`);
}
