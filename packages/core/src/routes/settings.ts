/** The options of a mount, checked when it is built and completed with their defaults. */
import type { VortexClient } from '../api/client.js';
import { positiveInteger, requireOptions, unknownName, warnOfSeconds } from '../lib/config.js';
import { VortexError } from '../lib/errors.js';
import { type Log, logTo } from '../lib/log.js';
import {
  anything,
  callable,
  must,
  optional,
  optionalCallable,
  optionalFlag,
  optionalLogger,
  optionalOneOf,
} from '../lib/option-checks.js';
import type { MaybePromise } from '../lib/promises.js';
import { isFunction, isPlainObject } from '../lib/values.js';
import { type ExpiresIn, lifetimeInSeconds } from '../signing/token.js';
import { type Authorize, isJudged, readRules } from './authorize.js';
import { clientsOf, isClient } from './clients.js';
import { type CsrfMode, readOrigin } from './csrf.js';
import type { ResponseEvent } from './observe.js';
import type { Operation, OperationName } from './operation-types.js';
import type { OperationTable } from './operations.js';
import type { JwtOptions, OnSuccess, VortexMountOptions } from './options.js';
import type { VortexUser } from './user.js';

export interface Settings<Context, User> {
  clientFor(context: Context): MaybePromise<VortexClient>;
  authenticate(context: Context): MaybePromise<User | null | undefined>;
  authorize: Authorize<User, Context>;
  /** True if a rule function, and not the constant `true`, decides about the operation. */
  isJudged(name: OperationName): boolean;
  actsAsAnyone(name: OperationName): boolean;
  /** With its lifetime in seconds. */
  jwt: JwtOptions<User, Context> & { format: 'jwt' | 'token'; expiresIn: number };
  csrf: CsrfMode;
  isTrusted(origin: string, context: Context): MaybePromise<boolean>;
  hookTimeout: number;
  bodyTimeout: number;
  onSuccess(event: { operation: OperationName; op: Operation; result: unknown; user: User }, context: Context): unknown;
  onError: VortexMountOptions<never, Context>['onError'];
  onResponse: ((event: ResponseEvent, context: Context) => unknown) | undefined;
  /** Replaces the framework's logger. */
  log: Log | undefined;
  forwardsTraceparent: boolean;
  /** Logs a line for the developer once. A topic has few lines, whatever callers send. */
  advise(topic: string, line: string, log: Log): void;
}

/** Checks for JavaScript what the compiler checks for TypeScript. Limits of a value are checked where it is read. */
const checks = {
  apiKey: anything,
  client: optional(
    must((value) => isFunction(value) || isClient(value), 'must be a VortexClient, or a function that returns one'),
  ),
  baseUrl: optional(must((value) => isFunction(value) || typeof value === 'string', 'must be text or a function')),
  allowInsecureHttp: optionalFlag,
  timeout: anything,
  authenticateUser: callable,
  authorizeOperation: anything,
  actAs: optional(must(isPlainObject, 'must be an object')),
  jwt: {
    format: optionalOneOf('jwt', 'token'),
    expiresIn: anything,
    attributes: optionalCallable,
    payload: optionalCallable,
  },
  csrf: optionalOneOf('standard', 'strict', 'off'),
  trustedOrigins: optional(
    must(
      (value) => isFunction(value) || (Array.isArray(value) && value.every((one) => typeof one === 'string')),
      'must be a list of origins, or a function',
    ),
  ),
  hookTimeout: anything,
  bodyTimeout: anything,
  onSuccess: anything,
  onError: optionalCallable,
  onResponse: optionalCallable,
  logger: optionalLogger,
  traceparent: optionalOneOf('forward', 'off'),
  openapi: optional(must(isPlainObject, 'must be a document, such as the result of openApiDocument()')),
};

