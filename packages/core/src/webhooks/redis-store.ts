import { requireOptions } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { anything, optionalText } from '../lib/option-checks.js';
import { isFunction, isPlainObject } from '../lib/values.js';
import { readRetention, type StoreOptions, type WebhookStore } from './store.js';

/** The part of an ioredis 5 or 6 client or cluster that the store calls. */
interface Ioredis {
  defineCommand: object;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** The part of a connected node-redis 4, 5 or 6 client that the store calls. An object of the application's own fits too. */
interface NodeRedis {
  /** Tells the two apart, so that the compiler knows the parameters of an `eval` that is written in place. */
  defineCommand?: undefined;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export type RedisClient = Ioredis | NodeRedis;

export interface RedisStoreOptions extends StoreOptions {
  /**
   * Prefix of the keys. Two mounts that receive the same events need different prefixes.
   *
   * @default 'vortex:webhook:'
   */
  prefix?: string | undefined;
}

const checks = { prefix: optionalText, retention: anything };

/** Redis runs a script atomically. A key holds the owner of the claim, or `done`, which is never an owner. */
const CLAIM = `
local holder = redis.call('GET', KEYS[1])
if holder == 'done' then return 'done' end
if holder and holder ~= ARGV[1] then return 'in-flight' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'new'`;
const COMPLETE = `return redis.call('SET', KEYS[1], 'done', 'PX', ARGV[1])`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * A store for any number of processes, over the application's own Redis client. If Redis loses a key, by eviction or in a
 * failover, a further delivery of that event is handled again.
 *
 * @param client of ioredis or node-redis; for another client, an object with `eval(script, { keys, arguments })`
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): WebhookStore {
  requireOptions(checks, options);
  const { prefix = 'vortex:webhook:' } = options;
  const retention = String(readRetention(options.retention));
  requireClient(client);
  const run = (script: string, id: string, ...args: string[]) =>
    client.defineCommand
      ? client.eval(script, 1, prefix + id, ...args)
      : client.eval(script, { keys: [prefix + id], arguments: args });
  return {
    // Converted, since a client may be configured to answer with bytes.
    claim: async (id, { owner, lease }) =>
      String(await run(CLAIM, id, owner, String(lease))) as 'new' | 'in-flight' | 'done',
    complete: async (id) => {
      await run(COMPLETE, id, retention);
    },
    release: async (id, owner) => {
      await run(RELEASE, id, owner);
    },
  };
}

type Members = Readonly<Record<string, unknown> & { options?: { legacyMode?: unknown } }>;

/** @throws VortexError `CONFIG` for a client whose `eval` is missing, has other parameters or takes a callback */
function requireClient(client: unknown): void {
  const { eval: run, defineCommand, sendCommand, createScript, options, isOpen } = Object(client) as Members;
  const advice =
    'For another client, pass an object: { eval: (script, { keys, arguments: args }) => client.eval(script, keys, args) }.';
  if (!isFunction(run)) {
    throw new VortexError('CONFIG', `client must be a Redis client of ioredis or node-redis, with eval. ${advice}`);
  }
  if (isFunction(createScript)) {
    throw new VortexError('CONFIG', `client is of Upstash, whose eval has other parameters. ${advice}`);
  }
  if (isFunction(defineCommand) || isPlainObject(client)) return;
  if (!isFunction(sendCommand)) throw new VortexError('CONFIG', `client is not of ioredis or node-redis. ${advice}`);
  // Node-redis 4 has a mode. In 5 and 6, `legacy()` returns an object without `isOpen`, which all other clients have.
  if (options?.legacyMode || isOpen === undefined) {
    const instead = isOpen === undefined ? 'the client itself, not its legacy()' : 'client.v4';
    throw new VortexError('CONFIG', `client is a legacy client of node-redis, which takes callbacks. Pass ${instead}.`);
  }
}
