/** Sends the requests of `mix.ts` and checks the replies. */
import { Agent, request as httpRequest } from 'node:http';
import { nextRequest, slowRequest, type Wanted } from './mix.js';
import { TENANT_HEADER } from './program.js';

const CONNECTIONS = 64;
/** Milliseconds, longer than every deadline of the server: a reply that has not come by then never comes. */
const DEADLINE = 15_000;
const MAX_FAILURES = 1000;

export interface Tally {
  requests: number;
  replies: Record<string, number>;
  /** Aborted by the caller. */
  left: number;
  /** Sent again to another instance, since the first closed the connection without a byte. */
  resent: number;
  failed: number;
  /** The first ten failures. */
  failures: string[];
}

export interface Generator {
  tally: Tally;
  /** Stops sending and waits for the replies. */
  stop(): Promise<void>;
}

/**
 * Sends requests to the instances in turn, over keep-alive connections, each as soon as one is answered.
 *
 * @param name letters that no other generator of the upstream has
 */
export function generate(ports: readonly number[], name: string): Generator {
  const tally: Tally = { requests: 0, replies: {}, left: 0, resent: 0, failed: 0, failures: [] };
  const agents = new Map(ports.map((port) => [port, new Agent({ keepAlive: true })]));
  let running = true;

  const one = async () => {
    tally.requests += 1;
    const number = tally.requests;
    const request = nextRequest(`${name}-${number}`);
    const wanted = { ...request, headers: { ...request.headers, [TENANT_HEADER]: String(number) } };
    const turn = number % ports.length;
    try {
      const status = await exchange(wanted, [...ports.slice(turn), ...ports.slice(0, turn)], agents, () => {
        tally.resent += 1;
      });
      if (status === undefined) tally.left += 1;
      else tally.replies[status] = (tally.replies[status] ?? 0) + 1;
    } catch (error) {
      tally.failed += 1;
      const failure = `${wanted.method} ${wanted.path}: ${(error as Error).message}`;
      if (tally.failures.length < 10) tally.failures.push(failure);
      // With so many failures no instance is running.
      if (tally.failed === MAX_FAILURES) running = false;
    }
  };
  const workers = Array.from({ length: CONNECTIONS }, async () => {
    while (running) await one();
  });
  return {
    tally,
    stop: async () => {
      running = false;
      await Promise.all(workers);
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

/** Sends one slow request. Its connection then stays idle until the agent is destroyed. */
export function sendSlow(port: number, tag: string, agent: Agent): { id: string; status: Promise<number | undefined> } {
  const wanted = slowRequest(tag);
  const status = exchange(wanted, [port], new Map([[port, agent]]), () => {});
  return { id: wanted.id, status };
}

/** Resends a request without any byte of an answer to the next instance, as a load balancer does. */
async function exchange(
  wanted: Wanted,
  [port, next]: readonly number[],
  agents: ReadonlyMap<number | undefined, Agent>,
  onResend: () => void,
): Promise<number | undefined> {
  const attempt = (at: number | undefined) => exchangeOnce(wanted, at, agents.get(at));
  const reply = await attempt(port).catch((error: unknown) => {
    if (!(error instanceof NeverAnswered) || next === undefined) throw error;
    onResend();
    return attempt(next);
  });
  if (reply === undefined) return undefined;
  const { status, text } = reply;
  if (status !== wanted.status) throw new Error(`${status} instead of ${wanted.status}: ${text.slice(0, 200)}`);
  const json = JSON.parse(text);
  if (status === 200 ? !wanted.isOwn(json) : typeof json.code !== 'string') {
    throw new Error(`${status} with the reply to another request: ${text.slice(0, 200)}`);
  }
  return status;
}

class NeverAnswered extends Error {}

/** Returns undefined if the caller disconnected. */
function exchangeOnce(
  { method, path, headers, body, leavesAfter }: Wanted,
  port: number | undefined,
  agent: Agent | undefined,
): Promise<{ status: number; text: string } | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent });
    let isAnswered = false;
    const leave = () => {
      if (leavesAfter === undefined) reject(new Error(`no reply within ${DEADLINE} ms`));
      else resolve(undefined);
      request.destroy();
    };
    const timer = setTimeout(leave, leavesAfter ?? DEADLINE);
    request.once('response', (response) => {
      isAnswered = true;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.once('error', (error) => reject(new Error(`the reply broke off: ${error.message}`)));
    });
    request.on('error', (error) => reject(isAnswered ? error : new NeverAnswered(`no reply: ${error.message}`)));
    request.once('close', () => {
      clearTimeout(timer);
      // Has no effect if the promise is settled already.
      reject(new Error('the connection was closed'));
    });
    request.end(body);
  });
}
