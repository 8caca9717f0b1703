import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmulator, type Emulator } from '@vortex/emulator';

/** A request that reached the upstream, unchanged. */
export interface Arrival {
  method: string;
  /** The request target, not decoded. */
  target: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface ScriptedAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface Upstream {
  url: string;
  apiKey: string;
  emulator: Emulator;
  arrivals: Arrival[];
  /** Replaces the emulator until `reset`: each call gets the next answer, and the last one repeats. */
  script(...answers: ScriptedAnswer[]): void;
  /** Holds the answers of all requests back until the returned function is called, or until `reset`. */
  hold(): () => void;
  /** Calls the listener when an exchange ends. `complete` says whether the whole answer was sent. */
  onEnd(listener: (arrival: Arrival, complete: boolean) => void): void;
  reset(): void;
  close(): Promise<void>;
}

/** Starts an emulator behind a listening server that records every request. */
export async function startUpstream(): Promise<Upstream> {
  const emulator = createEmulator();
  const arrivals: Arrival[] = [];
  let answers: ScriptedAnswer[] = [];
  let released: Promise<void> | undefined;
  let release = () => {};
  let ended: (arrival: Arrival, complete: boolean) => void = () => {};

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url: target = '', headers } = request;
    const body = Buffer.concat(chunks).toString();
    const arrival = { method, target, headers, body };
    arrivals.push(arrival);
    response.once('close', () => ended(arrival, response.writableFinished));

    await released;
    const scripted = answers.length > 1 ? answers.shift() : answers[0];
    if (scripted) {
      response.writeHead(scripted.status, scripted.headers).end(scripted.body);
      return;
    }
    try {
      const answer = await emulator.fetch(new URL(target, emulator.url), {
        method,
        headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
        ...(body !== '' && { body }),
      });
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    } catch {
      // The emulator rejects if an injected fault closes the connection, or if it is reset during the call.
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: emulator.apiKey,
    emulator,
    arrivals,
    script: (...next) => {
      answers = next;
    },
    hold: () => {
      released = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    onEnd: (listener) => {
      ended = listener;
    },
    reset: () => {
      release();
      released = undefined;
      answers = [];
      ended = () => {};
      arrivals.length = 0;
      emulator.reset();
    },
    close: async () => {
      server.closeAllConnections();
      await Promise.all([emulator.close(), new Promise((resolve) => server.close(resolve))]);
    },
  };
}
