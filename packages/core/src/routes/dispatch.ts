/** The order in which a request is checked. Plain data in, plain data out. */
import { loadInputs } from '#inputs';
import type { CallOptions } from '../api/client.js';
import { isTraceparent } from '../api/traceparent.js';
import { type BodySource, MAX_BODY_BYTES, readJsonObject } from '../http/body.js';
import { failure, reply, type VortexReply } from '../http/reply.js';
import { asVortexError, statusOf, VortexError } from '../lib/errors.js';
import { callHook, notify } from '../lib/hooks.js';
import { invalidRequest } from '../lib/issues.js';
import { type Log, logToConsole, quiet } from '../lib/log.js';
import { type CallSignal, isPromise, type MaybePromise } from '../lib/promises.js';
import { crossSiteReason } from './csrf.js';
import type { Inputs } from './inputs.js';
import { createLoader, type Loader } from './loader.js';
import { type ResponseEvent, Stopwatch } from './observe.js';
import type { Operation, OperationName, OperationOf } from './operation-types.js';
import {
  type Definition,
  isRead,
  type OperationTable,
  operations,
  type PersonalDefinition,
  type Running,
} from './operations.js';
import type { VortexMountOptions } from './options.js';
import { isReserved, malformed, paramsReader, readQuery } from './params.js';
import { validate, withoutNulls } from './parse.js';
import { DOCUMENT_PATH, documentReply, METHODS, type Method, pathsOf, reservedWords } from './paths.js';
import { readMountOptions, type Settings } from './settings.js';
import { type KnownUser, readUser, unreadField, type VortexUser } from './user.js';

/** The request of a framework, as an adapter translates it. */
export interface VortexRequest<Context> extends BodySource {
  /** The request target or the whole URL, not decoded. */
  readonly url: string;
  /** Returns a signal that is aborted when the caller disconnects. Called at most once, and only by calls that read. */
  signal(): CallSignal | undefined;
  /**
   * Keeps the runtime alive until the promise settles, on runtimes that stop a request whose caller disconnects. Called for
   * operations that call the API.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** @default `console` */
  readonly log?: Log | undefined;
  /** The framework's own request, passed to the hooks. */
  readonly context: Context;
}

/** One route for an adapter to mount. */
export interface VortexRoute<Context> {
  /** Parameters are written `:name`. */
  readonly path: string;
  readonly methods: readonly Method[];
  /** For documentation. Undefined for a route that answers 405, and for the OpenAPI document. */
  readonly operation: OperationName | undefined;
  /** Maximum number of bytes of a body that the adapter reads. */
  readonly maxBodyBytes: number;
  /** Never rejects. */
  handle(request: VortexRequest<Context>): Promise<VortexReply>;
}

/**
 * Lists the routes of a mount, in the order in which an adapter must register them.
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function createRoutes<Context, User extends VortexUser>(
  options: VortexMountOptions<User, Context>,
): VortexRoute<Context>[];
/**
 * Mounts another table, for tests.
 *
 * @internal
 */
export function createRoutes<Context, User extends VortexUser>(
  options: VortexMountOptions<User, Context>,
  table: OperationTable,
): VortexRoute<Context>[];
export function createRoutes<Context, User extends VortexUser>(
  options: VortexMountOptions<User, Context>,
  table: OperationTable = operations,
): VortexRoute<Context>[] {
  const settings = readMountOptions(options, table);
  const entries = pathsOf(table);
  const reserved = reservedWords(entries.map(({ path }) => path));
  const { openapi } = options;
  const inputs = loadInputs();
  return [
    ...entries.map(({ path, methods, operation }) => {
      if (operation === undefined) return refusingRoute<Context>(path, methods);
      const target = {
        name: operation as OperationName,
        definition: table[operation] as Definition | PersonalDefinition,
        readParams: paramsReader(path, reserved),
        reserved,
        inputs,
        empty: undefined,
      };
      const handle = (request: VortexRequest<Context>) => {
        const replying = dispatch(request, target, settings);
        // Stopped halfway, a write is cut off, and a call in flight is counted for as long as the process runs.
        if (!target.definition.local) request.waitUntil?.(replying);
        return replying;
      };
      return routeOf(path, methods, handle, target.name);
    }),
    ...(openapi ? documentRoutes<Context>(openapi) : []),
  ];
}

