import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { WebhookEventType } from '@vortex/core';
import { type App, createApp } from './app.js';
import { announceBody, readArguments, updateBody } from './bodies.js';
import type { RecordedCall } from './calls.js';
import { Clock } from './clock.js';
import { DataFile } from './data-file.js';
import { type Fault, Faults } from './faults.js';
import { isLoopback } from './guards.js';
import { type EmulatedInvitation, present } from './invitation.js';
import { type Happening, Live } from './live.js';
import { type EmulatorOptions, type ListenOptions, type Settings, settle, webhookUrl } from './options.js';
import type { EmulatedRoute } from './routes.js';
import { type Change, type Delivery, type OutboxMessage, type Snapshot, State } from './state.js';
import { type InvitationUpdate, Store } from './store.js';
import { Webhooks } from './webhooks.js';

/** A local Vortex cloud. */
export interface Emulator {
  /**
   * The base URL, without a trailing slash. An emulator without a socket has a made-up loopback address that only its
   * own `fetch` can reach.
   */
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  /**
   * Answers requests in process, without a socket. Use it instead of the global `fetch`. Does not follow redirects. If
   * the route has a `reset` fault or the emulator is closed, it rejects like a broken connection.
   */
  readonly fetch: typeof globalThis.fetch;
  /**
   * A copy of all invitations since the last reset, closed ones included, oldest first. They have the fields of every
   * generation of the API, whatever `shape` is.
   */
  readonly invitations: readonly EmulatedInvitation[];
  /** A copy of the messages that the cloud would have sent, oldest first. */
  readonly outbox: readonly OutboxMessage[];
  /** A copy of the newest 500 requests to the API with their replies, oldest first. Keys and tokens are removed. */
  readonly calls: readonly RecordedCall[];
  /** A copy of the webhooks, oldest first. Empty as long as no `webhookUrl` is set. */
  readonly deliveries: readonly Delivery[];
  /**
   * Makes a route fail in the given way. Replaces an earlier fault on the same route.
   *
   * @throws {VortexError} `INVALID_ARGUMENT` for a route that the emulator does not have, and for an unknown or invalid field
   */
  fault(route: EmulatedRoute, fault: Fault): void;
  /**
   * Sends a webhook again to the current webhook URL, with retries and the same bytes: at once if it waits for a retry, and
   * after an attempt that is in flight. With `newId: true`, the event is a further delivery with a new `id`: the vendor
   * documents the id as that of the delivery, and does not say whether a redelivery repeats it.
   *
   * @throws {Error} if the delivery does not exist
   */
  redeliver(deliveryId: string, options?: { newId?: boolean | undefined }): void;
  /**
   * Sends a webhook of any documented type, with the data of an invitation, which it does not change. `data` adds members
   * and replaces those of the same name; `undefined` removes one.
   *
   * @throws {VortexError} `INVALID_ARGUMENT` for a type that is not documented, and for data that is not JSON
   * @throws {Error} if the invitation does not exist
   */
  announce(type: WebhookEventType, invitationId: string, data?: Record<string, unknown>): void;
  /**
   * Sets what the cloud learns outside of the API: the status of a delivery, views, and the answers to a form. Sends no
   * webhook.
   *
   * @throws {VortexError} `INVALID_ARGUMENT` for an unknown or invalid field
   * @throws {Error} if the invitation does not exist
   */
  update(invitationId: string, fields: InvitationUpdate): void;
  /**
   * Sets the URL to post webhooks to, for an application that starts after the emulator. `undefined` stops webhooks. Stays
   * through `reset()`.
   *
   * @throws {VortexError} `CONFIG` if it is no absolute http(s) URL, or has a user name or a password
   */
  setWebhookUrl(url: string | undefined): void;
  /** Resolves when no webhook is being sent or waiting for a retry. */
  settled(): Promise<void>;
  /**
   * Deletes all invitations, messages, deliveries and faults, drops pending requests and webhooks, and sets back a clock that
   * the control API has moved.
   */
  reset(): void;
  /**
   * Stops listening, ends open connections, gives up pending webhooks and writes the data file. May be called again.
   *
   * @throws if the data file cannot be written
   */
  close(): Promise<void>;
}

/**
 * Creates an emulator without a socket. Pass its `url` and `fetch` to a client.
 *
 * @throws {VortexError} `CONFIG` if an option is invalid or unknown
 * @throws {Error} if the data file cannot be read or written, is not a data file of the emulator, or is in use by another
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  return assemble(settle(options), true).emulator;
}

/**
 * Starts an emulator that listens on a port. Resolves once it listens.
 *
 * @throws the same errors as {@link createEmulator}, and the system error if it cannot listen on the address
 */
export async function startEmulator(options: EmulatorOptions & ListenOptions = {}): Promise<Emulator> {
  return (await startWatched(options)).emulator;
}

