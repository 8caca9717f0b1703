/** redisStore where Redis restarts, fails over by Sentinel or as a cluster, loses keys or forbids scripts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needsRedis, redisServer } from '@vortex/conformance/redis';
import { redisStore } from '@vortex/core/redis';
import { Cluster, Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acceptedEvent, mount } from './helpers.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Starts a server on a port with these settings, until the test has ended. Its data are in a folder that it may share. */
async function start(port: number, settings: string, folder?: string) {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'vortex-redis-')));
  const file = join(home, `${port}.conf`);
  await writeFile(file, `port ${port}\nbind 127.0.0.1\ndir ${home}\nsave ""\n${settings}\n`);
  const isSentinel = settings.includes('sentinel monitor');
  const server = spawn(redisServer, [file, ...(isSentinel ? ['--sentinel'] : [])], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const kill = async () => {
    server.kill('SIGKILL');
    await ended;
  };
  onTestFinished(async () => {
    await kill();
    await rm(home, { recursive: true, force: true });
  });
  const probe = new Redis(port, { retryStrategy: () => 50 });
  probe.on('error', () => {});
  await probe.ping();
  return { kill, probe, end: () => probe.disconnect() };
}

/** Waits until a replica has confirmed all that this primary has written. */
async function replicated(primary: Redis): Promise<void> {
  const confirmed = async () => {
    const info = await primary.info('replication');
    return /^slave0:.*offset=(\d+)/mu.exec(info)?.[1] === /^master_repl_offset:(\d+)/mu.exec(info)?.[1];
  };
  await expect.poll(confirmed, { timeout: 30_000 }).toBe(true);
}

const body = (id: string) => ({ body: JSON.stringify({ ...acceptedEvent, id }) });