function routeOf<Context>(
  path: string,
  methods: readonly Method[],
  handle: VortexRoute<Context>['handle'],
  operation?: OperationName,
): VortexRoute<Context> {
  return { path, methods, operation, maxBodyBytes: MAX_BODY_BYTES, handle };
}

/** Answers 405 to the given methods. */
function refusingRoute<Context>(path: string, methods: readonly Method[]): VortexRoute<Context> {
  const allow = METHODS.filter((method) => !methods.includes(method)).join(', ');
  return routeOf(path, methods, async () => failure(new VortexError('METHOD_NOT_ALLOWED'), { allow }));
}

/** The reply for a path that a framework could not decode, and therefore did not route. */
export function malformedTarget(): VortexReply {
  return failure(malformed());
}

/** Serves the document without authentication: it says no more than the public documentation. */
function documentRoutes<Context>(document: object): VortexRoute<Context>[] {
  const [get, head, ...others] = METHODS;
  return [
    routeOf(DOCUMENT_PATH, [get, head], async ({ url }) => documentReply(document, url)),
    refusingRoute(DOCUMENT_PATH, others),
  ];
}

/** The operation that a route runs. */
interface Target {
  readonly name: OperationName;
  readonly definition: Definition | PersonalDefinition;
  readonly readParams: (target: string) => Record<string, string>;
  readonly reserved: ReadonlyMap<string, ReadonlySet<string>>;
  inputs(): MaybePromise<Inputs>;
  /** The validated input of a request without parameters and fields, once there was one. */
  empty: object | undefined;
}

async function dispatch<Context, User extends VortexUser>(
  request: VortexRequest<Context>,
  target: Target,
  settings: Settings<Context, User>,
): Promise<VortexReply> {
  const { name } = target;
  const { hookTimeout, onError, onResponse } = settings;
  const watch = onResponse && new Stopwatch();
  const log = quiet(settings.log ?? request.log ?? logToConsole);
  const progress: Progress = { log, watch, op: undefined, loader: undefined, isOver: false };
  let answer: VortexReply;
  let code: ResponseEvent['code'] = 'OK';
  try {
    answer = success(await perform(request, target, settings, progress), target);
  } catch (thrown) {
    const error = asVortexError(thrown);
    if (error.status >= 500) {
      log('error', `Vortex: ${name} failed with ${error.code}: ${error.message}`, error);
      const event = { error, op: progress.op };
      const report = () => notify('onError', () => onError?.(event, request.context), hookTimeout, log);
      await (watch ? watch.hook(report) : report());
    }
    answer = failure(error);
    code = error.code;
  } finally {
    // A hook whose time is up may still be loading, and may begin to.
    progress.isOver = true;
    progress.loader?.end();
  }
  if (watch) {
    const event = watch.event(name, answer.status, code);
    // Not awaited: a metric must not delay the reply.
    void notify('onResponse', () => onResponse?.(event, request.context), hookTimeout, log);
  }
  return answer;
}

/**
 * The reply of an operation that has succeeded.
 *
 * @throws VortexError for a result that is nested too deep, since `JSON.parse` has no limit of depth and `JSON.stringify` has one.
 *   `INTERNAL` for one that `onSuccess` has changed
 */
function success(result: unknown, { definition }: Target): VortexReply {
  try {
    return reply(200, result);
  } catch (cause) {
    if (!(cause instanceof RangeError)) {
      throw new VortexError('INTERNAL', 'The result cannot be written as JSON. onSuccess must not change it.', {
        cause,
      });
    }
    const code = isRead(definition) ? 'UPSTREAM_BAD_RESPONSE' : 'OUTCOME_UNKNOWN';
    throw new VortexError(code, 'Vortex answered with JSON that is nested too deep.', { cause });
  }
}

