/** Webhooks of several tenants behind one mount. The same id of two tenants is two events, and events stay known while a secret rotates. */
import { createHmac } from 'node:crypto';
import { needsRedis, startRedis } from '@vortex/conformance/redis';
import { memoryStore, type WebhookSecret, type WebhookStore } from '@vortex/core';
import { redisStore } from '@vortex/core/redis';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acceptedEvent, mount } from './helpers.ts';

async function openRedis(): Promise<WebhookStore> {
  const redis = await startRedis();
  const client = new Redis(redis.path);
  onTestFinished(async () => {
    client.disconnect();
    await redis.close();
  });
  return redisStore(client);
}

describe.each<[name: string, reason: string, open: () => WebhookStore | Promise<WebhookStore>]>([
  ['memory', '', memoryStore],
  ['Redis', needsRedis, openRedis],
])('tenants with a store in %s%s', (_, reason, open) => {
  /** Mounts one endpoint for the tenants a and b, whose secrets a test can change. */
  async function mountTenants() {
    const secrets = new Map<string, WebhookSecret>([
      ['a', 'secret-of-a'],
      ['b', 'secret-of-b'],
    ]);
    const handled: string[] = [];
    const mounted = mount({
      store: await open(),
      secret: (tenant: string) => secrets.get(tenant),
      onEvent: ({ id }, tenant) => void handled.push(`${tenant} ${id}`), // the context is the tenant
    });
    const deliver = async (tenant: string, secret: string, id = 'e-1') => {
      const body = JSON.stringify({ ...acceptedEvent, id });
      return (await mounted.deliver({ context: tenant, secret, body })).status;
    };
    return { ...mounted, deliver, secrets, handled };
  }

  test.skipIf(reason !== '')('events of two tenants with the same id are both handled, each once', async () => {
    const { deliver, handled } = await mountTenants();
    expect(await deliver('a', 'secret-of-a')).toBe(200);
    expect(await deliver('b', 'secret-of-b')).toBe(200);
    expect(await deliver('a', 'secret-of-a')).toBe(200);
    expect(await deliver('b', 'secret-of-b')).toBe(200);
    expect(handled).toEqual(['a e-1', 'b e-1']);
  });

  test.skipIf(reason !== '')('no event is handled again while a tenant rotates its secret', async () => {
    const { deliver, secrets, handled } = await mountTenants();
    secrets.set('a', ['old']);
    expect(await deliver('a', 'old', 'e-1')).toBe(200);
    secrets.set('a', ['new', 'old']);
    expect(await deliver('a', 'new', 'e-1')).toBe(200);
    expect(await deliver('a', 'old', 'e-1')).toBe(200);
    expect(await deliver('a', 'new', 'e-2')).toBe(200);
    secrets.set('a', ['new']);
    expect(await deliver('a', 'new', 'e-2')).toBe(200);
    expect(await deliver('b', 'secret-of-b', 'e-2')).toBe(200);
    expect(handled).toEqual(['a e-1', 'a e-2', 'b e-2']);
  });

  test.skipIf(reason !== '')(
    'a webhook of an unknown tenant is answered with 401, is given to onError each time, and is logged once',
    async () => {
      const { deliver, logged, reported, handled } = await mountTenants();
      expect(await deliver('unknown', 'secret-of-a')).toBe(401);
      expect(await deliver('unknown', 'secret-of-a')).toBe(401);
      expect(logged).toMatchObject([['warn', expect.stringContaining('secret is a function and returned undefined')]]);
      expect(reported).toMatchObject([
        { name: 'VortexWebhookSignatureError' },
        { name: 'VortexWebhookSignatureError' },
      ]);
      expect(handled).toEqual([]);
    },
  );

  test.skipIf(reason !== '')('events of two tenants are kept apart if their lists of secrets have gaps', async () => {
    const { deliver, secrets, handled } = await mountTenants();
    for (const tenant of ['a', 'b']) secrets.set(tenant, [undefined, `secret-of-${tenant}`]);
    expect(await deliver('a', 'secret-of-a')).toBe(200);
    expect(await deliver('b', 'secret-of-b')).toBe(200);
    expect(await deliver('a', 'secret-of-a')).toBe(200);
    expect(handled).toEqual(['a e-1', 'b e-1']);
  });

  test.skipIf(reason !== '')('a webhook signed with the secret of another tenant is answered with 401', async () => {
    const { deliver, handled } = await mountTenants();
    expect(await deliver('a', 'secret-of-b')).toBe(401);
    expect(handled).toEqual([]);
  });
});

test('a webhook of a tenant whose secret is null is answered with 401', async () => {
  expect((await mount({ secret: () => null as never }).deliver()).status).toBe(401);
});

describe('claims of tenants', () => {
  // The key of an event is kept in the stores of applications, so it must stay what it is.
  const keyOf = (secret: string) =>
    `${createHmac('sha256', secret).update('Vortex webhook namespace').digest('hex').slice(0, 32)}:webhook:e-1`;
  const keys = [keyOf('old'), keyOf('new')].sort();

  /** Delivers one event with two secrets to a store that notes its calls. */
  async function deliverTo(secrets: string[], stateOf: (key: string) => 'new' | 'in-flight') {
    const noted: string[] = [];
    const store: WebhookStore = {
      claim: (key) => {
        noted.push(`claim ${key}`);
        return stateOf(key);
      },
      complete: (key) => void noted.push(`complete ${key}`),
      release: (key) => void noted.push(`release ${key}`),
    };
    const { deliver } = mount({ store, secret: () => secrets, onEvent() {} });
    const { status } = await deliver({ secret: 'new' });
    return { status, noted };
  }

  test.each([[['old', 'new']], [['new', 'old']]])(
    'an event is claimed under both of %j in one order',
    async (secrets) => {
      const { status, noted } = await deliverTo(secrets, () => 'new');
      expect(status).toBe(200);
      expect(noted).toEqual([...keys.map((key) => `claim ${key}`), ...keys.map((key) => `complete ${key}`)]);
    },
  );

  test('a claim under the first secret is released if another delivery holds the event under the second', async () => {
    const { status, noted } = await deliverTo(['new', 'old'], (key) => (key === keys[0] ? 'new' : 'in-flight'));
    expect(status).toBe(503);
    expect(noted).toEqual([`claim ${keys[0]}`, `claim ${keys[1]}`, `release ${keys[0]}`]);
  });
});
