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
  /** The number of requests that were answered with 503. */
  refused: number;
}

export interface Generator {
  /** Sends the given number of requests. Rejects if one of them is not answered with 200. */
  send(requests: number, request: () => Wanted): Promise<Load>;
  close(): Promise<unknown>;
}

/**
 * Opens the connections, and distributes them over the servers in turn.
 *
 * @param mayRefuse counts replies with 503, instead of rejecting with them
 */
export function openLoad(ports: readonly number[], connections: number, mayRefuse = false): Generator {
  const clients = Array.from(
    { length: connections },
    (_, index) => new Client(`http://127.0.0.1:${ports[index % ports.length]}`, { headersTimeout: 0, bodyTimeout: 0 }),
  );
  return {
    async send(requests, request) {
      const latencies = new Float64Array(requests);
      let sent = 0;
      let refused = 0;
      const start = performance.now();
      await Promise.all(
        clients.map(async (client) => {
          while (sent < requests) {
            const number = sent;
            sent += 1;
            const begun = performance.now();
            const status = await exchange(client, request());
            if (status === 503 && mayRefuse) refused += 1;
            else if (status !== 200) throw new Error(`A request was answered with ${status}.`);
            latencies[number] = performance.now() - begun;
          }
        }),
      );
      return { took: (performance.now() - start) / 1000, latencies: latencies.sort(), refused };
    },
    close: () => Promise.all(clients.map((client) => client.destroy())),
  };
}

function exchange(client: Client, { method, path, headers = {}, body }: Wanted): Promise<number> {
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
          resolve(status);
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
}
