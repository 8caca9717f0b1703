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
}

const TIMEOUT_MS = 15_000;

/** Sends a request. Never rejects. Redirects are not followed: the credentials are for the given URL alone. */
export async function ask(url: string, { method = 'GET', headers, body }: Ask): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers },
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: membersOf(text), text };
  } catch (error) {
    const { cause } = error as Error;
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : (error as Error).message;
    return { status: undefined, body: {}, text: reason };
  }
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
