/** The sentences that the pages show for an error. Codes and field names of a response are for programs. */
import { VortexRequestError } from '@vortex/react';

/** The error of a call. The application's routes and the Vortex routes have the same three fields. */
export interface Failure {
  message: string;
  code: string;
  status: number;
}

const sentences: Record<string, string> = {
  NETWORK_ERROR: 'We can’t reach Roster right now. Check your connection and try again.',
  TIMEOUT: 'This is taking too long. Try again in a moment.',
  BAD_RESPONSE: 'Roster isn’t available right now. Try again in a moment.',
  UNAUTHENTICATED: 'You’ve been signed out.',
  UPSTREAM_UNAVAILABLE: 'Invitations aren’t available right now. Try again in a moment.',
  UPSTREAM_UNREACHABLE: 'Invitations aren’t available right now. Try again in a moment.',
  UPSTREAM_TIMEOUT: 'Invitations aren’t available right now. Try again in a moment.',
  INTERNAL: 'Something went wrong on our side. Try again in a moment.',
  PAGE_ERROR: 'Something went wrong on this page. Reload it and try again.',
};

/** A refused field of the Vortex routes is named by its path in the request, so these need a sentence of ours. */
const refusedInput: Record<string, string> = {
  INVALID_REQUEST: 'That doesn’t look right. Check what you entered and try again.',
  UPSTREAM_INVALID: 'That can’t be used here. Check what you entered and try again.',
  RATE_LIMITED: 'That was a lot at once. Wait a minute, then try again.',
};

/**
 * Returns what to show for an error.
 *
 * @param own sentences by code that say more at this place
 */
export function failureOf(error: unknown, own: Record<string, string> = {}): Failure {
  const { message, code, status = 0 } = Object(error) as Partial<Failure>;
  if (!message || !code) return { message: sentences.PAGE_ERROR ?? '', code: 'PAGE_ERROR', status: 0 };
  const isOfVortex = error instanceof VortexRequestError;
  return {
    message: own[code] ?? sentences[code] ?? (isOfVortex ? refusedInput[code] : undefined) ?? message,
    code,
    status,
  };
}
