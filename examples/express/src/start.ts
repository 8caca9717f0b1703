import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { startEmulator } from '@vortex/emulator';
import { createApp } from './app.js';

/** The address to listen on. This machine only, since the demo has no passwords. */
const HOST = '127.0.0.1';

export interface StartOptions {
  /**
   * The port to listen on. 0 picks a free port.
   *
   * @default 3000, or a free port if 3000 is in use
   */
  port?: number | undefined;
  /** An API key of the real cloud. If unset, an emulator is started with the application. */
  apiKey?: string | undefined;
  /** The secret that the cloud signs webhooks with. Required with `apiKey`. */
  webhookSecret?: string | undefined;
}

export async function start({ port, apiKey, webhookSecret }: StartOptions = {}) {
  const server = createServer();
  const url = await listen(server, port ?? 3000, port === undefined);

  const emulator = apiKey
    ? undefined
    : await startEmulator({ landingUrl: `${url}/invited`, webhookUrl: `${url}/webhooks/vortex` });
  const app = createApp({
    apiKey: emulator?.apiKey ?? apiKey,
    vortexBaseUrl: emulator?.url,
    webhookSecret: emulator?.webhookSecret ?? webhookSecret,
    outboxUrl: emulator && `${emulator.url}/messages`,
    componentUrl: emulator && `${emulator.url}/component/any`, // any id works
    // A new secret for each process. Members do not survive a restart either.
    sessionSecret: randomBytes(32).toString('base64url'),
  });
  server.on('request', (request, response) => {
    // A webhook may carry any Host header, such as that of a tunnel. Its signature is checked.
    if (isOwnHost(request.headers.host) || request.url?.startsWith('/webhooks/')) return app(request, response);
    response.writeHead(421, { 'Content-Type': 'application/json' });
    const error = `This demo only answers requests to ${HOST}, localhost or [::1].`;
    response.end(JSON.stringify({ error, code: 'MISDIRECTED' }));
  });

  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await Promise.all([closed, emulator?.close()]);
  };
  return { url, emulator, close };
}

/** Returns whether a request names this machine as its host. Without this check, DNS rebinding would let other sites sign in as any user. */
function isOwnHost(host = ''): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/u.test(host);
}

async function listen(server: Server, port: number, mayUseOtherPort: boolean): Promise<string> {
  try {
    await listenOn(server, port);
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!isTaken) throw error;
    if (!mayUseOtherPort) throw new Error(`Port ${port} is in use; set PORT to another port, or to 0 for a free one.`);
    await listenOn(server, 0);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a TCP port.');
  return `http://${HOST}:${address.port}`;
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
