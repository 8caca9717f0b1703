/** The clients of a mount whose key or base URL is a function, once the mount has forgotten them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { VortexMountOptions, VortexUser } from '@vortex/core';
import { bodyFromKept, createRoutes } from '@vortex/core/adapter';
import { expect, onTestFinished, test } from 'vitest';
import { ann } from './helpers.ts';

/** The number of a tenant. */
type Context = number;

/** The number of keys, and of base URLs, that a mount remembers. */
const REMEMBERED = 1000;

/** A key for each tenant. */
const keyOf = (tenant: Context) => {
  const id = Buffer.alloc(16);
  id.writeUInt32BE(tenant);
  return `VRTX.${id.toString('base64url')}.made-up`;
};

/** An API that answers at once. */
async function startApi() {
  const calls: string[] = [];
  const server = createServer((incoming, response) => {
    calls.push(`${incoming.method} ${incoming.url}`);
    response.setHeader('content-type', 'application/json').end('{"id":"i"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test.each<[string, (url: string) => Pick<VortexMountOptions<VortexUser, Context>, 'apiKey' | 'baseUrl'>, string]>([
  ['keys', (baseUrl) => ({ apiKey: keyOf, baseUrl }), '/api/v1/invitations/i/reinvite'],
  [
    'base URLs',
    (url) => ({ apiKey: keyOf(0), baseUrl: (tenant) => `${url}/${tenant}` }),
    '/0/api/v1/invitations/i/reinvite',
  ],
])(
  'a write is sent once, and succeeds, if 1,001 other %s are used while its rule decides',
  async (_, optionsOf, path) => {
    const api = await startApi();
    let allow = (_: boolean) => {};
    let ask = () => {};
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    const routes = createRoutes<Context, VortexUser>({
      ...optionsOf(api.url),
      authenticateUser: () => ann,
      authorizeOperation: {
        JWT: true,
        REINVITE: () => {
          ask();
          return new Promise((resolve) => {
            allow = resolve;
          });
        },
      },
      hookTimeout: 60_000,
    });
    const send = async (operation: string, url: string, context: Context) => {
      const route = routes.find((each) => each.operation === operation);
      const body = async () => bodyFromKept('');
      return route?.handle({ url, body, header: () => undefined, signal: () => undefined, context });
    };
    const writing = send('REINVITE', '/invitations/i/reinvite', 0);
    await asked;
    for (let tenant = 1; tenant <= REMEMBERED + 1; tenant += 1) {
      expect((await send('JWT', '/jwt', tenant))?.status).toBe(200);
    }
    allow(true);
    expect((await writing)?.status).toBe(200);
    expect(api.calls).toEqual([`POST ${path}`]);
  },
);
