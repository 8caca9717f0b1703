/** The tools of every group: one upstream, the servers in front of it, and functions to call and to judge them. */
import { openApiDocument } from '@vortex/core/openapi';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { ServerSettings } from '../application.js';
import { type Received, type Sent, send } from '../http.js';
import { startRecorder, WEBHOOK_SECRET } from '../recorder.js';
import type { Server, Start } from '../server.js';
import { startUpstream, type Upstream } from '../upstream.js';
import { watchFor } from './canary.js';
import { ann, newInvitation } from './data.js';
import { holdAgainst } from './documented.js';

/** The only path that the document does not describe. */
export const DOCUMENT = '/openapi.json';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

export type Harness = ReturnType<typeof openHarness>;

export function openHarness(start: Start, adapter: string, runtime: string) {
  // Filled before the first test, so that groups can destructure them while tests are being defined.
  const upstream = {} as Upstream;
  const recorder = {} as Awaited<ReturnType<typeof startRecorder>>;
  const canary = {} as ReturnType<typeof watchFor>;
  const documented = holdAgainst(openApiDocument());
  const servers = new Map<string, Promise<Server>>();

  /** Returns the server with these settings on top of the usual ones, and starts it on first use. */
  const server = (settings: Partial<ServerSettings> = {}): Promise<Server> => {
    const key = JSON.stringify(settings);
    const known = servers.get(key);
    if (known) return known;
    const started = start({
      apiKey: upstream.apiKey,
      baseUrl: upstream.url,
      // A test that waits for a deadline sets its own.
      timeout: 20_000,
      hookTimeout: 20_000,
      ...settings,
    });
    servers.set(key, started);
    return started;
  };
  /** Calls a router by `base`, the URL of its mount. */
  const callAt = async (base: string, method: string, path: string, sent: Sent = { user: ann }) => {
    const { origin, pathname } = new URL(base);
    const headers = { traceparent: TRACEPARENT, ...sent.headers };
    const reply = await send(origin, method, `${pathname}${path}`, { ...sent, headers });
    canary.reply(reply.headers, reply.text);
    // Every reply of our routes forbids browsers to guess another type.
    if (reply.headers['cache-control'] === 'no-store') expect(reply.headers['x-content-type-options']).toBe('nosniff');
    if (!path.startsWith(DOCUMENT)) documented.exchange(method, path, sent, reply);
    return reply;
  };
  const call = async (method: string, path: string, sent?: Sent, settings?: Partial<ServerSettings>) =>
    callAt(`${(await server(settings)).url}/api/vortex`, method, path, sent);

  beforeAll(async () => {
    Object.assign(upstream, await startUpstream());
    Object.assign(recorder, await startRecorder());
    Object.assign(canary, watchFor(upstream.apiKey, WEBHOOK_SECRET));
    // Starting a runtime and the first API call, which loads undici, are slow. No test should spend its deadline on them.
    const { url } = await server();
    await send(url, 'GET', '/api/vortex/invitations/by-scope/team/none', { user: ann });
  });
  beforeEach(() => {
    upstream.reset();
    recorder.reset();
  });
  // Every call upstream carries the traceparent of its request.
  afterEach(() => {
    expect(upstream.arrivals.filter(({ headers }) => headers.traceparent !== TRACEPARENT)).toEqual([]);
  });
  afterAll(async () => {
    await Promise.all([...servers.values()].map(async (one) => (await one).close()));
    vi.restoreAllMocks();
    await Promise.all([upstream.close(), recorder.close()]);
  });

  const invited = async (target?: object): Promise<string> => {
    const reply = await call('POST', '/invitations', { user: ann, json: newInvitation(target) });
    expect(reply.status, reply.text).toBe(200);
    return reply.json.id;
  };
  const quiet = () => {
    upstream.arrivals.length = 0;
  };

  const expectFailure = (received: Received, status: number, code: string) => {
    expect(received.json, received.text).toMatchObject({ code, error: expect.stringMatching(/\S/u) });
    expect(received.status).toBe(status);
    expect(received.headers['content-type']).toMatch(/^application\/json/u);
    expect(received.headers['cache-control']).toBe('no-store');
  };
  /** Expects a failure without any call upstream. */
  const expectRefusal = (received: Received, status: number, code: string) => {
    expectFailure(received, status, code);
    expect(upstream.arrivals).toEqual([]);
  };

  return {
    adapter,
    runtime,
    upstream,
    recorder,
    canary,
    documented,
    servers,
    server,
    call,
    callAt,
    invited,
    quiet,
    expectFailure,
    expectRefusal,
  };
}
