/** Sends SIGTERM to each program while a request and a webhook wait for Vortex, and expects both to end as they would have. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { webhookRequest } from '@vortex/core/testing';
import { DEFAULT_API_KEY } from '@vortex/emulator';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const SECRET = 'whsec_made_up';

describe.each(['express', 'fastify', 'hono'])('stop-%s.ts', (framework) => {
  /** Stands in for Vortex, and answers only when the test says so. */
  let vortex: Server;
  beforeEach(async () => {
    vortex = createServer().listen(0, '127.0.0.1');
    await once(vortex, 'listening');
  });
  afterEach(() => {
    vortex.closeAllConnections();
    vortex.close();
  });

  async function start() {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    const program = spawn(process.execPath, [`dist/stop-${framework}.js`], {
      cwd,
      env: {
        ...process.env,
        PORT: String(port),
        VORTEX_API_KEY: DEFAULT_API_KEY,
        VORTEX_API_BASE_URL: `http://127.0.0.1:${(vortex.address() as AddressInfo).port}`,
        VORTEX_WEBHOOK_SECRET: SECRET,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const errors = text(program.stderr);
    const url = `http://127.0.0.1:${port}`;
    await vi.waitFor(() => fetch(url), { timeout: 30_000 });
    return {
      url,
      /** Sends SIGTERM, and resolves once no connection is accepted any more. */
      stop: async () => {
        program.kill();
        await vi.waitFor(() => expect(fetch(url)).rejects.toThrow(), { timeout: 30_000 });
      },
      /** Resolves with the exit code and the printed errors. */
      ended: once(program, 'close').then(async ([code]) => [code, await errors]),
    };
  }
  const nextCall = async () => (await once(vortex, 'request'))[1] as ServerResponse;
  const answer = (response: ServerResponse, body: string) =>
    response.setHeader('content-type', 'application/json').end(body);

  async function announce(url: string): Promise<Response> {
    const event = {
      id: 'e-1',
      type: 'invitation.accepted' as const,
      timestamp: new Date().toISOString(),
      data: { invitationId: 'i-1' },
    };
    return fetch(`${url}/webhooks/vortex`, { method: 'POST', ...(await webhookRequest(event, SECRET)) });
  }

  test(`stop-${framework}.ts ends while a connection is open that has sent nothing`, async () => {
    const { url, stop, ended } = await start();
    const silent = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
    await once(silent, 'connect');
    await stop();
    expect(await ended).toEqual([0, '']);
    silent.destroy();
  });

  test(`stop-${framework}.ts answers an event about a deleted invitation with 200`, async () => {
    const { url, stop, ended } = await start();
    const call = nextCall();
    const waiting = announce(url);
    const response = await call;
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"statusCode":404,"message":"Not Found"}');
    let { status } = await waiting;
    // A handler that takes longer than `answerWithin`, as on a busy machine, goes on after a 503, and the event is delivered again.
    while (status === 503) ({ status } = await announce(url));
    expect(status).toBe(200);
    await stop();
    expect(await ended).toEqual([0, '']);
  });

  test(`stop-${framework}.ts answers a pending request after SIGTERM, and asks for its connection to be closed`, async () => {
    const { url, stop, ended } = await start();
    const call = nextCall();
    const inbox = '/api/vortex/invitations?targetType=email&targetValue=ada@example.com';
    const waiting = fetch(`${url}${inbox}`, { headers: { 'x-user': 'u-1' } });
    const response = await call;
    await stop();
    answer(response, '{"invitations":[]}');
    const reply = await waiting;
    expect(await reply.json()).toEqual({ invitations: [] });
    expect(reply.headers.get('connection')).toBe('close');
    expect(await ended).toEqual([0, '']);
  });

  test(`stop-${framework}.ts lets a webhook handler that runs on after its 503 end before the database is closed`, async () => {
    const { url, stop, ended } = await start();
    const call = nextCall();
    const reply = await announce(url);
    expect(reply.status).toBe(503);
    const response = await call;
    await stop();
    answer(response, '{"id":"i-1","target":[{"type":"email","value":"ada@example.com"}]}');
    const [code, errors] = await ended;
    expect(code).toBe(0);
    // The warning of a handler that runs for longer than answerWithin, and nothing else. Fastify has no logger here.
    expect(String(errors).replace(/^Vortex: a webhook was refused with EVENT_IN_FLIGHT.*\n/u, '')).toBe('');
  });
});
