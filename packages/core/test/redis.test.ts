/** The store in Redis over each supported client, against a real server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Redis as Upstash } from '@upstash/redis';
import { needsRedis, startRedis } from '@vortex/conformance/redis';
import type { WebhookStore } from '@vortex/core';
import { type RedisClient, redisStore } from '@vortex/core/redis';
import { type Cluster, Redis } from 'ioredis';
import { createClient, type createClientPool, type createCluster, type createSentinel, RESP_TYPES } from 'redis';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { acceptedEvent, mount } from './helpers.ts';

type Open = (path: string) => Promise<{ client: RedisClient; end(): unknown }>;

const clients: [name: string, open: Open][] = [
  [
    'ioredis',
    async (path) => {
      const client = new Redis(path, { lazyConnect: true });
      // Each command rejects as well, so the event needs no handling.
      client.on('error', () => {});
      await client.connect();
      return { client, end: () => client.disconnect() };
    },
  ],
  [
    "Upstash's REST client",
    async (path) => {
      // Their REST API in front of Redis: commands as lists, and for each its result or its error.
      const redis = new Redis(path, { lazyConnect: true, maxRetriesPerRequest: 0 });
      redis.on('error', () => {});
      await redis.connect();
      const answer = ([command = '', ...args]: string[]) =>
        redis.call(command, args).then(
          (result) => ({ result }),
          (error: Error) => ({ error: error.message }),
        );
      const api = createServer(async (request, response) => {
        const commands = (await json(request)) as string[][];
        response.end(JSON.stringify(await Promise.all(commands.map(answer))));
      }).listen(0, '127.0.0.1');
      await once(api, 'listening');
      const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
      const upstash = new Upstash({ url, token: 'made-up', responseEncoding: false, enableTelemetry: false });
      expect(() => redisStore(upstash as never)).toThrow(
        /^client is of Upstash, whose eval has other parameters\. For/u,
      );
      const client: RedisClient = {
        eval: (script, { keys, arguments: args }) => upstash.eval(script, keys, args),
      };
      const end = () => {
        redis.disconnect();
        api.closeAllConnections();
        api.close();
      };
      return { client, end };
    },
  ],
  [
    'node-redis with replies in bytes',
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

  test('a claimed event is in flight for other owners until it is released, and then done once it is completed', async () => {
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

  test('a lease and the retention of a completed event end by themselves', async () => {
    expect(await store.claim('b', { owner: 'one', lease: 20 })).toBe('new');
    await expect.poll(() => store.claim('b', { owner: 'two', lease: 60_000 }), { timeout: 20_000 }).toBe('new');
    const brief = redisStore(connection.client, { retention: 20, prefix: 'brief:' });
    await brief.complete('b');
    await expect.poll(() => brief.claim('b', { owner: 'three', lease: 60_000 }), { timeout: 20_000 }).toBe('new');
  });

  test('one of a hundred simultaneous claims is new, and the others are in flight', async () => {
    const claims = await Promise.all(
      Array.from({ length: 100 }, (_, index) => store.claim('c', { owner: `o${index}`, lease: 60_000 })),
    );
    expect(claims.filter((state) => state === 'new')).toHaveLength(1);
    expect(claims.filter((state) => state === 'in-flight')).toHaveLength(99);
  });

  test('stores with different prefixes do not share events', async () => {
    const other = redisStore(connection.client, { prefix: 'other:' });
    await store.complete('d');
    expect([
      await store.claim('d', { owner: 'x', lease: 1 }),
      await other.claim('d', { owner: 'x', lease: 1 }),
    ]).toEqual(['done', 'new']);
  });

  // This test is the last one, since it stops Redis.
  test('a delivery is answered with 503 and no handler runs if Redis is gone', async () => {
    const runs: string[] = [];
    const { deliver } = mount({ store, answerWithin: 1000, onEvent: (event) => runs.push(event.id) });
    const deliverId = (id: string) => deliver({ body: JSON.stringify({ ...acceptedEvent, id }) });
    expect((await deliverId('before')).status).toBe(200);
    await redis.close();
    expect(await deliverId('after')).toMatchObject({
      status: 503,
      code: 'STORE_UNAVAILABLE',
      headers: { 'retry-after': expect.stringMatching(/^[1-9]/u) },
    });
    expect(runs).toEqual(['before']);
  });
});

test('a legacy client of node-redis is refused when the store is built', () => {
  const legacy = createClient().legacy() as never;
  expect(() => redisStore(legacy)).toThrow(
    /^client is a legacy client .* Pass the client itself, not its legacy\(\)\.$/u,
  );
});

test('the clients of both libraries need no cast, and a Map is refused by the compiler', () => {
  expectTypeOf<Redis>().toExtend<RedisClient>();
  expectTypeOf<Cluster>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createClient>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createClientPool>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createCluster>>().toExtend<RedisClient>();
  expectTypeOf<ReturnType<typeof createSentinel>>().toExtend<RedisClient>();
  expectTypeOf<Map<string, string>>().not.toExtend<RedisClient>();
});