describe.skipIf(needsRedis !== '')(`redisStore${needsRedis}`, () => {
  test('a handled event stays done after a failover of Sentinel, and a new one is handled once', async () => {
    const [primary, replica, guard] = await Promise.all([freePort(), freePort(), freePort()]);
    const first = await start(primary, '');
    const second = await start(replica, `replicaof 127.0.0.1 ${primary}`);
    await expect.poll(() => second.probe.info('replication')).toContain('master_link_status:up');
    const sentinel = await start(
      guard,
      `sentinel monitor one 127.0.0.1 ${primary} 1\nsentinel down-after-milliseconds one 500\nsentinel failover-timeout one 5000`,
    );
    await expect
      .poll(() => sentinel.probe.call('SENTINEL', 'REPLICAS', 'one').then(JSON.stringify), { timeout: 30_000 })
      .toContain(String(replica));
    const client = new Redis({
      sentinels: [{ host: '127.0.0.1', port: guard }],
      name: 'one',
      sentinelRetryStrategy: () => 100,
      retryStrategy: () => 100,
    });
    client.on('error', () => {});
    const runs: string[] = [];
    const { deliver } = mount({ store: redisStore(client), answerWithin: 500, onEvent: ({ id }) => runs.push(id) });
    expect(await deliver(body('before'))).toMatchObject({ status: 200 });
    await replicated(first.probe);
    first.end();
    await first.kill();
    expect(await deliver(body('meanwhile'))).toMatchObject({ status: 503 });
    for (const id of ['meanwhile', 'before', 'meanwhile']) {
      await expect.poll(async () => (await deliver(body(id))).status, { timeout: 60_000, interval: 200 }).toBe(200);
    }
    expect(runs).toEqual(['before', 'meanwhile']);
    for (const each of [client, second.probe, sentinel.probe]) each.disconnect();
  });

  test('a handled event stays done after Redis was killed and has restarted from its append-only file', async () => {
    const port = await freePort();
    const home = await mkdtemp(join(tmpdir(), 'vortex-redis-'));
    const settings = 'appendonly yes\n' + 'appendfsync always';
    const before = await start(port, settings, home);
    const client = new Redis(port, { retryStrategy: () => 100 });
    client.on('error', () => {});
    const runs: string[] = [];
    const { deliver } = mount({ store: redisStore(client), answerWithin: 500, onEvent: ({ id }) => runs.push(id) });
    expect(await deliver(body('before'))).toMatchObject({ status: 200 });
    before.end();
    await before.kill();
    expect(await deliver(body('meanwhile'))).toMatchObject({ status: 503 });
    const after = await start(port, settings, home);
    for (const id of ['meanwhile', 'before', 'meanwhile']) {
      await expect.poll(async () => (await deliver(body(id))).status, { timeout: 60_000, interval: 200 }).toBe(200);
    }
    expect(runs).toEqual(['before', 'meanwhile']);
    client.disconnect();
    after.end();
  });

  test('handled events stay done after a primary of a cluster was killed, and new ones are handled once', async () => {
    const ports = await Promise.all(Array.from({ length: 6 }, freePort));
    const nodes = await Promise.all(
      ports.map((port) =>
        start(port, `cluster-enabled yes\ncluster-config-file ${port}.nodes\ncluster-node-timeout 1000\nappendonly no`),
      ),
    );
    const [first, second, third] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]];
    for (const port of ports.slice(1)) await first.probe.call('CLUSTER', 'MEET', '127.0.0.1', port);
    const slots: [node: (typeof nodes)[0], from: number, to: number][] = [
      [first, 0, 5460],
      [second, 5461, 10_922],
      [third, 10_923, 16_383],
    ];
    for (const [{ probe }, from, to] of slots) await probe.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
    for (const [index, { probe }] of nodes.slice(3).entries()) {
      const primary = await nodes[index]?.probe.call('CLUSTER', 'MYID');
      const follow = () => probe.call('CLUSTER', 'REPLICATE', String(primary)).catch(String);
      await expect.poll(follow, { timeout: 30_000 }).toBe('OK');
    }
    const isReady = async () => (await Promise.all(nodes.map(({ probe }) => probe.cluster('INFO')))).join();
    await expect.poll(isReady, { timeout: 30_000 }).not.toContain('cluster_state:fail');
    for (const { probe } of nodes.slice(3)) {
      await expect.poll(() => probe.info('replication'), { timeout: 30_000 }).toContain('master_link_status:up');
    }

    const client = new Cluster([{ host: '127.0.0.1', port: ports[1] as number }], {
      clusterRetryStrategy: () => 100,
      slotsRefreshInterval: 500,
    });
    client.on('error', () => {});
    const runs: string[] = [];
    const { deliver } = mount({ store: redisStore(client), answerWithin: 500, onEvent: ({ id }) => runs.push(id) });
    // Enough ids for every primary to hold some of them.
    const ids = (prefix: string) => Array.from({ length: 20 }, (_value, index) => `${prefix} ${index}`);
    for (const id of ids('before')) expect(await deliver(body(id))).toMatchObject({ status: 200 });
    expect(await first.probe.dbsize()).toBeGreaterThan(0);
    await replicated(first.probe);
    first.end();
    await first.kill();
    const meanwhile = await Promise.all(ids('meanwhile').map(async (id) => (await deliver(body(id))).status));
    expect(meanwhile).toContain(503);
    for (const id of [...ids('meanwhile'), ...ids('before'), ...ids('meanwhile')]) {
      await expect.poll(async () => (await deliver(body(id))).status, { timeout: 60_000, interval: 200 }).toBe(200);
    }
    expect(runs.toSorted()).toEqual([...ids('before'), ...ids('meanwhile')].toSorted());
    client.disconnect();
    for (const { end } of nodes) end();
  });

  test('an event whose key Redis has evicted is handled again, and not lost', async () => {
    const node = await start(await freePort(), '');
    const runs: string[] = [];
    const { deliver } = mount({ store: redisStore(node.probe), onEvent: ({ id }) => runs.push(id) });
    await deliver(body('evicted'));
    await node.probe.flushall();
    expect(await deliver(body('evicted'))).toMatchObject({ status: 200 });
    expect(runs).toEqual(['evicted', 'evicted']);
    node.end();
  });

  test('a delivery is answered with 503 if the user may not run scripts', async () => {
    const node = await start(await freePort(), 'user default on nopass ~* &* +@all -@scripting');
    const { deliver, reported } = mount({ store: redisStore(node.probe), onEvent: () => {} });
    expect(await deliver()).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    expect(reported).toMatchObject([{ cause: { message: expect.stringContaining('NOPERM') } }]);
    node.end();
  });
});
