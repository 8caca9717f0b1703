/** The typed client of the control API of a running emulator. */
import type { WebhookEventType } from '@vortex/core';
import type { RecordedCall } from './calls.js';
import type { ActiveFault, Fault } from './faults.js';
import type { EmulatedInvitation } from './invitation.js';
import type { EmulatedRoute } from './routes.js';
import type { Delivery, OutboxMessage, Snapshot } from './state.js';
import type { InvitationUpdate } from './store.js';

/** An emulator in another process on this machine. A call rejects if the emulator does not answer or refuses. */
export interface ConnectedEmulator {
  /** The base URL, without a trailing slash. */
  readonly url: string;
  /** All invitations since the last reset, closed ones included, oldest first. */
  invitations(): Promise<EmulatedInvitation[]>;
  /** Accepts an invitation in the name of its first target. */
  accept(invitationId: string): Promise<void>;
  /** Revokes an invitation. */
  revoke(invitationId: string): Promise<void>;
  /** Makes an invitation expire now. */
  expire(invitationId: string): Promise<void>;
  /** Sends an invitation again, as a reminder. */
  reinvite(invitationId: string): Promise<void>;
  /** Sets what the cloud learns outside of the API: the status of a delivery, views, and the answers to a form. */
  update(invitationId: string, fields: InvitationUpdate): Promise<void>;
  /** Sends a webhook of any documented type about an invitation, which it does not change. `data` adds and replaces members. */
  announce(type: WebhookEventType, invitationId: string, data?: Record<string, unknown>): Promise<void>;
  /** The newest 500 requests to the API with their replies, oldest first. Keys and tokens are removed. */
  calls(): Promise<RecordedCall[]>;
  /** The messages that the cloud would have sent, oldest first. */
  outbox(): Promise<OutboxMessage[]>;
  /** The webhooks, oldest first. */
  deliveries(): Promise<Delivery[]>;
  /** Sends a webhook again; with `newId: true`, under a new id. */
  redeliver(deliveryId: string, options?: { newId?: boolean | undefined }): Promise<void>;
  /** The URL that webhooks are posted to. Undefined if none are sent. */
  webhookUrl(): Promise<string | undefined>;
  /** Sets the URL to post webhooks to. `undefined` stops webhooks. Stays through `reset()`. */
  setWebhookUrl(url: string | undefined): Promise<void>;
  /** Resolves when no webhook is being sent or waiting for a retry. */
  settled(): Promise<void>;
  /** Makes a route fail in the given way. Replaces an earlier fault on the same route. */
  fault(route: EmulatedRoute, fault: Fault): Promise<void>;
  /** The faults that still affect requests. */
  faults(): Promise<ActiveFault[]>;
  /** Removes all faults, or the one of a route. */
  clearFaults(route?: EmulatedRoute | undefined): Promise<void>;
  /** Returns the time of the emulator. */
  now(): Promise<Date>;
  /** Moves the clock by milliseconds. `reset()` sets it back. */
  advance(milliseconds: number): Promise<void>;
  /** Moves the clock to a time. `reset()` sets it back. */
  setTime(time: Date): Promise<void>;
  /** Returns the whole state, in the form of a data file. */
  exportState(): Promise<EmulatorState>;
  /** Replaces the whole state. Pending webhooks of the given state count as failed. */
  importState(state: EmulatorState): Promise<void>;
  /** Deletes all state and faults, drops pending requests and webhooks, and sets the clock back. */
  reset(): Promise<void>;
}

/** The whole state of an emulator. */
export type EmulatorState = Snapshot;

/**
 * Connects to an emulator that runs on this machine, such as `npx vortex-emulator`.
 *
 * @param url its base URL
 * @throws {TypeError} if the URL is malformed
 */
export function connectEmulator(url: string): ConnectedEmulator {
  const base = new URL(url).href.replace(/\/+$/, '');
  const call = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${base}/_emulator${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as Answer;
    throw new Error(`The emulator at ${base} answered ${response.status} to ${method} ${path}: ${text.slice(0, 500)}`);
  };
  const pathOf = (invitationId: string) => `/invitations/${encodeURIComponent(invitationId)}`;
  const change = async (invitationId: string, action: string) => {
    await call('POST', `${pathOf(invitationId)}/${action}`);
  };
  return {
    url: base,
    invitations: async () => (await call<{ invitations: EmulatedInvitation[] }>('GET', '/invitations')).invitations,
    accept: (invitationId) => change(invitationId, 'accept'),
    revoke: (invitationId) => change(invitationId, 'revoke'),
    expire: (invitationId) => change(invitationId, 'expire'),
    reinvite: (invitationId) => change(invitationId, 'reinvite'),
    update: async (invitationId, fields) => {
      await call('PATCH', pathOf(invitationId), fields);
    },
    announce: async (type, invitationId, data = {}) => {
      await call('POST', `${pathOf(invitationId)}/announce`, { type, data });
    },
    calls: async () => (await call<{ calls: RecordedCall[] }>('GET', '/calls')).calls,
    outbox: async () => (await call<{ outbox: OutboxMessage[] }>('GET', '/outbox')).outbox,
    deliveries: async () => (await call<{ deliveries: Delivery[] }>('GET', '/deliveries')).deliveries,
    redeliver: async (deliveryId, options = {}) => {
      await call('POST', `/deliveries/${encodeURIComponent(deliveryId)}/redeliver`, options);
    },
    webhookUrl: async () => (await call<{ url: string | null }>('GET', '/webhook-url')).url ?? undefined,
    setWebhookUrl: async (to) => {
      await call('PUT', '/webhook-url', { url: to ?? null });
    },
    settled: async () => {
      await call('POST', '/settled');
    },
    fault: async (route, fault) => {
      await call('PUT', '/faults', { route, fault });
    },
    faults: async () => (await call<{ faults: ActiveFault[] }>('GET', '/faults')).faults,
    clearFaults: async (route) => {
      await call('DELETE', `/faults${route === undefined ? '' : `?route=${encodeURIComponent(route)}`}`);
    },
    now: async () => new Date((await call<{ now: string }>('GET', '/clock')).now),
    advance: async (milliseconds) => {
      await call('PUT', '/clock', { advance: milliseconds });
    },
    setTime: async (time) => {
      await call('PUT', '/clock', { now: time.toISOString() });
    },
    exportState: () => call<EmulatorState>('GET', '/state'),
    importState: async (state) => {
      await call('PUT', '/state', state);
    },
    reset: async () => {
      await call('POST', '/reset');
    },
  };
}
