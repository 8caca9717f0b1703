/** Stands in for the API, as a separate process with constant replies. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { invitation } from './data.js';

const one = Buffer.from(JSON.stringify(invitation(1)));
const lists = new Map<number, Buffer>();

function list(entries: number): Buffer {
  const known = lists.get(entries);
  if (known) return known;
  const invitations = Array.from({ length: entries }, (_, index) => invitation(index));
  const made = Buffer.from(JSON.stringify({ invitations }));
  lists.set(entries, made);
  return made;
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const entries = /\/by-scope\/team\/(\d+)$/u.exec(request.url ?? '')?.[1];
  const body = entries === undefined ? one : list(Number(entries));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.byteLength }).end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit());
