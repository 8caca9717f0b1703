/** Misbehaviour on demand, to see what an application does when the service has a bad day. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'hono';
import { errorBody } from './errors.js';
import type { AppEnv, Route } from './routes.js';

interface FaultTiming {
  /** Milliseconds to wait first. Without anything else the route then answers as always. */
  delay?: number;
  /** How many requests are affected. Default: all, until the emulator is reset. */
  times?: number;
}

interface FaultyAnswer extends FaultTiming {
  /** The status to answer with. Default: 200 when there is a `body`. */
  status?: number;
  /** Text is sent as it is, anything else as JSON. Default: an error body that fits the status. */
  body?: unknown;
  /** Added to the answer, whether made up or real. */
  headers?: Record<string, string>;
  reset?: never;
  garbage?: never;
}

interface BrokenConnection extends FaultTiming {
  /** Drop the connection without an answer. */
  reset: true;
  status?: never;
  body?: never;
  headers?: never;
  garbage?: never;
}

interface GarbledAnswer extends FaultTiming {
  /** Answer 200 and claim JSON, with a body that is none. */
  garbage: true;
  status?: never;
  body?: never;
  headers?: never;
  reset?: never;
}

export type Fault = FaultyAnswer | BrokenConnection | GarbledAnswer;

export class Faults {
  readonly #active = new Map<Route, { fault: Fault; left: number }>();
  #waits = new AbortController();

  /** A later fault replaces an earlier one on the same route. */
  set(route: Route, fault: Fault): void {
    this.#active.set(route, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  /** Also drops the requests that are being delayed: they must not run into the state that comes after. */
  clear(): void {
    this.#active.clear();
    this.#waits.abort();
    this.#waits = new AbortController();
  }

  /** Answers a request: with the fault that is due on its route, otherwise as `proceed` does. */
  async answer(route: Route, context: Context<AppEnv>, proceed: () => Promise<Response>): Promise<Response> {
    const fault = this.#take(route);
    if (!fault) return proceed();

    if (fault.delay !== undefined) {
      const dropped = await sleep(fault.delay, false, { signal: this.#waits.signal }).catch(() => true);
      if (dropped) return hangUp(context);
    }
    if (fault.reset) return hangUp(context);
    if (fault.garbage) return json('<!doctype html><title>502</title> this is not JSON', 200);

    const response = fault.status === undefined && fault.body === undefined ? await proceed() : madeUp(fault);
    for (const [name, value] of Object.entries(fault.headers ?? {})) response.headers.set(name, value);
    return response;
  }

  #take(route: Route): Fault | undefined {
    const active = this.#active.get(route);
    if (!active || active.left <= 0) return undefined;
    active.left -= 1;
    return active.fault;
  }
}

function madeUp({ status = 200, body }: FaultyAnswer): Response {
  if (status === 204 || status === 304) return new Response(null, { status });
  if (typeof body === 'string') return new Response(body, { status });
  return json(JSON.stringify(body ?? errorBody(status, 'A fault was asked for here')), status);
}

function json(body: string, status: number): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json' } });
}

function hangUp(context: Context<AppEnv>): Response {
  context.env.hangUp();
  return new Response(null, { status: 503 });
}
