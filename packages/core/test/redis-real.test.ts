/** redisStore where Redis fails over by Sentinel, loses keys or forbids scripts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needsRedis, redisServer } from '@vortex/conformance/redis';
import { redisStore } from '@vortex/core/redis';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { accepted, mount } from './helpers.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Starts a server on a port with these settings, until the test has ended. */
async function start(port: number, settings: string) {
  const home = await mkdtemp(join(tmpdir(), 'vortex-redis-'));
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

const body = (id: string) => ({ body: JSON.stringify({ ...accepted, id }) });

describe.skipIf(needsRedis !== '')(`redisStore${needsRedis}`, { timeout: 120_000 }, () => {
  test('a handled event stays done after a failover of Sentinel, and a new one is handled once', async () => {
    const [primary, replica, guard] = await Promise.all([freePort(), freePort(), freePort()]);
    const first = await start(primary, '');
    const second = await start(replica, `replicaof 127.0.0.1 ${primary}`);
    await expect.poll(() => second.probe.info('replication'), { timeout: 20_000 }).toContain('master_link_status:up');
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
    await first.probe.wait(1, 10_000);
    first.end();
    await first.kill();
    expect(await deliver(body('meanwhile'))).toMatchObject({ status: 503 });
    for (const id of ['meanwhile', 'before', 'meanwhile']) {
      await expect.poll(async () => (await deliver(body(id))).status, { timeout: 60_000, interval: 200 }).toBe(200);
    }
    expect(runs).toEqual(['before', 'meanwhile']);
    for (const each of [client, second.probe, sentinel.probe]) each.disconnect();
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
