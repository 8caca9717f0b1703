import type { Socket } from 'node:net';

/**
 * Watches the connections of a server. Call it before the server gets any.
 *
 * @returns closes those that have sent nothing, such as those that Chrome opens in advance: `server.close` waits for them without limit
 */
export function watchUnused(server: {
  on(event: 'connection', listener: (socket: Socket) => void): unknown;
}): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
}
