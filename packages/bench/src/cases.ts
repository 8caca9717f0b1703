/** Defines the cases to measure and their budgets. */
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

export interface Case {
  name: string;
  connections: number;
  /** The number of requests in each repeat. */
  requests: number;
  /** Returns the request with the given number, which is unique. */
  request(number: number): Wanted;
  /** The largest allowed CPU time per request, as a multiple of `bare`. */
  budget?: Readonly<Record<Framework, number>>;
}

const MOUNT = '/api/vortex';

export function byScope(entries: number, connections: number, requests: number): Case {
  const wanted = { method: 'GET', path: `${MOUNT}/invitations/by-scope/team/${entries}` } as const;
  return { name: `by-scope ${entries}`, connections, requests, request: () => wanted };
}

/** The request of the vendor's React provider, which has a content type and no body. */
const jwtRequest: Wanted = {
  method: 'POST',
  path: `${MOUNT}/jwt`,
  headers: { 'content-type': 'application/json' },
  body: '',
};
const one: Wanted = { method: 'GET', path: `${MOUNT}/invitations/7d4f1c0e-6b1a-4f0e-9c5d-000000000001` };

export const jwt: Case = { name: 'POST /jwt', connections: 64, requests: 4000, request: () => jwtRequest };
export const getOne: Case = { name: 'GET one', connections: 64, requests: 2500, request: () => one };

export const cases: readonly Case[] = [
  { ...jwt, budget: { express: 1.25, fastify: 1.3, hono: 1.3 } },
  { ...getOne, budget: { express: 1.6, fastify: 2, hono: 2 } },
  { ...byScope(20, 64, 1500), budget: { express: 1.6, fastify: 2, hono: 2 } },
  { ...byScope(1000, 16, 96), budget: { express: 9, fastify: 9, hono: 9 } },
  { ...byScope(10_000, 8, 16), budget: { express: 9, fastify: 9, hono: 9 } },
  {
    name: 'webhook 2 kB',
    connections: 64,
    requests: 2500,
    request: (number) => {
      const { body, signature } = webhook(number);
      const headers = { 'content-type': 'application/json', 'x-vortex-signature': signature };
      return { method: 'POST', path: '/webhooks/vortex', headers, body };
    },
    budget: { express: 1.3, fastify: 1.3, hono: 1.3 },
  },
];
