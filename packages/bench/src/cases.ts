/** Defines the cases to measure and their goals. */
import { webhook } from './data.js';

export const frameworks = ['express', 'fastify', 'hono'] as const;
export type Framework = (typeof frameworks)[number];

/**
 * The implementations to compare:
 *
 * - `bare`: the baseline, which is the framework with the minimum of work
 * - `json`: the baseline that also parses the JSON, and serializes it again if it is passed on
 * - `vortex`: our adapter
 * - `vendor`: the vendor's published SDK in a handwritten route
 */
export const contenders = ['bare', 'json', 'vortex', 'vendor'] as const;
export type Contender = (typeof contenders)[number];

export interface Wanted {
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** The largest CPU time per request that we want, as a multiple of a baseline. */
export interface Goal {
  /** `json` where the content of the body has to be read. */
  beside: 'bare' | 'json';
  times: Readonly<Record<Framework, number>>;
}

export interface Case {
  name: string;
  connections: number;
  /**
   * The number of requests before the first repeat. V8 compiles the code meanwhile. For long lists, its collector also has to
   * reach the point from which on it collects the whole heap again and again.
   */
  warmUp: number;
  /** The number of requests in each repeat. */
  requests: number;
  /** Returns the request with the given number, which is unique. */
  request(number: number): Wanted;
  goal?: Goal;
}

const MOUNT = '/api/vortex';

/** @param warmUp default: as many requests as in a repeat */
export function byScope(entries: number, connections: number, requests: number, warmUp = requests): Case {
  const wanted = { method: 'GET', path: `${MOUNT}/invitations/by-scope/team/${entries}` } as const;
  return { name: `by-scope ${entries}`, connections, warmUp, requests, request: () => wanted };
}

/** The request of the vendor's React provider, which has a content type and no body. */
const jwtRequest: Wanted = {
  method: 'POST',
  path: `${MOUNT}/jwt`,
  headers: { 'content-type': 'application/json' },
  body: '',
};
const one: Wanted = { method: 'GET', path: `${MOUNT}/invitations/7d4f1c0e-6b1a-4f0e-9c5d-000000000001` };

export const jwt: Case = {
  name: 'POST /jwt',
  connections: 64,
  warmUp: 10_000,
  requests: 4000,
  request: () => jwtRequest,
};
export const getOne: Case = { name: 'GET one', connections: 64, warmUp: 10_000, requests: 2500, request: () => one };

export const webhooks: Case = {
  name: 'webhook 2 kB',
  connections: 64,
  warmUp: 6000,
  requests: 2500,
  request: (number) => {
    const { body, signature } = webhook(number);
    const headers = { 'content-type': 'application/json', 'x-vortex-signature': signature };
    return { method: 'POST', path: '/webhooks/vortex', headers, body };
  },
};

export const cases: readonly Case[] = [
  { ...jwt, goal: { beside: 'bare', times: { express: 1.1, fastify: 1.7, hono: 1.7 } } },
  { ...getOne, goal: { beside: 'bare', times: { express: 1.35, fastify: 1.45, hono: 1.4 } } },
  { ...byScope(20, 64, 1500, 3000), goal: { beside: 'json', times: { express: 1.2, fastify: 1.2, hono: 1.2 } } },
  { ...byScope(1000, 16, 64, 2000), goal: { beside: 'json', times: { express: 1.15, fastify: 1.15, hono: 1.15 } } },
  { ...byScope(10_000, 8, 8, 200), goal: { beside: 'json', times: { express: 1.15, fastify: 1.15, hono: 1.15 } } },
  {
    ...webhooks,
    goal: { beside: 'json', times: { express: 1.4, fastify: 1.4, hono: 1.4 } },
  },
];
