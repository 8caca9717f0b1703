/** Measures the memory that bodies occupy which arrive byte by byte and never end. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { type ServerSettings, USER_HEADER, type UserSteering } from './application.js';
import type { MemoryReport } from './memory-probe.js';
import { WEBHOOK_SECRET } from './recorder.js';
import { report } from './report.js';
import { runtimes } from './runtimes/index.js';
import { ann } from './suite/data.js';

const KB = 1024;
/** Milliseconds, longer than every test here. */
const NEVER = 600_000;
const API_KEY = `VRTX.${Buffer.alloc(16, 7).toString('base64url')}.memory-secret`;
/** The header that makes `authenticateUser` return this. */
const as = (user: UserSteering) => `${USER_HEADER}: ${encodeURIComponent(JSON.stringify(user))}`;
const CHUNK = '1\r\n \r\n';

async function sendBytes(socket: Socket, head: string[], count: number): Promise<void> {
  socket.write([...head, 'content-type: application/json', 'transfer-encoding: chunked', '', ''].join('\r\n'));
  for (let sent = 0; sent < count; sent += 1000) {
    if (!socket.write(CHUNK.repeat(Math.min(1000, count - sent)))) await once(socket, 'drain');
  }
}

/**
 * Defines the memory tests of an adapter.
 *
 * @param file program made with `runProgram` that mounts the routes and the webhook
 * @param isHeldByHost the body waits in the host's own buffer until the caller is authenticated, so its memory is the host's
 */
export function defineMemory(adapter: string, file: string, isHeldByHost = false): void {
  describe(`memory of ${adapter}`, { timeout: 240_000 }, () => {
    const ends: (() => void)[] = [];
    afterEach(() => {
      for (const end of ends.splice(0)) end();
    });
    const start = async (baseUrl: string) => {
      const webhook = { secret: WEBHOOK_SECRET, recorder: baseUrl, bodyTimeout: NEVER };
      const settings = { apiKey: API_KEY, baseUrl, timeout: NEVER, hookTimeout: NEVER, bodyTimeout: NEVER, webhook };
      const program = await startMeasured(file, settings);
      ends.push(program.close);
      return program;
    };
    /** @param open sends the program a number of bodies with a number of bytes each */
    const measure = async (
      used: (received: number) => Promise<number>,
      open: (count: number, bytes: number) => unknown,
      limit: number,
      count: number,
    ) => {
      // The first body warms up the program.
      open(1, 10_000);
      const before = await used(CHUNK.length * 10_000);
      open(count, limit - 1);
      const after = await used(CHUNK.length * (10_000 + count * (limit - 1)));
      return (after - before) / count;
    };
    const judge = (task: Parameters<typeof report>[0], what: string, used: number, limit: number) => {
      const size = `${limit / KB} kB in chunks of one byte`;
      report(task, `Memory of ${adapter}: ${what} of ${size} takes ${Math.round(used / KB)} kB`);
      expect(used).toBeLessThanOrEqual(4 * limit + 256 * KB);
    };

    const accepting = 'POST /api/vortex/invitations/accept HTTP/1.1';
    const reading = 'GET /api/vortex/invitations/i-1 HTTP/1.1';
    for (const [what, limit, count, line, header, isPending] of [
      ['a request', 64 * KB, 8, accepting, as(ann), false],
      ['a request whose caller is being authenticated', 64 * KB, 8, accepting, as({ $never: true }), true],
      ['a GET whose caller is being authenticated', 64 * KB, 8, reading, as({ $never: true }), true],
      ['a webhook', 1024 * KB, 1, 'POST /webhooks/vortex HTTP/1.1', `x-vortex-signature: ${'0'.repeat(64)}`, false],
    ] as const) {
      if (isPending && isHeldByHost) continue;
      test(`the body of ${what} occupies at most 4 times its limit and 256 kB`, async ({ task }) => {
        const { port, used } = await start('http://127.0.0.1:9');
        const open = (connections: number, bytes: number) => {
          for (let index = 0; index < connections; index += 1) {
            const socket = connect(port, '127.0.0.1').on('error', () => {});
            ends.push(() => socket.destroy());
            void sendBytes(socket, [line, 'host: localhost', header], bytes);
          }
        };
        judge(task, what, await measure(used, open, limit, count), limit);
      });
    }

    test('an answer of the API occupies at most 4 times its size and 256 kB', async ({ task }) => {
      const limit = 1024 * KB;
      let size = 0;
      const upstream = createServer((socket) => {
        ends.push(() => socket.destroy());
        socket.on('error', () => {}).once('data', () => void sendBytes(socket, ['HTTP/1.1 200 OK'], size));
      });
      upstream.listen(0, '127.0.0.1');
      ends.push(() => upstream.close());
      await once(upstream, 'listening');
      const { port, used } = await start(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`);
      const open = (calls: number, bytes: number) => {
        size = bytes;
        for (let index = 0; index < calls; index += 1) {
          const options = {
            port,
            path: '/api/vortex/invitations/i-1',
            headers: { [USER_HEADER]: encodeURIComponent(JSON.stringify(ann)) },
            agent: false,
          };
          const call = request(options)
            .on('error', () => {})
            .end();
          ends.push(() => call.destroy());
        }
      };
      judge(task, 'a reply', await measure(used, open, limit, 1), limit);
    });
  });
}

/** Starts a program on Node that reports its memory. */
async function startMeasured(file: string, settings: ServerSettings) {
  const [node] = runtimes['Node 24'];
  const probe = fileURLToPath(new URL('memory-probe.js', import.meta.url));
  const program = fork(file, {
    execPath: node,
    execArgv: ['--expose-gc', '--import', probe],
    env: { ...process.env, NODE_OPTIONS: '', CONFORMANCE_SETTINGS: JSON.stringify(settings) },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = await once(program.stdout as NonNullable<typeof program.stdout>, 'data');
  return {
    port: Number(/:(\d+)/u.exec(String(line).replace('listening on http://', ''))?.[1]),
    /** Waits until a number of bytes have arrived, and returns the bytes in use. */
    used: async (arrived: number) => {
      for (;;) {
        program.send('report');
        const [{ used, received }] = (await once(program, 'message')) as [MemoryReport];
        if (received >= arrived) return used;
        await sleep(100);
      }
    },
    close: () => void program.kill(),
  };
}
