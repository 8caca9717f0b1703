/** Injects faults into routes, to test how an application handles a failing service. */
import { setTimeout as sleep } from 'node:timers/promises';
import { VortexError } from '@vortex/core';
import { requireOptions } from '@vortex/core/adapter';
import { errorBody } from './errors.js';
import { must, timer } from './options.js';
import { CLIENT_ROUTES, type EmulatedRoute, type RequestEnv, ROUTES } from './routes.js';

interface FaultTiming {
  /**
   * Milliseconds to wait before the answer, at most 2_147_483_647. If nothing else is set, the regular answer follows.
   *
   * @default 0
   */
  delay?: number | undefined;
  /**
   * The number of requests to affect. If unset, all requests are affected until the emulator is reset. 0 removes the fault.
   *
   * @default Number.POSITIVE_INFINITY
   */
  times?: number | undefined;
}

interface FaultyAnswer extends FaultTiming {
  /**
   * The status to answer with, from 200 to 599. If neither `status` nor `body` is set, the regular answer is sent.
   *
   * @default 200 if `body` is set
   */
  status?: number | undefined;
  /**
   * The body to answer with. A string is sent unchanged, any other value as JSON.
   *
   * @default an error body that matches `status`
   */
  body?: unknown;
  /** Headers to add, to the regular answer too. */
  headers?: Record<string, string> | undefined;
  reset?: undefined;
  garbage?: undefined;
}

interface BrokenConnection extends FaultTiming {
  /** Breaks the connection without an answer. */
  reset: true;
  status?: undefined;
  body?: undefined;
  headers?: undefined;
  garbage?: undefined;
}

interface GarbledAnswer extends FaultTiming {
  /** Answers with status 200 and the content type JSON, but with a body that is not JSON. */
  garbage: true;
  status?: undefined;
  body?: undefined;
  headers?: undefined;
  reset?: undefined;
}

/** A fault of a route: a different answer, a delay, a broken connection, or an answer that is not JSON. */
export type Fault = FaultyAnswer | BrokenConnection | GarbledAnswer;

/** A fault that still affects requests. `left` is the number of those, `null` if there is no limit. */
export interface ActiveFault {
  route: EmulatedRoute;
  fault: Fault;
  left: number | null;
}

export class Faults {
  readonly #active = new Map<EmulatedRoute, { fault: Fault; left: number }>();
  readonly #changed: () => void;
  /** The controllers that end the waits of delayed requests. */
  readonly #waits = new Set<AbortController>();

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /**
   * Sets the fault of a route, and replaces an earlier one.
   *
   * @throws {VortexError} `INVALID_ARGUMENT` for a route that the emulator does not have, and for an unknown or invalid field
   */
  set(route: EmulatedRoute, fault: Fault): void {
    requireRoute(route);
    requireOptions(checks, fault, SUBJECT);
    this.#active.set(route, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    this.#changed();
  }

  /** Returns the faults that still affect requests. */
  list(): ActiveFault[] {
    const active = [...this.#active].filter(([, { left }]) => left > 0);
    return active.map(([route, { fault, left }]) => ({ route, fault, left: Number.isFinite(left) ? left : null }));
  }

  /**
   * Removes the fault of a route. Requests that it delays go on.
   *
   * @throws {VortexError} `INVALID_ARGUMENT` for a route that the emulator does not have
   */
  remove(route: EmulatedRoute): void {
    requireRoute(route);
    this.#active.delete(route);
    this.#changed();
  }

  /** Removes all faults, and drops delayed requests, which must not change the state after a reset. */
  clear(): void {
    this.#active.clear();
    for (const wait of this.#waits) wait.abort();
    this.#changed();
  }

  /** Answers a request with the active fault of its route. If there is none, calls `proceed`. */
  async answer(route: EmulatedRoute, env: RequestEnv, proceed: () => Promise<Response>): Promise<Response> {
    const fault = this.#take(route);
    if (!fault) return proceed();
    env.faulty = true;

    if (fault.delay !== undefined) {
      const wait = new AbortController();
      this.#waits.add(wait);
      const dropped = await sleep(fault.delay, false, { signal: wait.signal }).catch(() => true);
      this.#waits.delete(wait);
      if (dropped) return hangUp(env);
    }
    if (fault.reset) return hangUp(env);
    if (fault.garbage) return json('<!doctype html><title>502</title> This is not JSON.', 200);

    const response = fault.status === undefined && fault.body === undefined ? await proceed() : madeUp(fault);
    for (const [name, value] of Object.entries(fault.headers ?? {})) response.headers.set(name, value);
    return response;
  }

  #take(route: EmulatedRoute): Fault | undefined {
    const active = this.#active.get(route);
    if (!active || active.left <= 0) return undefined;
    active.left -= 1;
    this.#changed();
    return active.fault;
  }
}

function requireRoute(route: string): void {
  const routes: readonly string[] = [...ROUTES, ...CLIENT_ROUTES];
  if (routes.includes(route)) return;
  throw new VortexError(
    'INVALID_ARGUMENT',
    `"${route}" is no route of the emulator. The routes are ${routes.join(', ')}.`,
  );
}

const flag = must((value) => value === true, 'must be true. Omit it otherwise');

const checks = {
  delay: timer,
  times: must(
    (value) => value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 0),
    'must be a whole number, 0 or more',
  ),
  status: must(
    (value) => Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 599,
    'must be a whole number from 200 to 599',
  ),
  body: must((value) => typeof value === 'string' || isJson(value), 'must be a string, or a value that JSON can hold'),
  headers: must(isHeaders, 'must be an object of valid header names with valid texts'),
  reset: flag,
  garbage: flag,
};
const SUBJECT = {
  prefix: '',
  member: 'a field of a fault',
  all: 'The fields of a fault',
  code: 'INVALID_ARGUMENT',
} as const;

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

function isHeaders(value: unknown): boolean {
  try {
    return (
      Object.values(value as object).every((each) => typeof each === 'string') &&
      Boolean(new Headers(value as Record<string, string>))
    );
  } catch {
    return false;
  }
}

function madeUp({ status = 200, body }: FaultyAnswer): Response {
  // These have no body.
  if (status === 204 || status === 205 || status === 304) return new Response(null, { status });
  if (typeof body === 'string') return new Response(body, { status });
  const content = body === undefined ? errorBody(status, 'This response comes from emulator.fault()') : body;
  return json(JSON.stringify(content), status);
}

function json(body: string, status: number): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json' } });
}

function hangUp(env: RequestEnv): Response {
  env.hangUp();
  return new Response(null, { status: 503 });
}
