/** The inside of an application that `npm run chaos` starts: it tells about itself, and its clock and its DNS can be moved. */
import { subscribe } from 'node:diagnostics_channel';
import dns from 'node:dns';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VortexMountOptions, VortexUser, WebhookMountOptions } from '@vortex/core';
import { redisStore } from '@vortex/core/redis';
import { Redis } from 'ioredis';
import { watchForTrouble } from '../load/program.js';

export { drain } from '../load/program.js';

export interface ChaosSettings {
  /** 0 for any free port. */
  port: number;
  /** URL of the API, by a name that no DNS server knows. */
  baseUrl: string;
  /** The address that the name has at first. */
  address: string;
  /** URL to which each handled event is told. */
  recorder: string;
  redis: string;
  /** Prefix of the keys in Redis. */
  prefix: string;
}

/** An order of the command to an application. */
export type ChaosOrder = { address: string } | { clock: number } | 'report';

export interface ChaosReport {
  port: number;
  /** Bytes in use after a garbage collection. */
  heap: number;
  /** Numbers of unhandled rejections, uncaught exceptions and warnings, by their text. */
  trouble: Record<string, number>;
}

/** The id of an invitation whose write begins to be sent to the API. */
export interface ChaosWriting {
  writing: string;
}

export const CHAOS_SECRET = 'whsec_chaos';
export const TENANT_HEADER = 'x-chaos-tenant';
/** Deadline of a call to the API in milliseconds. */
export const CALL_TIMEOUT = 3000;

const settings: ChaosSettings = JSON.parse(process.env.CHAOS_SETTINGS ?? '{}');

/** A key for each tenant. */
export const keyOf = (tenant: string) => `VRTX.bywdmgs-T1qMfW5fSjssHQ.key-of-tenant-${tenant}`;

export function chaosOptions<Context>(
  header: (context: Context, name: string) => string | undefined,
): VortexMountOptions<VortexUser, Context> {
  return {
    apiKey: (context) => keyOf(header(context, TENANT_HEADER) ?? '0'),
    baseUrl: settings.baseUrl,
    allowInsecureHttp: true,
    timeout: CALL_TIMEOUT,
    authenticateUser: () => ({ id: 'u-1', email: 'ann@harbor.example' }),
    authorizeOperation: () => true,
  };
}

/** Some handlers run on after the reply, which is then a 503. */
export function chaosWebhook<Context>(redis: Redis): WebhookMountOptions<Context> {
  return {
    secret: CHAOS_SECRET,
    store: redisStore(redis, { prefix: settings.prefix }),
    lease: 3000,
    answerWithin: 1000,
    onEvent: async ({ id }) => {
      await sleep(Math.random() < 0.1 ? 1500 : Math.random() * 20);
      await fetch(`${settings.recorder}/${id}`, { method: 'POST' });
    },
  };
}

/** Runs a server until SIGTERM. `close` resolves once no request and no webhook handler is running. */
export async function runChaosProgram(
  start: (redis: Redis, port: number) => Promise<{ server: Server; close(): Promise<unknown> }>,
): Promise<void> {
  const trouble = watchForTrouble();
  // The log of the application is not part of the test.
  console.error = console.warn = console.log = () => {};
  let { address } = settings;
  resolveName(new URL(settings.baseUrl).hostname, () => address);
  const moveClock = movableClock();
  const redis = new Redis(settings.redis, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => {});
  const { server, close } = await start(redis, settings.port);
  const tell = () => {
    const { port } = (server.address() as AddressInfo | null) ?? { port: 0 };
    global.gc?.();
    process.send?.({ port, heap: process.memoryUsage().heapUsed, trouble } satisfies ChaosReport);
  };
  tellWrites();
  process.on('message', (order: ChaosOrder) => {
    if (order === 'report') tell();
    else if ('address' in order) ({ address } = order);
    else moveClock(order.clock);
  });
  process.once('disconnect', () => process.exit(1));
  process.channel?.unref();
  process.once('SIGTERM', async () => {
    await close();
    await redis.quit();
    tell();
  });
  tell();
}

/** Tells of each write that undici begins to send, by what undici itself says. */
function tellWrites(): void {
  subscribe('undici:client:sendHeaders', (message) => {
    const { method, path } = (message as { request: { method: string; path: string } }).request;
    const [, writing] = /\/invitations\/([^/?]+)\/reinvite/u.exec(path) ?? [];
    if (method === 'POST' && writing) process.send?.({ writing } satisfies ChaosWriting);
  });
}

function resolveName(name: string, address: () => string): void {
  const { lookup } = dns;
  const replaced = (host: string, options: dns.LookupOptions, done: (...answer: unknown[]) => void) => {
    if (host !== name) return (lookup as (...all: unknown[]) => void)(host, options, done);
    if (options.all) return done(null, [{ address: address(), family: 4 }]);
    return done(null, address(), 4);
  };
  dns.lookup = replaced as unknown as typeof dns.lookup;
}

/** Puts a clock in the place of the system's. Timers and `performance` go on as before, as they do if an operator sets the clock. */
function movableClock(): (milliseconds: number) => void {
  const now = Date.now.bind(Date);
  let ahead = 0;
  globalThis.Date = new Proxy(Date, {
    construct: (target, given, self) =>
      Reflect.construct(target, given.length === 0 ? [now() + ahead] : given, self as () => void),
    get: (target, key) => (key === 'now' ? () => now() + ahead : Reflect.get(target, key)),
  });
  return (milliseconds) => {
    ahead = milliseconds;
  };
}
