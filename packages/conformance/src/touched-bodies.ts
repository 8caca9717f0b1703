/** Bodies that a platform or middleware has touched before the routes and the webhooks see them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '@vortex/core';
import { signWebhook } from '@vortex/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { send } from './http.js';
import { setupUpstream } from './setup.js';
import { ann } from './suite/data.js';

const SECRET = 'whsec_made_up';

/** The options of both mounts. The routes are at `/api/vortex`, the webhooks at `/webhooks/vortex`. */
export interface TouchedMounts {
  readonly routes: {
    apiKey: string;
    baseUrl: string;
    logger: Logger;
    authenticateUser(): Promise<typeof ann>;
    authorizeOperation(): true;
  };
  readonly webhooks: { secret: string; logger: Logger; onEvent(): void };
}

/** The answer to a body that was touched: 200, or the code of a 500 that names the fix. */
type Outcome = 200 | 'RAW_BODY_REQUIRED' | 'BODY_CONSUMED';

/** A way to touch a body, and the answers of a route and a webhook afterwards. */
export type Touched<Start> = readonly [title: string, route: Outcome, webhook: Outcome, start: Start];

export type StartTouched = (mounts: TouchedMounts) => Promise<string>;

/** Defines a test for each way to touch a body. An empty body in chunks is none, whatever has read it. */
export function defineTouchedBodies(rows: readonly Touched<StartTouched>[]): void {
  const upstream = setupUpstream();
  const invitation = { widgetConfigurationId: 'w', target: { type: 'email', value: "o'brien@orchard.example" } };
  const event = '{ "id":"e-1", "type":"invitation.accepted","data":{"targetEmail":"zo\u00eb@orchard.example"}}';
  const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };

  test.each(rows)('a body that %s: a route answers %s, a webhook %s', async (_, route, webhook, start) => {
    const logged: unknown[] = [];
    const log = (...line: unknown[]) => void logged.push(line.join(' '));
    const logger = { warn: log, error: log };
    const url = await start({
      routes: {
        apiKey: upstream.apiKey,
        baseUrl: upstream.url,
        logger,
        // A body that flows by itself has flowed by the time that the user is known.
        authenticateUser: async () => {
          for (let turns = 0; turns < 5; turns += 1) await setImmediate();
          return ann;
        },
        authorizeOperation: () => true,
      },
      webhooks: { secret: SECRET, logger, onEvent() {} },
    });
    const outcome = ({ status, json }: Awaited<ReturnType<typeof send>>) => (status === 500 ? json.code : status);

    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      expect(outcome(await send(url, 'POST', '/api/vortex/invitations', { json: invitation, headers }))).toBe(route);
      const signed = { 'content-type': 'application/json', 'x-vortex-signature': await signWebhook(event, SECRET) };
      const delivery = { body: event, headers: { ...signed, ...headers } };
      expect(outcome(await send(url, 'POST', '/webhooks/vortex', delivery))).toBe(webhook);
    }
    const sent = upstream.arrivals.map(({ body }) => JSON.parse(body).target);
    expect(sent).toEqual(route === 200 ? [invitation.target, invitation.target] : []);

    const failures = logged.length;
    expect(outcome(await send(url, 'POST', '/api/vortex/jwt', { headers: chunked }))).toBe(200);
    expect(outcome(await send(url, 'POST', '/webhooks/vortex', { headers: chunked }))).toBe(401);
    const signed = { ...chunked, 'x-vortex-signature': await signWebhook('', SECRET) };
    expect(outcome(await send(url, 'POST', '/webhooks/vortex', { headers: signed }))).toBe(400);
    expect(failures).toBe([route, route, webhook, webhook].filter((one) => one !== 200).length);
  });
}

type Kept = IncomingMessage & { body?: unknown; rawBody?: unknown };

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const parsed = (bytes: Buffer) => (bytes.byteLength === 0 ? {} : JSON.parse(bytes.toString()));

/** Ways in which a platform touches the body of Node's request before the framework gets it. */
const platforms: readonly Touched<(request: Kept) => unknown>[] = [
  [
    'a platform has left as rawBody',
    200,
    200,
    async (request) => {
      request.rawBody = await read(request);
    },
  ],
  [
    'a platform has left parsed, beside rawBody',
    200,
    200,
    async (request) => {
      request.rawBody = await read(request);
      request.body = parsed(request.rawBody as Buffer);
    },
  ],
  [
    'a platform has left parsed',
    200,
    'RAW_BODY_REQUIRED',
    async (request) => {
      request.body = parsed(await read(request));
    },
  ],
  [
    'a platform has left as a proxy with methods, which cannot be cloned',
    200,
    'RAW_BODY_REQUIRED',
    async (request) => {
      request.body = new Proxy({ ...parsed(await read(request)), save() {} }, {});
    },
  ],
  [
    'a platform has left as text',
    200,
    200,
    async (request) => {
      request.body = (await read(request)).toString();
    },
  ],
  [
    'a platform has left as bytes',
    200,
    200,
    async (request) => {
      request.body = await read(request);
    },
  ],
  [
    'a platform has left as an ArrayBuffer',
    200,
    200,
    async (request) => {
      request.rawBody = new Uint8Array(await read(request)).buffer;
    },
  ],
  ['a platform has read and not kept', 'BODY_CONSUMED', 'BODY_CONSUMED', read],
  ['a listener reads as well', 200, 200, (request) => void request.on('data', () => {})],
  [
    'a listener reads as text',
    200,
    200,
    (request) => void request.setEncoding('utf8').on('data', (text: string) => text.trim()),
  ],
  [
    'a listener reads in hexadecimal',
    'BODY_CONSUMED',
    'BODY_CONSUMED',
    (request) => void request.setEncoding('hex').on('data', () => {}),
  ],
  [
    'a listener reads when there is something to read',
    200,
    200,
    (request) => void request.on('readable', () => request.read()),
  ],
  ['a listener has paused', 200, 200, (request) => void request.on('data', () => {}).pause()],
  [
    'a reader has begun and given up',
    'BODY_CONSUMED',
    'BODY_CONSUMED',
    (request) =>
      new Promise<void>((resolve) => {
        request.once('data', () => request.pause()).once('pause', resolve);
        request.once('end', resolve);
      }),
  ],
];

/** The rows for what a platform does, on a framework that is a listener of Node's server. */
export function onPlatforms(
  listenerOf: (mounts: TouchedMounts) => Promise<(request: IncomingMessage, response: ServerResponse) => unknown>,
): Touched<StartTouched>[] {
  return platforms.map(([title, route, webhook, touch]) => [
    title,
    route,
    webhook,
    async (mounts) => {
      const listener = await listenerOf(mounts);
      return serveListener(async (request, response) => {
        const touching = touch(request);
        // Without a pause if there is none: a listener makes the body flow in the same turn.
        if (touching) await touching;
        await listener(request, response);
      });
    },
  ]);
}

/** Serves a listener until the test has ended, and returns its origin. */
export async function serveListener(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
