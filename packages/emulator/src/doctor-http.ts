/** Sends the requests of the doctor, and shortens the answers for its report. */

export interface Ask {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface Answer {
  /** Undefined if there was no answer. */
  status: number | undefined;
  /** The members of a JSON object. Empty for other bodies. */
  body: Readonly<Record<string, unknown>>;
  /** The body as text. Without an answer, the reason. */
  text: string;
  /** The URL that a redirect leads to. */
  location?: string | undefined;
}

const TIMEOUT_MS = 15_000;

/**
 * Sends a request as a browser does. Never rejects. Of redirects, follows only one that adds a slash to the path, which Next.js
 * with `trailingSlash` sends: the credentials are for the given URL alone.
 */
export async function ask(url: string, request: Ask): Promise<Answer> {
  const answer = await askOnce(url, request);
  const { status, location } = answer;
  // After another status, a browser repeats a POST as a GET.
  const isRepeated = status === 307 || status === 308 || (request.method ?? 'GET') === 'GET';
  return location !== undefined && isRepeated && addsSlash(url, location) ? askOnce(location, request) : answer;
}

/** Tells whether a redirect leads to the same URL with a slash at the end of its path. */
export function addsSlash(url: string, location: string): boolean {
  const changed = new URL(url);
  changed.pathname += '/';
  return changed.href === location;
}

/** Sends a request. Never rejects, and follows no redirect. */
export async function askOnce(url: string, { method = 'GET', headers, body }: Ask): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers },
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: membersOf(text), text, location: locationOf(response, url) };
  } catch (error) {
    const { cause } = error as Error;
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : (error as Error).message;
    return { status: undefined, body: {}, text: reason };
  }
}

function locationOf({ status, headers }: Response, url: string): string | undefined {
  const location = headers.get('location');
  return location !== null && status >= 300 && status < 400 && URL.canParse(location, url)
    ? new URL(location, url).href
    : undefined;
}

/** The status and the code or sentence of an answer, on one line. */
export function quote({ status, body, text }: Answer): string {
  if (status === undefined) return text;
  const detail = body.code ?? body.message ?? body.error;
  return typeof detail === 'string' ? `${status} ${detail.slice(0, 100)}` : String(status);
}

function membersOf(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** A write as a page of the application sends it. */
export function sameOrigin(mount: string, credentials: Readonly<Record<string, string>> = {}, body?: object): Ask {
  return {
    method: 'POST',
    headers: {
      ...credentials,
      origin: new URL(mount).origin,
      'sec-fetch-site': 'same-origin',
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  };
}

/** The vendor's adapters answer failures with an `error` alone, ours with a `code` beside it. */
export function isVendors({ status = 0, body }: Answer): boolean {
  const text = body.error;
  if (status < 400 || typeof text !== 'string' || body.code !== undefined || body.statusCode !== undefined)
    return false;
  return /^(?:Unauthorized|Access denied|JWT generation requires|Invalid user format|(?:Missing|Multiple) X-Vortex|Invalid signature|Webhook handler error|Raw request body|Vortex webhook handler)/u.test(
    text,
  );
}