/** Starts an emulator. The returned `listen` calls a function for each change, request and webhook. */
export async function startWatched(options: EmulatorOptions & ListenOptions) {
  const { port = 0, host = '127.0.0.1' } = options;
  const { emulator, app, live, clock, listening } = assemble(settle(options), isLoopback(host));
  const server = createServer(
    getRequestListener(
      (request, { incoming }) =>
        app.fetch(request, {
          hangUp: () => incoming.socket.resetAndDestroy(),
          // A socket for IPv6 and IPv4 writes an IPv4 address with a prefix.
          isLocal: isLoopback((incoming.socket.remoteAddress ?? '').replace(/^::ffff:/i, '')),
        }),
      // The emulator runs inside the tests of an application, whose global Request and Response must not change.
      { hostname: 'localhost', overrideGlobalObjects: false },
    ),
  );
  await listen(server, port, host).catch(async (error: unknown) => {
    // It would keep the data file from another emulator.
    await emulator.close();
    throw error;
  });
  listening(origin(host, (server.address() as AddressInfo).port), server);
  return { emulator, clock, listen: (listener: (happening: Happening) => void) => live.listen(listener) };
}

function assemble(given: Settings, loopbackOnly: boolean) {
  const live = new Live();
  const clock = new Clock(given.now, () => live.tell({ kind: 'clock' }));
  const { now } = clock;
  const settings = { ...given, now };
  const { apiKey, webhookSecret, dataFile } = settings;
  let url = 'http://localhost';
  let server: Server | undefined;
  let closing: Promise<void> | undefined;

  const state = new State();
  const file = dataFile === undefined ? undefined : new DataFile(dataFile, state);
  const changed = (change: Change) => {
    file?.save(change);
    live.tell(change);
  };
  const link = (code: string) => `${url}/i/${code}`;
  const faults = new Faults(() => live.tell({ kind: 'faults' }));
  const webhooks = new Webhooks({
    url: settings.webhookUrl,
    secret: webhookSecret,
    retryDelays: settings.webhookRetryDelays,
    deliveries: state.deliveries,
    now,
    // A delivery that a reset has dropped still ends.
    changed: (record) => state.deliveries.includes(record) && changed({ kind: 'delivery', record }),
    attempted: (delivery, attempt) => live.tell({ kind: 'attempt', delivery, attempt }),
  });
  const { expiresAfter } = settings;
  const store = new Store({ state, now, expiresAfter, link, emit: (event) => webhooks.send(event), changed });
  const written = () => file?.flush();
  const clear = () => {
    void webhooks.stop();
    state.clear();
    changed({ kind: 'reset' });
  };
  const reset = () => {
    faults.clear();
    clock.reset();
    clear();
  };
  const load = (snapshot: Snapshot) => {
    clear();
    state.restore(snapshot, []);
    for (const record of state.invitations.values()) changed({ kind: 'invitation', record });
    for (const record of state.outbox) changed({ kind: 'message', record });
    for (const record of state.deliveries) changed({ kind: 'delivery', record });
  };
  const setWebhookUrl = (to: string | undefined) => {
    webhooks.url = webhookUrl(to);
    live.tell({ kind: 'webhookUrl' });
  };
  const control = { state, store, faults, webhooks, clock, reset, load, setWebhookUrl };
  const app = createApp({
    settings,
    loopbackOnly,
    state,
    store,
    faults,
    clock,
    live,
    link,
    url: () => url,
    written,
    control,
  });

  async function shutDown(): Promise<void> {
    faults.clear();
    await Promise.all([webhooks.stop(), server && stopListening(server)]);
    file?.close();
  }

  const emulator: Emulator = {
    apiKey,
    webhookSecret,
    get url() {
      return url;
    },
    fetch: (input, init) => {
      if (closing) return Promise.reject(connectionError('ECONNREFUSED'));
      return fetchInProcess(app, new Request(input, init));
    },
    get invitations() {
      return Array.from(state.invitations.values(), (record) => present(record, now()));
    },
    get outbox() {
      return structuredClone(state.outbox);
    },
    get calls() {
      return structuredClone(state.calls);
    },
    get deliveries() {
      return structuredClone(state.deliveries);
    },
    fault: (route, fault) => faults.set(route, fault),
    redeliver: (deliveryId, options) => webhooks.redeliver(deliveryId, options),
    announce: (type, invitationId, data) => {
      const given = readArguments({ type, data }, announceBody);
      store.announce(given.type, invitationId, given.data ?? {});
    },
    update: (invitationId, fields) => store.update(invitationId, readArguments(fields, updateBody)),
    setWebhookUrl,
    settled: () => webhooks.settled(),
    reset,
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
  const listening = (at: string, on: Server) => {
    url = at;
    server = on;
  };
  return { emulator, app, live, clock, listening };
}

async function fetchInProcess(app: App, request: Request): Promise<Response> {
  const { signal } = request;
  signal.throwIfAborted();
  let hungUp = false;
  const hangUp = () => {
    hungUp = true;
  };
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const response = await Promise.race([app.fetch(request, { hangUp, isLocal: true }), aborted]);
  if (hungUp) throw connectionError('ECONNRESET');
  return response;
}

/** Builds the error that the global `fetch` rejects with, which has the reason as its `cause`. */
function connectionError(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function origin(host: string, port: number): string {
  // A wildcard address cannot be opened in a browser.
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