/** @throws VortexError `CONFIG` naming the option that is wrong */
export function readMountOptions<Context, User extends VortexUser>(
  options: VortexMountOptions<User, Context>,
  table: OperationTable,
): Settings<Context, User> {
  requireOptions(checks, options);
  const names = Object.keys(table);
  const { jwt, csrf = 'standard', hookTimeout = 5000, bodyTimeout = 10_000, trustedOrigins = [], actAs = {} } = options;
  warnOfSeconds({ timeout: options.timeout, hookTimeout, bodyTimeout }, 100, options.logger);
  return {
    clientFor: clientsOf(options, positiveInteger('hookTimeout', hookTimeout)),
    authenticate: (context) => options.authenticateUser(context),
    authorize: readRules<User, Context>(options.authorizeOperation, names),
    isJudged: (name) => isJudged(options.authorizeOperation, name),
    actsAsAnyone: readActAs(actAs, table),
    jwt: { ...jwt, format: jwt?.format ?? 'jwt', expiresIn: readLifetime(jwt?.expiresIn ?? '1h') },
    csrf,
    isTrusted: readTrustedOrigins(trustedOrigins),
    hookTimeout: positiveInteger('hookTimeout', hookTimeout),
    bodyTimeout: positiveInteger('bodyTimeout', bodyTimeout),
    onSuccess: readOnSuccess(options.onSuccess, names),
    onError: options.onError,
    onResponse: options.onResponse,
    log: options.logger && logTo(options.logger),
    forwardsTraceparent: options.traceparent !== 'off',
    advise: adviser(),
  };
}

/** Callers choose the origins that lines about one operation quote, so there must be a limit. */
const MAX_ADVICE_PER_TOPIC = 20;

function adviser(): Settings<never, never>['advise'] {
  const said = new Map<string, Set<string>>();
  return (topic, line, log) => {
    const lines = said.get(topic) ?? new Set();
    said.set(topic, lines);
    if (lines.has(line) || lines.size >= MAX_ADVICE_PER_TOPIC) return;
    lines.add(line);
    log('warn', `Vortex: ${line}`);
  };
}

function readActAs(actAs: Readonly<Record<string, unknown>>, table: OperationTable): (name: OperationName) => boolean {
  const bound = Object.keys(table).filter((name) => 'mismatch' in (table[name] ?? {}));
  for (const [name, who] of Object.entries(actAs)) {
    if (!bound.includes(name)) {
      throw unknownName(
        `actAs.${name}`,
        'an operation that is bound to the caller',
        bound,
        `These are ${bound.join(', ')}.`,
      );
    }
    if (who !== 'anyone' && who !== undefined) {
      throw new VortexError('CONFIG', `actAs.${name} must be "anyone", or absent.`);
    }
  }
  return (name) => Object.hasOwn(actAs, name) && actAs[name] === 'anyone';
}

function readOnSuccess<User, Context>(
  given: OnSuccess<User, Context> | undefined,
  names: readonly string[],
): Settings<Context, User>['onSuccess'] {
  type Any = Settings<Context, User>['onSuccess'];
  if (given === undefined) return () => {};
  if (typeof given === 'function') return given as Any;
  if (!isPlainObject(given))
    throw new VortexError('CONFIG', 'onSuccess must be a function, or an object with a function per operation.');
  const hooks = new Map<string, unknown>(Object.entries(given));
  for (const [name, hook] of hooks) {
    if (!names.includes(name)) throw unknownName(`onSuccess.${name}`, 'an operation', names);
    if (hook !== undefined && !isFunction(hook))
      throw new VortexError('CONFIG', `onSuccess.${name} must be a function.`);
  }
  return (event, context) => (hooks.get(event.op.name) as Any | undefined)?.(event, context);
}

function readLifetime(expiresIn: ExpiresIn): number {
  let seconds: number;
  try {
    seconds = lifetimeInSeconds(expiresIn);
  } catch (cause) {
    throw new VortexError('CONFIG', `jwt.${(cause as Error).message}`, { cause });
  }
  if (seconds <= MAX_LIFETIME) return seconds;
  throw new VortexError('CONFIG', 'jwt.expiresIn must be at most 30 days.');
}

const MAX_LIFETIME = 30 * 86_400;

function readTrustedOrigins<Context>(
  given: readonly string[] | ((origin: string, context: Context) => MaybePromise<boolean>),
): (origin: string, context: Context) => MaybePromise<boolean> {
  if (isFunction(given)) return given as (origin: string, context: Context) => MaybePromise<boolean>;
  const origins = new Set((given as readonly string[]).map(readOrigin));
  return (origin) => origins.has(origin);
}
