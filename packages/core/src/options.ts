import { type Authorize, type AuthorizeOperation, type MaybePromise, readRules } from './authorize.js';
import { positiveMilliseconds, readClientOptions, VortexClient } from './client.js';
import type { CsrfMode } from './csrf.js';
import { VortexError } from './errors.js';
import {
  type BoundOperationName,
  type Operation,
  type OperationName,
  type OperationOf,
  operations,
  type ResultOf,
} from './operations.js';
import { type ExpiresIn, lifetimeInSeconds } from './token.js';
import type { VortexUser } from './user.js';

/**
 * What the three mounts take. `Context` is the framework's own request (Express `req`, Fastify `request`, Hono `c`);
 * `User` is inferred from `authenticateUser`, which therefore stands before `authorizeOperation`.
 */
export interface VortexOptions<Context, User extends VortexUser> {
  /** `VRTX.<id>.<secret>`, or a function of the context where the key depends on the request. Not together with `client`. */
  apiKey?: string | undefined | ((context: Context) => string | undefined);
  /** A client of your own making, in place of `apiKey`, `baseUrl`, `allowInsecureHttp` and `timeout`. */
  client?: VortexClient | undefined;
  /** Origin of the API. Default: `VORTEX_API_BASE_URL`, else the production one. */
  baseUrl?: string | undefined;
  /** Allow a plain `http:` base URL off loopback. Default false. */
  allowInsecureHttp?: boolean | undefined;
  /** Deadline of a call to the API, in milliseconds. Default 10 000. */
  timeout?: number | undefined;

  /**
   * Who is calling? Null means nobody: 401. The addresses of the user must be verified, see {@link VortexUser}. An error
   * with the status 401 counts as nobody; any other is a 500.
   */
  authenticateUser(context: Context): MaybePromise<User | null | undefined>;

  /**
   * May they do this, to this? Only `true` allows; an operation without a rule is denied.
   *
   * `op.self` of ACCEPT_INVITATIONS says only that the caller accepts with an own address. Whether the invitations were
   * sent there is for the rule to see: `(await op.loadInvitations()).every((one) => isAddressedTo(one, user))`.
   *
   * @example { JWT: true, GET_INVITATIONS: (op) => op.self, REINVITE: false }
   */
  authorizeOperation: AuthorizeOperation<NoInfer<User>, Context>;

  /** Lets an operation be done in somebody else's name. Default: none. */
  actAs?: { readonly [Name in BoundOperationName]?: 'anyone' | 'self' } | undefined;

  /** The token that POST `/jwt` answers. */
  jwt?: JwtOptions<NoInfer<User>, Context> | undefined;

  /** Protection against requests that other sites make a browser send. Default `standard`. */
  csrf?: CsrfMode | undefined;
  /** Origins, such as `https://app.example.com`, whose pages may write although they are not of this host. */
  trustedOrigins?: readonly string[] | undefined;

  /** Most milliseconds a hook may take. Default 5 000. */
  hookTimeout?: number | undefined;

  /** Runs after an operation has succeeded and before the answer is sent; what it throws makes the answer a 500. */
  onSuccess?: OnSuccess<NoInfer<User>, Context> | undefined;
  /** Hears of every failure that is not the caller's (5xx). What it throws is logged. */
  onError?: ((error: VortexError, op: Operation | undefined) => MaybePromise<void>) | undefined;
}

export interface JwtOptions<User, Context> {
  /** `jwt` (default) is what the vendor's React provider reads; `token` is the newer form. */
  format?: 'jwt' | 'token' | undefined;
  /** Default `"1h"`; at most 30 days. */
  expiresIn?: ExpiresIn | undefined;
  /** Added to the user's own `attributes`, in the claim `attributes`. */
  attributes?:
    | ((
        user: User,
        op: OperationOf<'JWT'>,
        context: Context,
      ) => MaybePromise<Readonly<Record<string, unknown>> | undefined>)
    | undefined;
}

/** One function for every operation, or a map with one for each whose `result` is typed. */
export type OnSuccess<User, Context> =
  | ((op: Operation, result: ResultOf<OperationName>, user: User, context: Context) => MaybePromise<void>)
  | {
      readonly [Name in OperationName]?: (
        op: OperationOf<Name>,
        result: ResultOf<Name>,
        user: User,
        context: Context,
      ) => MaybePromise<void>;
    };

/** The options, checked and with their defaults. */
export interface Settings<Context, User> {
  clientFor(context: Context): VortexClient;
  authenticate(context: Context): MaybePromise<User | null | undefined>;
  authorize: Authorize<User, Context>;
  actsAsAnyone(name: OperationName): boolean;
  jwt: JwtOptions<User, Context> & { format: 'jwt' | 'token'; expiresIn: ExpiresIn };
  csrf: CsrfMode;
  trustedOrigins: ReadonlySet<string>;
  hookTimeout: number;
  onSuccess(op: Operation, result: unknown, user: User, context: Context): MaybePromise<void>;
  onError: ((error: VortexError, op: Operation | undefined) => MaybePromise<void>) | undefined;
}

