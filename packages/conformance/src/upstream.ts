import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmulator, type Emulator } from '@vortex/emulator';

/** A call that reached the upstream, exactly as it came. */
export interface Arrival {
  method: string;
  /** The request target, undecoded. */
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
  /** Answers in place of the emulator until `reset`; given one a call, the last one stays. */
  script(...answers: ScriptedAnswer[]): void;
  /** Is told of every exchange that ends, and whether its answer went out whole. */
  onEnd(listener: (arrival: Arrival, complete: boolean) => void): void;
  reset(): void;
  close(): Promise<void>;
}

/** An emulator behind a listening server that writes down what arrives. */
export async function startUpstream(): Promise<Upstream> {
  const emulator = createEmulator();
  const arrivals: Arrival[] = [];
  let answers: ScriptedAnswer[] = [];
  let ended: (arrival: Arrival, complete: boolean) => void = () => {};

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url: target = '', headers } = request;
    const body = Buffer.concat(chunks).toString();
    const arrival = { method, target, headers, body };
    arrivals.push(arrival);
    response.once('close', () => ended(arrival, response.writableFinished));

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
      // The emulator hangs up where a fault says so, and where it is reset meanwhile.
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
    onEnd: (listener) => {
      ended = listener;
    },
    reset: () => {
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
