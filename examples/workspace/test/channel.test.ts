/** Tests how the channel between servers opens its connection again, against a server that speaks a little of PostgreSQL's protocol. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openChannel } from '../server/domain/channel.js';

const READY = 'Z\0\0\0\x05I';
const WELCOME = `R\0\0\0\x08\0\0\0\0${READY}`;
const LISTENING = `C\0\0\0\x0bLISTEN\0${READY}`;
const REFUSED = `E\0\0\0\x10SERROR\0Mno\0\0${READY}`;

/** What the server does with a connection, from now on. */
let serve: (socket: Socket) => void;
const sockets: Socket[] = [];
const server = createServer((socket) => {
  sockets.push(socket.on('error', () => {}));
  serve(socket);
});
const welcome =
  (answer: string, doesAnswer = () => true) =>
  (socket: Socket) => {
    socket.once('data', () => {
      socket.write(WELCOME);
      socket.on('data', () => doesAnswer() && socket.write(answer));
    });
  };
const open = () => {
  const { port } = server.address() as AddressInfo;
  return openChannel(`postgres://roster@127.0.0.1:${port}/roster`, async () => {});
};

beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

it('a connection that is lost is opened again by one attempt at a time, each 1,000 ms after a failure', async () => {
  serve = welcome(LISTENING);
  const channel = await open();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const timeouts = vi.spyOn(globalThis, 'setTimeout');
  const planned = () => timeouts.mock.calls.filter(([, delay]) => delay === 1000).length;
  let attempts = 0;
  serve = (socket) => {
    attempts += 1;
    socket.destroy();
  };
  sockets[0]?.destroy();
  for (const failed of [0, 1, 2]) {
    await expect.poll(() => [attempts, planned(), vi.getTimerCount()]).toEqual([failed, failed + 1, 1]);
    vi.advanceTimersByTime(1000);
  }
  await expect.poll(() => [attempts, planned(), vi.getTimerCount()]).toEqual([3, 4, 1]);

  const missed = vi.fn();
  channel.listen(() => {}, missed);
  serve = welcome(LISTENING);
  vi.advanceTimersByTime(1000);
  await expect.poll(() => missed.mock.calls.length).toBe(1);
  await channel.close();
});

it('a connection is checked every 30,000 ms, and opened again if it does not answer for 10,000 ms', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  let answers = 0;
  serve = welcome(LISTENING, () => answers++ < 2);
  const channel = await open();
  const missed = vi.fn();
  channel.listen(() => {}, missed);
  vi.advanceTimersByTime(30_000);
  // The interval remains, and the timeout of an answer does not.
  await expect.poll(() => [answers, vi.getTimerCount()]).toEqual([2, 1]);
  vi.advanceTimersByTime(30_000);
  await expect.poll(() => answers).toBe(3);
  serve = welcome(LISTENING);
  vi.advanceTimersByTime(10_000);
  await expect.poll(() => sockets[0]?.closed).toBe(true);
  await expect.poll(() => vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1000);
  await expect.poll(() => missed.mock.calls.length).toBe(1);
  expect(sockets.length).toBe(2);
  await channel.close();
  expect(vi.getTimerCount()).toBe(0);
});

it.each<[string, (socket: Socket) => void, RegExp]>([
  ['connection', (socket) => void socket.destroy(), /terminated|reset/u],
  ['LISTEN', welcome(REFUSED), /^no$/u],
])('a channel whose first %s fails rejects, leaves no connection and does not try again', async (_, first, message) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  serve = first;
  await expect(open()).rejects.toThrow(message);
  if (!sockets[0]?.closed) await once(sockets[0] as Socket, 'close');
  await setImmediate();
  expect([sockets.length, vi.getTimerCount()]).toEqual([1, 0]);
});
