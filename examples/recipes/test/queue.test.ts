/** The recipe with a queue, over a real Redis. */
import { needsRedis, startRedis } from '@vortex/conformance/redis';
import { redisStore } from '@vortex/core/redis';
import { webhookEvent, webhookRequest } from '@vortex/core/testing';
import express from 'express';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { receiver, worker } from '../src/queue.ts';

test.skipIf(needsRedis !== '')(
  `a webhook is answered at once, and handled once by one of two workers, after a first attempt that fails${needsRedis}`,
  async () => {
    vi.stubEnv('VORTEX_WEBHOOK_SECRET', 'whsec_made_up');
    const redis = await startRedis();
    const connect = () => new Redis(redis.path, { maxRetriesPerRequest: null });
    const connections = [connect(), connect(), connect()] as const;
    const runs: string[] = [];
    const handle = async ({ id }: { id: string }) => {
      runs.push(id);
      if (runs.length === 1) throw new Error('first attempt');
    };
    const { handler, close } = receiver(connections[0]);
    const workers = [connections[1], connections[2]].map((each) => worker(each, redisStore(each), handle));
    const server = express().post('/webhooks/vortex', handler).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(async () => {
      server.close();
      await Promise.all([close(), ...workers.map((each) => each.close())]);
      for (const each of connections) each.disconnect();
      await redis.close();
    });
    const { port } = server.address() as { port: number };
    const deliver = async (id: string) => {
      const sent = await webhookRequest(webhookEvent('invitation.accepted', { id }), 'whsec_made_up');
      return (await fetch(`http://127.0.0.1:${port}/webhooks/vortex`, { method: 'POST', ...sent })).status;
    };
    expect(await Promise.all(['a', 'a', 'a'].map(deliver))).toContain(200);
    await expect.poll(() => runs, { timeout: 30_000 }).toEqual(['a', 'a']);
    expect(await deliver('a')).toBe(200);
    expect(await deliver('b')).toBe(200);
    await expect.poll(() => runs, { timeout: 30_000 }).toEqual(['a', 'a', 'b']);
  },
);
