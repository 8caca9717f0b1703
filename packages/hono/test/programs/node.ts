import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { ServerSettings } from '@vortex/conformance/application';
import { runProgram } from '@vortex/conformance/program';
import { createApp } from './app.ts';

export function start(settings: ServerSettings) {
  return new Promise<{ url: string; close: () => Promise<void> }>((resolve) => {
    const { fetch } = createApp(settings);
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) => {
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise<void>((closed) => server.close(() => closed())),
      });
    });
  });
}

if (process.env.CONFORMANCE_SETTINGS) await runProgram(start);