/** The state of one request. */
interface Progress {
  readonly log: Log;
  /** Present if the application measures requests. */
  readonly watch: Stopwatch | undefined;
  /** Present once the input is parsed and bound to the caller, and the client is known. */
  op: Operation | undefined;
  /** Present once a hook has asked for it. */
  loader: Loader | undefined;
  /** True once the request is answered. */
  isOver: boolean;
}

/** Calls a hook within its time limit, and measures it if the application measures requests. */
type Hook = <Result>(
  name: string,
  call: () => MaybePromise<Result>,
  isKnown?: (cause: unknown) => boolean,
) => MaybePromise<Result>;

/** Awaits only what is a promise: a `/jwt` whose hooks are synchronous makes few. */
async function perform<Context, User extends VortexUser>(
  request: VortexRequest<Context>,
  target: Target,
  settings: Settings<Context, User>,
  progress: Progress,
): Promise<unknown> {
  const { name, definition } = target;
  const { context } = request;
  const { watch, log } = progress;
  const hook: Hook = (what, call, isKnown) => {
    const calling = () => callHook(what, call, settings.hookTimeout, isKnown);
    return watch ? watch.hook(calling) : calling();
  };

  const checking = isRead(definition) ? undefined : requireSameSite(request, name, settings, hook, log);
  if (isPromise(checking)) await checking;

  const authenticating = authenticate(context, settings, hook, log);
  const user = isPromise(authenticating) ? await authenticating : authenticating;
  const known = readUser(user);
  const unread = unreadField(user);
  if (unread !== undefined) settings.advise('authenticateUser', unread, log);

  const parsing = parse(request, target, settings.bodyTimeout);
  const input = isPromise(parsing) ? await parsing : parsing;
  const bound = bindToCaller(input, known, target, settings, log);

  const finding = settings.clientFor(context);
  const client = isPromise(finding) ? await finding : finding;
  // The tenants of a mount have keys of their own, and their users may have the same ids.
  const caller = `${client.kid} ${known.id}`;
  const calls = callOptions(request, definition, settings, watch, caller);
  const op = operationFor(bound, target, progress, () => createLoader(client, known, calls.reading));
  progress.op = op;

  const isAllowed = () => settings.authorize(op, user, context, log);
  const isKnown = (cause: unknown) => progress.loader?.failures.has(cause) || isDenial(cause);
  const deciding = hook('authorizeOperation', isAllowed, isKnown);
  if (!(isPromise(deciding) ? await deciding : deciding)) throw new VortexError('FORBIDDEN');

  const { invitationId } = bound.input as { invitationId: string };
  const result = await run(bound.input, target, {
    // Not spread: with `...calls`, a `/jwt` takes a quarter more CPU time on Node 20.
    reading: calls.reading,
    writing: calls.writing,
    client,
    user: known,
    // A loader is made for the hooks that ask for one: it takes more memory than the rest of a request.
    loadInvitation: () => progress.loader?.loadNow(invitationId) ?? client.getInvitation(invitationId, calls.reading()),
    jwt: jwtOptions(op, user, context, settings, hook),
  });
  const telling = hook('onSuccess', () => settings.onSuccess({ operation: name, op, result, user }, context));
  if (isPromise(telling)) await telling;
  return result;
}

