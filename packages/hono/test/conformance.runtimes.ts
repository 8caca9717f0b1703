import { fileURLToPath } from 'node:url';
import {
  ann,
  defineConformance,
  expectLeaversLeft,
  noticeResets,
  otherNodes,
  send,
  sendOverSocket,
  setupUpstream,
  startProgram,
  startWorker,
} from '@vortex/conformance';
import { describe, expect, onTestFinished, test } from 'vitest';

const program = (name: string) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));

for (const runtime of otherNodes) defineConformance('Hono', runtime, startProgram(runtime, program('node')));
defineConformance('Hono', 'Bun', startProgram('Bun', program('bun')));
defineConformance('Hono', 'Deno', startProgram('Deno', program('deno')));
defineConformance('Hono', 'workerd', startWorker(program('worker')));

describe('callers whose connections are reset, on workerd', () => {
  const upstream = setupUpstream();
  const setUp = async (flags?: readonly string[]) => {
    const { apiKey, url } = upstream;
    const server = await startWorker(program('worker'), flags)({ apiKey, baseUrl: url });
    onTestFinished(server.close);
    return `${server.url}/api/vortex`;
  };

  test('on workerd with enable_request_signal, a caller whose connection is reset ends a read of the API, but not a write', async () => {
    await expectLeaversLeft(upstream, await setUp(['enable_request_signal']));
  });

  test.each(['GET', 'DELETE'] as const)(
    'on workerd, 300 resets during a %s take no place of other calls',
    async (method) => {
      const mount = await setUp();
      let ended = 0;
      upstream.onEnd(() => {
        ended += 1;
      });
      for (let count = 50; count <= 300; count += 50) {
        const release = upstream.hold();
        const urls = Array.from({ length: 50 }, () => `${mount}/invitations/i-1`);
        const sockets = await Promise.all(urls.map((url) => sendOverSocket(method, url)));
        await expect.poll(() => upstream.arrivals.length, { timeout: 10_000 }).toBe(count);
        for (const socket of sockets) socket.resetAndDestroy();
        await noticeResets(mount);
        release();
        await expect.poll(() => ended, { timeout: 10_000 }).toBe(count);
      }
      const { origin, pathname } = new URL(mount);
      const reply = await send(origin, 'GET', `${pathname}/invitations/by-scope/team/t`, { user: ann });
      expect(reply.status, reply.text).toBe(200);
    },
  );
});
