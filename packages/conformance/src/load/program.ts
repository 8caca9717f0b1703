/** The inside of a program that `defineLoad` runs on Node and stops with SIGTERM. */
import { subscribe } from 'node:diagnostics_channel';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { VortexClient, type VortexMountOptions, type VortexUser } from '@vortex/core';
import { conformanceOptions } from '../application.js';

export interface LoadSettings {
  apiKey: string;
  baseUrl: string;
  /** 0 for any free port. */
  port: number;
  /** Number of tenants, each with a key of its own, that the requests name. Undefined for one client. */
  tenants?: number;
}

/** Measurements of a program about itself. */
export interface LoadReport {
  port: number;
  /** Bytes in use after a garbage collection. */
  heap: number;
  /** 99th percentile of the delay of the event loop since the last report, in milliseconds. */
  late: number;
  /** Share of the time since the last report in which the event loop was busy. */
  busy: number;
  /** Numbers of unhandled rejections, uncaught exceptions and warnings, by their text. */
  trouble: Record<string, number>;
  /** Requests whose connection closed before their reply was sent, without those that the caller aborted. */
  cut: number;
  /** Open connections to the API. */
  calling: number;
  /** Requests in flight when SIGTERM arrived. */
  open: number;
}

/** The tenant of a request. */
export const TENANT_HEADER = 'x-load-tenant';
/** Marks a request that its caller is going to abort. */
export const FLEETING_HEADER = 'x-load-fleeting';

export function loadOptions<Context>(
  client: VortexClient,
  header: (context: Context, name: string) => string | undefined,
): VortexMountOptions<VortexUser, Context> {
  const { apiKey, baseUrl, tenants } = readSettings();
  const options = conformanceOptions({ apiKey: '', baseUrl: '' }, header);
  if (tenants === undefined) return { ...options, apiKey: undefined, baseUrl: undefined, client };
  const keyOf = (context: Context) => `${apiKey}-${Number(header(context, TENANT_HEADER)) % tenants}`;
  return { ...options, apiKey: keyOf, baseUrl, timeout: CALL_TIMEOUT };
}

function readSettings(): LoadSettings {
  return JSON.parse(process.env.LOAD_SETTINGS ?? '{}');
}

/** Deadline of a call to the API in milliseconds. */
const CALL_TIMEOUT = 3000;

/**
 * Returns a function that stops a server without losing a request: the server accepts no new connections, finishes the
 * requests in flight, and sends `Connection: close` with every reply that has not been sent. Without that header, Node keeps
 * connections open until they have been idle for 5 s, and Fastify for 72 s.
 */
export function drain(
  server: Server,
  stop: () => Promise<unknown> = () => new Promise((resolve) => server.close(resolve)),
): () => Promise<unknown> {
  const open = new Set<ServerResponse>();
  let isClosing = false;
  server.prependListener('request', (_, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    if (isClosing) response.setHeader('connection', 'close');
  });
  return () => {
    isClosing = true;
    for (const response of open) if (!response.headersSent) response.setHeader('connection', 'close');
    return stop();
  };
}

/** Runs a server until SIGTERM. The `close` that `start` returns is made by `drain`. */
export async function runLoadProgram(
  start: (client: VortexClient, port: number) => Promise<{ server: Server; close(): Promise<unknown> }>,
): Promise<void> {
  const { apiKey, baseUrl, port } = readSettings();
  const trouble = watchForTrouble();
  const calling = watchConnections();
  // The log of the application is not part of the test.
  console.error = console.warn = () => {};

  const client = new VortexClient(apiKey, { baseUrl, timeout: CALL_TIMEOUT });
  const { server, close } = await start(client, port);

  let open = 0;
  let cut = 0;
  server.prependListener('request', (request, response: ServerResponse) => {
    open += 1;
    response.once('close', () => {
      open -= 1;
      if (!response.writableFinished && !request.headers[FLEETING_HEADER]) cut += 1;
    });
  });

  const loop = monitorEventLoopDelay({ resolution: RESOLUTION });
  loop.enable();
  let since = performance.eventLoopUtilization();
  let openAtEnd = 0;
  const tell = () => {
    const busy = performance.eventLoopUtilization(since).utilization;
    const late = Math.max(0, loop.percentile(99) / 1e6 - RESOLUTION);
    const { port } = (server.address() as AddressInfo | null) ?? { port: 0 };
    global.gc?.();
    const { heapUsed: heap } = process.memoryUsage();
    process.send?.({
      port,
      heap,
      late,
      busy,
      trouble,
      cut,
      calling: calling.size,
      open: openAtEnd,
    } satisfies LoadReport);
    loop.reset();
    since = performance.eventLoopUtilization();
  };

  process.on('message', tell);
  process.once('disconnect', () => process.exit(1));
  // The channel to the parent must not keep the process running.
  process.channel?.unref();
  process.once('SIGTERM', async () => {
    openAtEnd = open;
    await close();
    await client.close();
    // Destroyed sockets emit `close` in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    loop.disable();
    tell();
  });
  tell();
}

const RESOLUTION = 10;

/** Returns the open connections that this process has made. */
function watchConnections(): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** Counts the unhandled rejections, uncaught exceptions and warnings of this process. */
export function watchForTrouble(): Record<string, number> {
  const trouble: Record<string, number> = {};
  const note = (kind: string) => (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (text.startsWith('ExperimentalWarning')) return;
    const line = `${kind}: ${text.slice(0, 1000)}`;
    const isNew = !(line in trouble) && Object.keys(trouble).length >= 10;
    const key = isNew ? `${kind}, others` : line;
    trouble[key] = (trouble[key] ?? 0) + 1;
  };
  process.on('unhandledRejection', note('unhandledRejection'));
  process.on('uncaughtException', note('uncaughtException'));
  process.on('warning', note('warning'));
  return trouble;
}