/** @throws VortexError `CROSS_SITE_REQUEST`, or rejects with it if `trustedOrigins` is asynchronous */
function requireSameSite<Context, User>(
  request: VortexRequest<Context>,
  name: OperationName,
  settings: Settings<Context, User>,
  hook: Hook,
  log: Log,
): MaybePromise<void> {
  const isTrusted = (origin: string) => hook('trustedOrigins', () => settings.isTrusted(origin, request.context));
  const refuse = (reason: string | undefined) => {
    if (reason === undefined) return;
    settings.advise(name, `${name} was refused with CROSS_SITE_REQUEST: ${reason}`, log);
    throw new VortexError('CROSS_SITE_REQUEST');
  };
  const found = crossSiteReason((header) => request.header(header), settings.csrf, isTrusted);
  return isPromise(found) ? found.then(refuse) : refuse(found);
}

/** The input of an operation, bound to the caller and frozen. */
interface Bound {
  readonly input: object;
  /** Whether the operation is in the caller's own name. Undefined for operations that have no such thing. */
  readonly self: boolean | undefined;
}

/** @throws VortexError `IDENTITY_MISMATCH` */
function bindToCaller<Context, User>(
  given: object,
  user: KnownUser,
  { name, definition }: Target,
  settings: Settings<Context, User>,
  log: Log,
): Bound {
  const input = deepFreeze(definition.bind?.(given, user) ?? given);
  const self = 'self' in definition ? definition.self(input, user) : undefined;
  if (!('mismatch' in definition) || self || settings.actsAsAnyone(name)) return { input, self };
  settings.advise(
    `${name} IDENTITY_MISMATCH`,
    `${name} was refused with IDENTITY_MISMATCH: the request is in the name of another person. If it is the caller's own, return the verified address, the name and the picture from authenticateUser. Only if callers may act for other people, set actAs: { ${name}: 'anyone' }.`,
    log,
  );
  throw new VortexError('IDENTITY_MISMATCH', `${definition.mismatch}.`);
}

/** The options of the calls that an operation makes. */
function callOptions<Context, User>(
  request: VortexRequest<Context>,
  definition: Target['definition'],
  settings: Settings<Context, User>,
  watch: Stopwatch | undefined,
  caller: string,
): Pick<Running, 'reading' | 'writing'> {
  const given = settings.forwardsTraceparent && !definition.local ? request.header('traceparent') : undefined;
  const traceparent = given && isTraceparent(given) ? given : undefined;
  const writing = { traceparent, observer: watch, caller };
  // Made when a read starts: a `/jwt`, which reads nothing, takes 8 % more CPU time otherwise.
  let readingOnce: CallOptions | undefined;
  const reading = () => {
    readingOnce ??= { ...writing, signal: request.signal() };
    return readingOnce;
  };
  return { reading, writing };
}

/** The operation, as rules see it. It is built in one step: V8 keeps a function that is added to an object later for longer. */
function operationFor(
  { input, self }: Bound,
  { name, definition }: Target,
  progress: Progress,
  create: () => Loader,
): Operation {
  const loader = () => {
    progress.loader ??= create();
    if (progress.isOver) progress.loader.end();
    return progress.loader;
  };
  const { invitationId, invitationIds } = input as { invitationId: string; invitationIds: string[] };
  return Object.freeze({
    name,
    ...input,
    ...(self !== undefined && { self }),
    ...(definition.loads === 'one' && { loadInvitation: () => loader().load(invitationId) }),
    ...(definition.loads === 'many' && {
      loadInvitations: () => loader().loadAll(invitationIds),
      loadOwnInvitations: () => loader().loadOwn(),
    }),
  }) as unknown as Operation;
}

/** The options of a token, with what the hooks add to it. */
function jwtOptions<Context, User>(
  op: Operation,
  user: User,
  context: Context,
  settings: Settings<Context, User>,
  hook: Hook,
): Running['jwt'] {
  const { format, expiresIn, attributes, payload } = settings.jwt;
  return {
    format,
    expiresIn,
    attributes: () => attributes && hook('jwt.attributes', () => attributes(op as OperationOf<'JWT'>, user, context)),
    payload: () => payload && hook('jwt.payload', () => payload(op as OperationOf<'JWT'>, user, context)),
    isContextJudged: settings.isJudged(op.name),
  };
}

