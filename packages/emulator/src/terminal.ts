/** Writes the lines of the program: one for each request and for each attempt to deliver a webhook. */
import { adviceOnAttempt, adviceOnCall, hasFailed } from './advice.js';
import type { RecordedCall } from './calls.js';
import type { Happening } from './live.js';
import type { Attempt, Delivery } from './state.js';

/** Returns the lines about a change, or none if the page alone shows it. */
export function linesOf(happening: Happening, url: string): string[] {
  if (happening.kind === 'call') return callLines(happening.record, url).map(printable);
  if (happening.kind === 'attempt') return attemptLines(happening.delivery, happening.attempt, url).map(printable);
  return [];
}

/** Replaces control characters: those of a path or of a token could hide lines or change the title of the terminal. */
export function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, '\ufffd');
}

function callLines(call: RecordedCall, url: string): string[] {
  const { at, method, path, status, duration, caller, user } = call;
  const by = [caller, user === null ? null : `user ${user}`].filter(Boolean).join(', ');
  const line = `${clock(at)} ${status ?? 'broken'} ${method} ${path} ${duration} ms${by && ` (${by})`}`;
  const advice = adviceOnCall(call);
  const link = hasFailed(call) ? ` See ${url}/requests/${call.id}` : '';
  return advice === null ? [line] : [line, `         ${advice}${link}`];
}

function attemptLines(delivery: Delivery, attempt: Attempt, url: string): string[] {
  const { id, event, status } = delivery;
  const line = `${clock(attempt.at)} ${attempt.status ?? attempt.error} webhook ${event.type} to ${attempt.url ?? delivery.url} ${attempt.duration ?? 0} ms`;
  const advice = adviceOnAttempt(attempt, delivery);
  if (advice === null) return [line];
  const next = status === 'pending' ? 'It is tried again.' : 'It is not tried again.';
  return [line, `         ${advice} ${next} See ${url}/webhooks/${id}`];
}

function clock(at: string): string {
  return new Date(at).toLocaleTimeString('sv-SE');
}
