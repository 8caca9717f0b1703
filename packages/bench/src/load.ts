/**
 * Generates load from this process. Each connection sends its next request when the last one is answered. Uses the
 * dispatcher of undici, which costs less than the servers it calls and gives every latency.
 */
import { Client } from 'undici';
import type { Wanted } from './cases.js';

export interface Load {
  /** The duration in seconds. */
  took: number;
  /** The latency of each request in milliseconds, in ascending order. */
  latencies: Float64Array;
}

export interface Generator {
  /** Sends the given number of requests. Rejects if one of them is not answered with 200. */
  send(requests: number, request: () => Wanted): Promise<Load>;
  close(): Promise<unknown>;
}

/** Opens the connections, and distributes them over the servers in turn. */
export function openLoad(ports: readonly number[], connections: number): Generator {
  const clients = Array.from(
    { length: connections },
    (_, index) => new Client(`http://127.0.0.1:${ports[index % ports.length]}`, { headersTimeout: 0, bodyTimeout: 0 }),
  );
  return {
    async send(requests, request) {
      const latencies = new Float64Array(requests);
      let sent = 0;
      const start = performance.now();
      await Promise.all(
        clients.map(async (client) => {
          while (sent < requests) {
            const number = sent;
            sent += 1;
            const begun = performance.now();
            await exchange(client, request());
            latencies[number] = performance.now() - begun;
          }
        }),
      );
      return { took: (performance.now() - start) / 1000, latencies: latencies.sort() };
    },
    close: () => Promise.all(clients.map((client) => client.destroy())),
  };
}

function exchange(client: Client, { method, path, headers = {}, body }: Wanted): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0;
    client.dispatch(
      { method, path, headers, body: body ?? null },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData() {},
        onResponseEnd() {
          if (status === 200) resolve();
          else reject(new Error(`${method} ${path} was answered ${status}`));
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
}