/** @throws VortexError, `INTERNAL` if a hook gave an invalid value, or if the client threw an error that is not ours */
async function run(input: object, { name, definition }: Target, running: Running): Promise<unknown> {
  try {
    return await definition.run(input, running);
  } catch (error) {
    // By its mark, since the client may come from another copy of this package. The caller's input has been checked, so an
    // invalid argument came from a hook.
    const isOurs = VortexError.is(error);
    if (isOurs && error.code !== 'INVALID_ARGUMENT') throw error;
    const problem = isOurs ? 'received invalid values from a hook' : 'failed in the client';
    throw new VortexError('INTERNAL', `${name} ${problem}; see the cause.`, { cause: error });
  }
}

function authenticate<Context, User>(
  context: Context,
  settings: Settings<Context, User>,
  hook: Hook,
  log: Log,
): MaybePromise<User> {
  const requireUser = (user: User | null | undefined): User => {
    if (user === undefined) {
      const line = 'authenticateUser returned undefined, so the caller counts as signed out. Is a return missing?';
      settings.advise('authenticateUser', `${line} Return null for a signed-out caller.`, log);
    }
    if (user === null || user === undefined) throw new VortexError('UNAUTHENTICATED');
    return user;
  };
  const refuse = (error: unknown): never => {
    throw statusOf((error as VortexError).cause) === 401 ? new VortexError('UNAUTHENTICATED') : error;
  };
  let found: MaybePromise<User | null | undefined>;
  try {
    found = hook('authenticateUser', () => settings.authenticate(context));
  } catch (error) {
    return refuse(error);
  }
  return isPromise(found) ? found.then(requireUser, refuse) : requireUser(found);
}

/** A rule may deny by an error, whose sentence then is the reply's. */
function isDenial(cause: unknown): boolean {
  return VortexError.is(cause) && (cause.code === 'FORBIDDEN' || cause.code === 'NOT_FOUND');
}

/** Freezes the input, so that the operation that a rule has seen is the operation that runs. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}

/** Reads the parameters, and the body or the query. */
function parse(request: VortexRequest<unknown>, target: Target, bodyTimeout: number): MaybePromise<object> {
  const { definition, readParams } = target;
  const [, path = '', query = ''] = /^([^?#]*)\??([^#]*)/u.exec(request.url) ?? [];
  const params = readParams(path);
  const fields = definition.body
    ? readJsonObject(request, bodyTimeout, definition.body === 'optional')
    : readQuery(query);
  return isPromise(fields) ? fields.then((read) => inputOf(target, params, read)) : inputOf(target, params, fields);
}

/** The parameters come last, so that no field can replace one. */
function inputOf(target: Target, params: object, fields: object | undefined): MaybePromise<object> {
  if (!fields && target.definition.body === 'required') {
    throw new VortexError('INVALID_REQUEST', 'A JSON object is required as the request body.');
  }
  const given = { ...fields, ...params };
  const isEmpty = Object.keys(given).length === 0;
  if (isEmpty && target.empty) return target.empty;
  const validated = (inputs: Inputs) => {
    const input = validateInput(target, given, inputs);
    if (isEmpty) target.empty = deepFreeze(input);
    return input;
  };
  const inputs = target.inputs();
  return isPromise(inputs) ? inputs.then(validated) : validated(inputs);
}

function validateInput({ definition, reserved }: Target, given: object, inputs: Inputs): object {
  const schema = definition.schema(inputs);
  // A path and a query hold only text.
  const input = validate(schema, definition.body ? withoutNulls(schema, given) : given);
  const { invitationIds = [] } = input as { invitationIds?: readonly string[] };
  const index = invitationIds.findIndex((id) => isReserved(reserved, 'invitationId', id));
  if (index >= 0) throw invalidRequest([{ path: `invitationIds.${index}`, message: 'is a reserved word' }]);
  return input;
}
