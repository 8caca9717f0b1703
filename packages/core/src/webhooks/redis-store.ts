import { readRetention, type StoreOptions, type WebhookStore } from './store.js';

/** As far as we call them: a client or cluster of ioredis 5 or 6. */
interface Ioredis {
  defineCommand: unknown;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** The same of node-redis 4 to 6. It must be connected. */
interface NodeRedis {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export type RedisClient = Ioredis | NodeRedis;

export interface RedisStoreOptions extends StoreOptions {
  /** Begins the key of each event. Default `vortex:webhook:`. Two mounts that are sent the same events need two. */
  prefix?: string | undefined;
}

/** Scripts run as one. A key holds the owner of the claim, or `done`, which no owner is called. */
const CLAIM = `
local holder = redis.call('GET', KEYS[1])
if holder == 'done' then return 'done' end
if holder and holder ~= ARGV[1] then return 'in flight' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'new'`;
const COMPLETE = `return redis.call('SET', KEYS[1], 'done', 'PX', ARGV[1])`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * For any number of processes, over the application's own Redis client. Should Redis lose the keys, by eviction or in a
 * failover, an event that comes again is handled again.
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function redisStore(
  client: RedisClient,
  { prefix = 'vortex:webhook:', ...options }: RedisStoreOptions = {},
): WebhookStore {
  const retention = String(readRetention(options.retention));
  const run = (script: string, id: string, ...args: string[]) =>
    'defineCommand' in client
      ? client.eval(script, 1, prefix + id, ...args)
      : client.eval(script, { keys: [prefix + id], arguments: args });
  return {
    // As text: a client may have been told to answer with bytes.
    claim: async (id, lease, owner) =>
      String(await run(CLAIM, id, owner, String(lease))) as 'new' | 'in flight' | 'done',
    complete: async (id) => {
      await run(COMPLETE, id, retention);
    },
    release: async (id, owner) => {
      await run(RELEASE, id, owner);
    },
  };
}