const MAX_LIFETIME = 30 * 86_400;

/** @throws VortexError `CONFIG` naming the option that is wrong */
export function readOptions<Context, User extends VortexUser>(
  options: VortexOptions<Context, User>,
): Settings<Context, User> {
  if (typeof options?.authenticateUser !== 'function') {
    throw new VortexError('CONFIG', 'authenticateUser must be a function that says who is calling.');
  }
  const { authenticateUser, jwt, onSuccess } = options;
  return {
    clientFor: readClient(options),
    authenticate: (context) => authenticateUser(context),
    authorize: readRules<User, Context>(options.authorizeOperation),
    actsAsAnyone: readActAs(options.actAs ?? {}),
    jwt: {
      ...jwt,
      format: oneOf('jwt.format', ['jwt', 'token'], jwt?.format),
      expiresIn: readLifetime(jwt?.expiresIn ?? '1h'),
    },
    csrf: oneOf('csrf', ['standard', 'strict', 'off'], options.csrf),
    trustedOrigins: new Set((options.trustedOrigins ?? []).map(readOrigin)),
    hookTimeout: positiveMilliseconds('hookTimeout', options.hookTimeout ?? 5000),
    onSuccess: readOnSuccess(onSuccess),
    onError: options.onError,
  };
}

const MAX_CLIENTS = 100;

function readClient<Context, User extends VortexUser>(options: VortexOptions<Context, User>) {
  const { apiKey, client, baseUrl, allowInsecureHttp, timeout } = options;
  const clientOptions = { baseUrl, allowInsecureHttp, timeout };
  if (client) {
    if (apiKey !== undefined || Object.values(clientOptions).some((option) => option !== undefined)) {
      throw new VortexError(
        'CONFIG',
        'client stands alone: give apiKey, baseUrl, allowInsecureHttp and timeout to it instead.',
      );
    }
    return () => client;
  }
  if (typeof apiKey !== 'function') {
    const only = new VortexClient(apiKey, clientOptions);
    return () => only;
  }
  readClientOptions(clientOptions);
  const clients = new Map<string | undefined, VortexClient>();
  return (context: Context) => {
    const key = apiKey(context);
    const found = clients.get(key) ?? new VortexClient(key, clientOptions);
    clients.delete(key);
    clients.set(key, found);
    for (const oldest of clients.keys()) {
      if (clients.size <= MAX_CLIENTS) break;
      clients.delete(oldest);
    }
    return found;
  };
}

function readActAs(actAs: Readonly<Record<string, unknown>>): (name: OperationName) => boolean {
  for (const [name, who] of Object.entries(actAs)) {
    const definition = Object.hasOwn(operations, name) ? operations[name as OperationName] : undefined;
    if (!definition || !('mismatch' in definition)) {
      throw new VortexError('CONFIG', `actAs has ${name}, which is no operation done in somebody's name.`);
    }
    if (who !== undefined) oneOf(`actAs.${name}`, ['anyone', 'self'], who);
  }
  return (name) => Object.hasOwn(actAs, name) && actAs[name] === 'anyone';
}

function readOnSuccess<User, Context>(
  given: OnSuccess<User, Context> | undefined,
): Settings<Context, User>['onSuccess'] {
  type Any = (op: Operation, result: unknown, user: User, context: Context) => MaybePromise<void>;
  if (given === undefined) return () => {};
  if (typeof given === 'function') return given as Any;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(operations, name))
      throw new VortexError('CONFIG', `onSuccess has ${name}, which is no operation.`);
  }
  return (op, result, user, context) => (given[op.name] as Any | undefined)?.(op, result, user, context);
}

function readLifetime(expiresIn: ExpiresIn): ExpiresIn {
  let seconds: number;
  try {
    seconds = lifetimeInSeconds(expiresIn);
  } catch (cause) {
    throw new VortexError('CONFIG', `jwt.expiresIn is wrong: ${(cause as Error).message}`, { cause });
  }
  if (seconds <= MAX_LIFETIME) return expiresIn;
  throw new VortexError('CONFIG', 'jwt.expiresIn must be at most 30 days.');
}

function readOrigin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new VortexError(
    'CONFIG',
    'trustedOrigins must hold origins such as "https://app.example.com", without a path.',
  );
}

/** The first value is the default. */
function oneOf<const Value extends string>(
  option: string,
  values: readonly [Value, ...Value[]],
  given: unknown,
): Value {
  if (given === undefined) return values[0];
  const found = values.find((value) => value === given);
  if (found !== undefined) return found;
  throw new VortexError('CONFIG', `${option} must be ${values.map((value) => `"${value}"`).join(' or ')}.`);
}
