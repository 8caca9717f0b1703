/** Finds mistakes in the options and the handlers of a webhook. */
import type { Check } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { type Logger, warn } from '../lib/log.js';
import { nearest } from '../lib/names.js';
import { must, optional } from '../lib/option-checks.js';
import { isFunction, isPlainObject } from '../lib/values.js';
import { ANALYTICS_EVENT_NAMES, WEBHOOK_EVENT_TYPES } from './events.js';

interface Handlers {
  readonly on?: object | undefined;
  readonly onEvent?: unknown;
  readonly onAnalyticsEvent?: unknown;
}

/** Checks `on`, whose members are functions. */
export const handlerMap: Check = (value) => {
  if (!isPlainObject(value)) return { message: 'must be an object' };
  const [path] = Object.entries(value).find(([, handler]) => handler !== undefined && !isFunction(handler)) ?? [];
  return path === undefined ? undefined : { path, message: 'must be a function' };
};

export const optionalStore = optional(
  must((value) => {
    const has = (method: string) => isFunction(Object(value)[method]);
    return has('once') || (has('claim') && has('complete') && has('release'));
  }, 'must have the methods claim, complete and release, or come from transactionalStore'),
);

/** @throws VortexError `CONFIG` if no event would be handled */
export function requireHandler({ on = {}, onEvent, onAnalyticsEvent }: Handlers): void {
  const handlers = [...Object.values(on), onEvent, onAnalyticsEvent];
  if (handlers.some((handler) => handler !== undefined)) return;
  throw new VortexError(
    'CONFIG',
    "The webhook has no handler. Add on: { 'invitation.accepted': (event) => … }, onEvent or onAnalyticsEvent.",
  );
}

/**
 * Warns of the names in `on` that name no known event type. They may be of a newer version, so they are not refused.
 *
 * @returns the names
 */
export function warnOfEventNames(on: object | undefined, logger: Logger | undefined): string[] {
  const known: readonly string[] = WEBHOOK_EVENT_TYPES;
  const unknown = Object.keys(on ?? {}).filter((name) => !known.includes(name));
  for (const name of unknown)
    warn(logger, `Vortex: on["${name}"] names no event type that this version knows. ${advice(name)}`);
  return unknown;
}

function advice(name: string): string {
  if ((ANALYTICS_EVENT_NAMES as readonly string[]).includes(name)) {
    return 'It is an analytics event, which onAnalyticsEvent handles.';
  }
  const guess = nearest(name, WEBHOOK_EVENT_TYPES);
  return guess === undefined ? 'WEBHOOK_EVENT_TYPES lists the names.' : `Did you mean "${guess}"?`;
}
