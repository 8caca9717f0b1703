/** Loaded into a program by `--import`. Answers each message of the parent with a `MemoryReport`. */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

export interface MemoryReport {
  /** Bytes in use after a garbage collection. */
  used: number;
  /** Bytes that arrived on connections that are still open. */
  received: number;
}

const sockets = new Set<Socket>();
for (const channel of ['http.server.request.start', 'net.client.socket']) {
  subscribe(channel, (message) => {
    const { socket } = message as { socket: Socket };
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

process.on('message', () => {
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const received = [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  process.send?.({ used: heapUsed + external, received } satisfies MemoryReport);
});
// The channel to the parent must not keep the program running.
process.channel?.unref();
