/** What every part of the suite works with: one upstream, the servers in front of it, and how to call and to judge them. */
import { openApiDocument } from '@vortex/core/openapi';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { ServerSettings } from '../application.js';
import { type Received, type Sent, send } from '../http.js';
import { WEBHOOK_SECRET } from '../recorder.js';
import type { Server, Start } from '../server.js';
import { startUpstream, type Upstream } from '../upstream.js';
import { watchFor } from './canary.js';
import { ann, newInvitation } from './data.js';
import { holdAgainst } from './documented.js';

/** The one path that the document does not describe. */
export const DOCUMENT = '/openapi.json';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

export type Harness = ReturnType<typeof openHarness>;

export function openHarness(start: Start) {
  // Empty until the tests run, so that the parts can be handed them before.
  const upstream = {} as Upstream;
  const canary = {} as ReturnType<typeof watchFor>;
  const documented = holdAgainst(openApiDocument());
  const servers = new Map<string, Promise<Server>>();

  /** The server with these settings on top of the usual ones, started once. */
  const server = (settings: Partial<ServerSettings> = {}): Promise<Server> => {
    const key = JSON.stringify(settings);
    const known = servers.get(key);
    if (known) return known;
    const started = start({
      apiKey: upstream.apiKey,
      baseUrl: upstream.url,
      timeout: 2000,
      hookTimeout: 1000,
      ...settings,
    });
    servers.set(key, started);
    return started;
  };
  /** Of a router that is mounted at the end of `base`, an URL. */
  const callAt = async (base: string, method: string, path: string, sent: Sent = { user: ann }) => {
    const { origin, pathname } = new URL(base);
    const headers = { traceparent: TRACEPARENT, ...sent.headers };
    const reply = await send(origin, method, `${pathname}${path}`, { ...sent, headers });
    // A token is signed with the key and does not hold it; nor does anything else that a browser is sent.
    canary.reply(reply.headers, reply.text);
    if (!path.startsWith(DOCUMENT)) documented.exchange(method, path, sent, reply);
    return reply;
  };
  const call = async (method: string, path: string, sent?: Sent, settings?: Partial<ServerSettings>) =>
    callAt(`${(await server(settings)).url}/api/vortex`, method, path, sent);

  beforeAll(async () => {
    Object.assign(upstream, await startUpstream());
    Object.assign(canary, watchFor(upstream.apiKey, WEBHOOK_SECRET));
    // The first call of the API loads undici, which takes its time on a busy machine, as does starting a runtime.
    const { url } = await server();
    await send(url, 'GET', '/api/vortex/invitations/by-scope/team/none', { user: ann });
  }, 60_000);
  beforeEach(() => upstream.reset());
  // Whatever an operation asks the API, it passes on where the request stands in a trace.
  afterEach(() => {
    expect(upstream.arrivals.filter(({ headers }) => headers.traceparent !== TRACEPARENT)).toEqual([]);
  });
  afterAll(async () => {
    await Promise.all([...servers.values()].map(async (one) => (await one).close()));
    vi.restoreAllMocks();
    await upstream.close();
  }, 60_000);

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
  /** Refused, and the upstream knows nothing of it. */
  const expectRefusal = (received: Received, status: number, code: string) => {
    expectFailure(received, status, code);
    expect(upstream.arrivals).toEqual([]);
  };

  return { upstream, canary, documented, servers, server, call, callAt, invited, quiet, expectFailure, expectRefusal };
}
