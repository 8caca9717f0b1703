import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { type App, createApp } from './app.js';
import { DataFile } from './data-file.js';
import { type Fault, Faults } from './faults.js';
import { isLoopback } from './guards.js';
import { type EmulatedInvitation, present } from './invitation.js';
import { type EmulatorOptions, type ListenOptions, type Settings, settle } from './options.js';
import type { Route } from './routes.js';
import { type Delivery, type Message, State } from './state.js';
import { Store } from './store.js';
import { Webhooks } from './webhooks.js';

/** A local Vortex cloud. */
export interface Emulator {
  /** Where it listens, without a trailing slash; in process a made-up loopback address that only `fetch` answers to. */
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  /**
   * Answers in process, without a socket, in place of the global `fetch`. Does not follow redirects. A `reset` fault
   * and a closed emulator make it reject the way a broken connection does.
   */
  readonly fetch: typeof globalThis.fetch;
  /** All invitations there ever were since the last reset, as the API would return them, oldest first. A copy. */
  readonly invitations: readonly EmulatedInvitation[];
  /** The messages that would have been sent, oldest first. A copy. */
  readonly outbox: readonly Message[];
  /** The webhooks, oldest first; none without a `webhookUrl`. A copy. */
  readonly deliveries: readonly Delivery[];
  /** Makes a route misbehave. A later fault replaces an earlier one on the same route. */
  fault(route: Route, fault: Fault): void;
  /**
   * Sends a webhook again, retries included.
   *
   * @throws {Error} when there is no such delivery
   */
  redeliver(deliveryId: string): void;
  /** Resolves when no webhook is pending, neither under way nor waiting for another attempt. */
  settled(): Promise<void>;
  /** Back to the start: no invitations, no messages, no deliveries, no faults; nothing pending. */
  reset(): void;
  /**
   * Stops listening, ends open connections, gives up pending webhooks and writes the data file. May be called again.
   *
   * @throws when the data file cannot be written
   */
  close(): Promise<void>;
}

/**
 * An emulator inside this process that listens nowhere: give its `url` and `fetch` to a client.
 *
 * @throws {TypeError} for an option that cannot be used
 * @throws {Error} for a data file that cannot be used
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  return assemble(settle(options), true).emulator;
}

/**
 * An emulator that listens; resolves as soon as it does.
 *
 * @throws as {@link createEmulator}, and the system's error when the address cannot be listened on
 */
export async function startEmulator(options: EmulatorOptions & ListenOptions = {}): Promise<Emulator> {
  const { port = 0, host = '127.0.0.1' } = options;
  const { emulator, app, listening } = assemble(settle(options), isLoopback(host));
  const server = createServer(
    getRequestListener(
      (request, { incoming }) => app.fetch(request, { hangUp: () => incoming.socket.resetAndDestroy() }),
      // It runs inside somebody else's tests: their Request and Response stay what they are.
      { hostname: 'localhost', overrideGlobalObjects: false },
    ),
  );
  await listen(server, port, host);
  listening(origin(host, (server.address() as AddressInfo).port), server);
  return emulator;
}

function assemble(settings: Settings, loopbackOnly: boolean) {
  const { apiKey, webhookSecret, now, dataFile } = settings;
  let url = 'http://localhost';
  let server: Server | undefined;
  let closing: Promise<void> | undefined;

  const state = new State();
  const file = dataFile === undefined ? undefined : new DataFile(dataFile, () => state.snapshot());
  if (file) state.restore(file.load());

  const changed = () => file?.save();
  const link = (code: string) => `${url}/i/${code}`;
  const faults = new Faults();
  const webhooks = new Webhooks({
    url: settings.webhookUrl,
    secret: webhookSecret,
    retryDelays: settings.webhookRetryDelays,
    deliveries: state.deliveries,
    now,
    changed,
  });
  const { expiresAfter } = settings;
  const store = new Store({ state, now, expiresAfter, link, emit: (event) => webhooks.send(event), changed });
  const app = createApp({ settings, loopbackOnly, state, store, faults, webhooks, link, url: () => url });

  async function shutDown(): Promise<void> {
    faults.clear();
    await Promise.all([webhooks.stop(), server && stopListening(server)]);
    await file?.flush();
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
    get deliveries() {
      return structuredClone(state.deliveries);
    },
    fault: (route, fault) => faults.set(route, fault),
    redeliver: (deliveryId) => webhooks.redeliver(deliveryId),
    settled: () => webhooks.settled(),
    reset: () => {
      faults.clear();
      void webhooks.stop();
      state.clear();
      changed();
    },
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
  const listening = (at: string, on: Server) => {
    url = at;
    server = on;
  };
  return { emulator, app, listening };
}

async function fetchInProcess(app: App, request: Request): Promise<Response> {
  const { signal } = request;
  signal.throwIfAborted();
  let hungUp = false;
  const hangUp = () => {
    hungUp = true;
  };
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const response = await Promise.race([app.fetch(request, { hangUp }), aborted]);
  if (hungUp) throw connectionError('ECONNRESET');
  return response;
}

/** As the global `fetch` rejects: the reason is in the cause. */
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
  // "Everywhere" is no address one can open.
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
