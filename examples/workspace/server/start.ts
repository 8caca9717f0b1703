import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VortexClient } from '@vortex/core';
import { DEFAULT_WEBHOOK_SECRET, type Emulator, type EmulatorOptions, startEmulator } from '@vortex/emulator';
import type { Application } from './application.js';
import { openDatabase } from './domain/database.js';
import { addDemoPeople, Outbox } from './domain/demo.js';
import { Live } from './domain/live.js';
import type { ServerName, Settings } from './settings.js';

/** Anybody can be anybody in a demo, so it is for this machine only. */
const HOST = '127.0.0.1';

/** A place for each port, which only one program can have at a time: an embedded database bears no second one. */
const DATA = fileURLToPath(new URL('../.data', import.meta.url));

const layers: Record<ServerName, (app: Application) => Promise<RequestListener>> = {
  express: async (app) => (await import('./express.js')).expressLayer(app),
  fastify: async (app) => (await import('./fastify.js')).fastifyLayer(app),
  hono: async (app) => (await import('./hono.js')).honoLayer(app),
};

export interface StartOptions extends Settings {
  /** What outlives the program. Default: a directory of its own for each port, and none for port 0. */
  dataDirectory?: string | undefined;
  /** Default: an hour. */
  tokenLifetime?: Application['tokenLifetime'] | undefined;
}

/** @throws {Error} saying what to change */
export async function start(options: StartOptions) {
  // Until all is there, whoever asks is told to come back.
  let listener: RequestListener = (_, response) => {
    response.writeHead(503, { 'Retry-After': '1', 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: 'The server is starting.', code: 'STARTING' }));
  };
  const active = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    active.add(response);
    response.once('close', () => active.delete(response));
    // Webhooks are signed, and come by whatever name leads here from the cloud.
    const isOwn = isOwnHost(request.headers.host) || request.url?.startsWith('/webhooks/');
    if (isOwn) return listener(request, response);
    response.writeHead(421, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: `This demo answers at ${HOST} alone.`, code: 'MISDIRECTED' }));
  });
  const port = await listen(server, options.port);
  const url = `http://${HOST}:${port}`;
  const live = new Live();
  // What has begun is finished, and only then goes what it needs.
  const stopServing = async () => {
    const stopped = new Promise((resolve) => server.close(resolve));
    live.end();
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
    const directory = options.dataDirectory ?? (options.port === 0 ? undefined : join(DATA, String(port)));
    if (directory) await mkdir(directory, { recursive: true });

    const embedded = directory ? { directory: join(directory, 'database') } : ('memory' as const);
    const { db, close: closeDatabase } = await openDatabase(options.database ?? embedded);
    closing.push(closeDatabase);
    await addDemoPeople(db);

    const webhookSecret = options.webhookSecret ?? DEFAULT_WEBHOOK_SECRET;
    const emulator = options.apiKey
      ? undefined
      : await startEmulatorBeside(port, {
          webhookSecret,
          webhookUrl: `${url}/webhooks/vortex`,
          landingUrl: `${url}/invitation`,
          dataFile: directory && join(directory, 'vortex.json'),
        });
    if (emulator) closing.push(() => emulator.close());

    const client = new VortexClient(emulator?.apiKey ?? options.apiKey, emulator && { baseUrl: emulator.url });
    closing.push(() => client.close());
    listener = await layers[options.server]({
      db,
      live,
      client,
      webhookSecret,
      url,
      tokenLifetime: options.tokenLifetime ?? '1h',
      outbox: new Outbox(),
      emulator: emulator && { url: emulator.url, mails: () => [...emulator.outbox] },
    });
    // Webhooks that the end of the last run has cut short.
    for (const { id, status } of emulator?.deliveries ?? []) if (status === 'failed') emulator?.redeliver(id);
    return { url, emulator, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Other sites can give this machine a name of theirs, and would read the outbox by it. */
function isOwnHost(host = ''): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/u.test(host);
}

/** On the next port where that is free, so that links in its mail still lead there after a restart. */
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
  throw new Error(`Port ${candidates.join(', ')} is in use; set PORT to another one.`);
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
