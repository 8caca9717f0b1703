import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VortexClient } from '@vortex/core';
import { DEFAULT_WEBHOOK_SECRET, type Emulator, type EmulatorOptions, startEmulator } from '@vortex/emulator';
import type { Application, Layer } from './application.js';
import { openDatabase } from './domain/database.js';
import { addDemoPeople, Outbox } from './domain/demo.js';
import { Live } from './domain/live.js';
import type { ServerName, Settings } from './settings.js';

/** The demo lets anyone sign in as any user, so it only listens on this machine. */
const HOST = '127.0.0.1';

/** The directory of the data. Each port has its own directory in it, since two processes cannot share a PGlite database. */
const DATA = fileURLToPath(new URL('../.data', import.meta.url));

const layers: Record<ServerName, (app: Application) => Promise<Layer>> = {
  express: async (app) => (await import('./express.js')).expressLayer(app),
  fastify: async (app) => (await import('./fastify.js')).fastifyLayer(app),
  hono: async (app) => (await import('./hono.js')).honoLayer(app),
};

export interface StartOptions extends Settings {
  /**
   * The directory for the data that is kept after the process ends.
   * @default a directory for the port; for port 0, the data is in memory
   */
  dataDirectory?: string | undefined;
  /**
   * Opens the database. Tests pass one that is open already.
   * @default openDatabase
   */
  open?: typeof openDatabase | undefined;
  /**
   * The lifetime of a token for the browser.
   * @default '1h'
   */
  tokenLifetime?: Application['tokenLifetime'] | undefined;
}

/**
 * Starts the application.
 *
 * @throws {Error} that says what to change
 */
export async function start(options: StartOptions) {
  // Answers 503 until the application is ready.
  let listener: RequestListener = (_, response) => {
    response.writeHead(503, { 'Retry-After': '1', 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: 'The server is starting. Try again in a moment.', code: 'STARTING' }));
  };
  const active = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    active.add(response);
    response.once('close', () => active.delete(response));
    // A webhook may carry any Host header, such as that of a tunnel. Its signature is checked.
    const isOwn = isOwnHost(request.headers.host) || request.url?.startsWith('/webhooks/');
    if (isOwn) return listener(request, response);
    response.writeHead(421, { 'Content-Type': 'application/json' });
    response.end(
      JSON.stringify({ error: `This demo only answers requests to ${HOST}, localhost or [::1].`, code: 'MISDIRECTED' }),
    );
  });
  const port = await listen(server, options.port);
  const url = `http://${HOST}:${port}`;
  let live: Live | undefined;
  // Requests under way finish before the database and the emulator close.
  const stopServing = async () => {
    const stopped = new Promise((resolve) => server.close(resolve));
    live?.endAll();
    await Promise.all(Array.from(active, (response) => once(response, 'close')));
    server.closeAllConnections();
    await stopped;
  };
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    await stopServing();
    for (const each of closing.splice(0).reverse()) await each();
  };

  try {
    // Before the database is opened, since a malformed key is an error that needs no waiting for.
    const cloud = options.apiKey === undefined ? undefined : new VortexClient(options.apiKey);
    const directory = options.dataDirectory ?? (options.port === 0 ? undefined : join(DATA, String(port)));
    if (directory) await mkdir(directory, { recursive: true });

    const embedded = directory ? { directory: join(directory, 'database') } : ('memory' as const);
    const { open = openDatabase } = options;
    const { db, channel, close: closeDatabase } = await open(options.database ?? embedded);
    closing.push(closeDatabase);
    live = new Live(channel);
    await addDemoPeople(db);

    const webhookSecret = options.webhookSecret ?? DEFAULT_WEBHOOK_SECRET;
    const emulator = cloud
      ? undefined
      : await startEmulatorBeside(port, {
          webhookSecret,
          webhookUrl: `${url}/webhooks/vortex`,
          landingUrl: `${url}/invitation`,
          dataFile: directory && join(directory, 'vortex.json'),
        });
    if (emulator) closing.push(() => emulator.close());

    const client = cloud ?? new VortexClient(emulator?.apiKey, emulator && { baseUrl: emulator.url });
    closing.push(() => client.close());
    const layer = await layers[options.server]({
      db,
      live,
      client,
      webhookSecret,
      url,
      tokenLifetime: options.tokenLifetime ?? '1h',
      outbox: new Outbox(),
      emulator: emulator && { url: emulator.url, mails: () => [...emulator.outbox] },
    });
    closing.push(() => layer.close());
    ({ listener } = layer);
    // Deliver again the webhooks that failed when the last run stopped.
    for (const { id, status } of emulator?.deliveries ?? []) if (status === 'failed') emulator?.redeliver(id);
    return { url, emulator, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Returns whether a request names this machine as its host. Without this check, DNS rebinding would let other sites read the outbox. */
function isOwnHost(host = ''): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/u.test(host);
}

/** Starts the emulator on the next port if it is free, so that links in old messages still work after a restart. */
async function startEmulatorBeside(port: number, options: EmulatorOptions): Promise<Emulator> {
  try {
    return await startEmulator({ ...options, port: port + 1 });
  } catch (error) {
    if (!isTaken(error) && !(error instanceof RangeError)) throw error;
    return startEmulator(options);
  }
}

async function listen(server: Server, wanted: number | undefined): Promise<number> {
  const candidates = wanted === undefined ? Array.from({ length: 20 }, (_, index) => 3000 + index) : [wanted];
  for (const candidate of candidates) {
    try {
      return await listenOn(server, candidate);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw new Error(`Port ${candidates.join(', ')} is in use. Set PORT to a free port.`);
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
