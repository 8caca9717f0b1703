/** Says what a failed request or webhook means and what to do. The page and the terminal show it. */
import type { RecordedCall } from './calls.js';
import type { Attempt, Delivery } from './state.js';

export function hasFailed({ status }: { status: number | null }): boolean {
  return status === null || status >= 400;
}

/** Returns the message of a failed request, and what to do about it. `null` if the request needs no attention. */
export function adviceOnCall(call: RecordedCall): string | null {
  if (!hasFailed(call)) return call.warning;
  if (call.faulty) return 'A fault of this route has changed the reply.';
  const advice = stepFor(call);
  return [messageOf(call.reply.body), advice].filter((each) => each !== null).join(' ') || null;
}

function stepFor({ api, path, status, request, reply }: RecordedCall): string | null {
  if (api === 'link') return null;
  if (status === 401 && api === 'client') return 'Paste the token into the tab "Token" to see all of it.';
  if (status === 401) {
    return request.headers['x-api-key'] === undefined
      ? 'The request has no x-api-key. Pass the API key to the client.'
      : 'The x-api-key is not the key of this emulator. Set VORTEX_API_KEY to the value that the emulator printed when it started.';
  }
  if (status === 404 && reply.body.includes('"Cannot ')) {
    // The message of a path with two slashes says what to do.
    if (path.startsWith('//')) return null;
    if (path.startsWith('/api/v1/')) return 'The API has no such path. Set VORTEX_API_BASE_URL without /api/v1.';
    return path.includes('/api/v1')
      ? 'The API has no such path. Set the base URL to the origin of the emulator, without a path.'
      : 'The API has no such path. Add /api/v1 to the base URL: the Python SDK needs it there.';
  }
  if (status === 404 && path.endsWith('/sync-internal-invitation')) {
    return 'It was answered or revoked before, or creatorId and targetValue are not those that it was made with.';
  }
  if (status === 404) return 'The emulator was reset since the id was made, or the id comes from the cloud.';
  return null;
}

function messageOf(body: string): string | null {
  try {
    const { message } = Object(JSON.parse(body)) as { message?: unknown };
    const text = [message].flat().join('; ');
    return text === '' ? null : text.replace(/[^.!?]$/, '$&.');
  } catch {
    return null;
  }
}

const SET_URL = 'set the webhook URL in the tab "State" of the page, or by --webhook-url';

/** Returns what to do about a failed attempt to deliver a webhook. `null` if the attempt was successful. */
export function adviceOnAttempt(attempt: Attempt, delivery: Delivery): string | null {
  const { status, error, url = delivery.url } = attempt;
  if (status === null) {
    if (error === 'ECONNREFUSED') return `Nothing listens at ${url}. Start the application, or ${SET_URL}.`;
    if (error?.startsWith('no answer'))
      return 'The application did not answer in time. Answer first, and work afterwards.';
    return `The request failed: ${error}.`;
  }
  if (status < 300) return null;
  if (status < 400) return `Redirects are not followed. Use the final address, not ${url}: ${SET_URL}.`;
  if (status === 401 || status === 403) {
    return 'The application refused the webhook. It needs the VORTEX_WEBHOOK_SECRET of the emulator, and the raw bytes of the body.';
  }
  if (status === 404 || status === 405)
    return `The application has no webhook at ${url}. If it is elsewhere, ${SET_URL}.`;
  return 'The application failed. Its log has the error.';
}
