/** Sends SIGTERM to each program while a request waits for Vortex, and expects an answer to the request. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startCommand } from '@vortex/conformance';
import { DEFAULT_API_KEY } from '@vortex/emulator';
import { expect, test, vi } from 'vitest';

const cwd = fileURLToPath(new URL('..', import.meta.url));

test.each(['express', 'fastify', 'hono'])(
  'stop-%s.ts answers a pending request after SIGTERM',
  { timeout: 60_000 },
  async (framework) => {
    // Stands in for Vortex, and answers only when the test says so.
    const vortex = createServer().listen(0, '127.0.0.1');
    await once(vortex, 'listening');
    const program = await startCommand(process.execPath, () => [`dist/stop-${framework}.js`], {
      cwd,
      env: {
        VORTEX_API_KEY: DEFAULT_API_KEY,
        VORTEX_API_BASE_URL: `http://127.0.0.1:${(vortex.address() as AddressInfo).port}`,
      },
    });
    try {
      const arrival = once(vortex, 'request');
      const inbox = '/api/vortex/invitations?targetType=email&targetValue=ada@example.com';
      const waiting = fetch(`${program.url}${inbox}`, { headers: { 'x-user': 'u-1' } });
      const [, response] = (await arrival) as [unknown, ServerResponse];

      const ended = program.close();
      await vi.waitFor(() => expect(fetch(program.url)).rejects.toThrow(), { timeout: 30_000 });
      response.setHeader('content-type', 'application/json').end('{"invitations":[]}');
      expect(await (await waiting).json()).toEqual({ invitations: [] });
      await ended;
    } finally {
      await program.close();
      vortex.closeAllConnections();
      vortex.close();
    }
  },
);
