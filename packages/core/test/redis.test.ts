/** The same store over either client of Redis, against a real one. */

import { needsRedis, startRedis } from '@vortex/conformance/redis';
import type { WebhookStore } from '@vortex/core';
import { createWebhookEndpoint, type WebhookRequest } from '@vortex/core/adapter';
import { type RedisClient, redisStore } from '@vortex/core/redis';
import { signWebhook } from '@vortex/core/testing';
import { type Cluster, Redis } from 'ioredis';
import { createClient, type createClientPool, type createCluster, type createSentinel, RESP_TYPES } from 'redis';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';

type Open = (path: string) => Promise<{ client: RedisClient; end(): unknown }>;

const clients: [name: string, open: Open][] = [
  [
    'ioredis',
    async (path) => {
      const client = new Redis(path, { lazyConnect: true });
      // What it could not reach is told to whoever asked.
      client.on('error', () => {});
      await client.connect();
      return { client, end: () => client.disconnect() };
    },
  ],
  [
    'node-redis that answers in bytes',
    async (path) => {
      const client = createClient({ socket: { path, reconnectStrategy: false } });
      client.on('error', () => {});
      await client.connect();
      const inBytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      return { client: inBytes, end: () => client.isOpen && client.destroy() };
    },
  ],
  [
    'node-redis',
    async (path) => {
      const client = createClient({ socket: { path, reconnectStrategy: false } });
      client.on('error', () => {});
      await client.connect();
      return { client, end: () => client.isOpen && client.destroy() };
    },
  ],
];

describe.skipIf(needsRedis !== '').each(clients)(`%s${needsRedis}`, (_, open) => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let connection: Awaited<ReturnType<Open>>;
  let store: WebhookStore;
  beforeAll(async () => {
    redis = await startRedis();
    connection = await open(redis.path);
    store = redisStore(connection.client, { retention: 60_000 });
  });
  afterAll(async () => {
    await connection?.end();
    await redis?.close();
  });

  test('lets one in, and the others when it is done or released', async () => {
    expect(await store.claim('a', { owner: 'one', lease: 60_000 })).toBe('new');
    expect(await store.claim('a', { owner: 'two', lease: 60_000 })).toBe('in-flight');
    expect(await store.claim('a', { owner: 'one', lease: 60_000 })).toBe('new');
    await store.release('a', 'two');
    expect(await store.claim('a', { owner: 'two', lease: 60_000 })).toBe('in-flight');
    await store.release('a', 'one');
    expect(await store.claim('a', { owner: 'two', lease: 60_000 })).toBe('new');
    await store.complete('a');
    expect(await store.claim('a', { owner: 'two', lease: 60_000 })).toBe('done');
    await store.release('a', 'two');
    expect(await store.claim('a', { owner: 'three', lease: 60_000 })).toBe('done');
  });

  test('a lease ends by itself, and so does the memory of what is done', async () => {
    expect(await store.claim('b', { owner: 'one', lease: 20 })).toBe('new');
    await expect.poll(() => store.claim('b', { owner: 'two', lease: 60_000 }), { timeout: 20_000 }).toBe('new');
    const brief = redisStore(connection.client, { retention: 20, prefix: 'brief:' });
    await brief.complete('b');
    await expect.poll(() => brief.claim('b', { owner: 'three', lease: 60_000 }), { timeout: 20_000 }).toBe('new');
  });

  test('of a hundred at the same time, one is let in', async () => {
    const claims = await Promise.all(
      Array.from({ length: 100 }, (_, index) => store.claim('c', { owner: `o${index}`, lease: 60_000 })),
    );
    expect(claims.filter((state) => state === 'new')).toHaveLength(1);
    expect(claims.filter((state) => state === 'in-flight')).toHaveLength(99);
  });

  test('two prefixes are two stores', async () => {
    const other = redisStore(connection.client, { prefix: 'other:' });
    await store.complete('d');
    expect([
      await store.claim('d', { owner: 'x', lease: 1 }),
      await other.claim('d', { owner: 'x', lease: 1 }),
    ]).toEqual(['done', 'new']);
  });

  // The last one: it takes Redis away.
  test('when Redis is gone the sender is told to come back, and no handler runs', async () => {
    const runs: string[] = [];
    const receive = createWebhookEndpoint<undefined>({
      secret: 's',
      store,
      answerWithin: 1000,
      onEvent: (event) => runs.push(event.id),
    });
    const deliver = async (id: string) => {
      const body = Buffer.from(JSON.stringify({ id, type: 'invitation.accepted' }));
      const headers = new Map([['x-vortex-signature', await signWebhook(body, 's')]]);
      const request: WebhookRequest<undefined> = {
        method: 'POST',
        header: (name) => headers.get(name),
        body: async () => ({ kind: 'bytes', bytes: body }),
        log: () => {},
        context: undefined,
      };
      return receive(request);
    };
    expect((await deliver('before')).status).toBe(200);
    await redis.close();
    const reply = await deliver('after');
    expect([reply.status, JSON.parse(String(reply.body)).code]).toEqual([503, 'STORE_UNAVAILABLE']);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(runs).toEqual(['before']);
  });
});

test('the clients of both libraries fit without a cast', () => {
  expectTypeOf<Redis>().toExtend<RedisClient>();
  expectTypeOf<Cluster>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createClient>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createClientPool>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createCluster>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createSentinel>>().toExtend<RedisClient>();
  // @ts-expect-error: a Map is no Redis
  expect(() => redisStore(new Map())).not.toThrow();
});
