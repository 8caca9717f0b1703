/** The only place that knows in which order a request is checked. Plain data in, plain data out. */
import { type FoundBody, readJsonObject } from './body.js';
import { type CallOptions, isTraceparent } from './client.js';
import { checkOrigin } from './csrf.js';
import { VortexError } from './errors.js';
import { issuesOf } from './issues.js';
import { type Log, quiet } from './log.js';
import { type ResponseEvent, Stopwatch } from './observe.js';
import {
  type Definition,
  type Operation,
  type OperationName,
  type OperationOf,
  operations,
  type PersonalDefinition,
} from './operations.js';
import type { VortexOptions } from './options.js';
import { isPromise, type MaybePromise, within } from './promises.js';
import { failure, reply, type VortexReply } from './reply.js';
import { pathsOf } from './routes.js';
import { RESERVED } from './schemas.js';
import { readOptions, type Settings } from './settings.js';
import type { CallSignal } from './stream.js';
import { readUser, type VortexUser } from './user.js';
import type { Invitation } from './wire.js';

/** What an adapter makes of the framework's request. */
export interface VortexRequest<Context> {
  operation: OperationName;
  /** The path of ours that was taken, as it stands in `paths`. */
  path: string;
  /** The request target or the whole URL, undecoded. */
  url: string;
  /** Reads the body; rejects with `TooLargeError` past `limit` bytes. Called at most once, and not for every operation. */
  readBody(limit: number): Promise<FoundBody>;
  /** By lower-case name. */
  header(name: string): string | undefined;
  /** Aborted when the caller has left. Called at most once, and only where that would end something. */
  signal(): CallSignal | undefined;
  log: Log;
  /** The framework's own request, which the hooks are given. */
  context: Context;
}

export type Dispatch<Context> = (request: VortexRequest<Context>) => Promise<VortexReply>;

/**
 * The operations behind the application's hooks. What it returns never rejects.
 *
 * @throws VortexError `CONFIG` naming the option that is wrong
 */
export function createDispatch<Context, User extends VortexUser>(
  options: VortexOptions<Context, User>,
): Dispatch<Context> {
  const settings = readOptions(options);
  return async (request) => {
    const watch = settings.onResponse && new Stopwatch();
    const run: Run = { log: quiet(settings.log ?? request.log), watch, op: undefined };
    let answer: VortexReply;
    let code: ResponseEvent['code'] = 'OK';
    try {
      answer = reply(200, await perform(request, settings, run));
    } catch (thrown) {
      const error = thrown instanceof VortexError ? thrown : new VortexError('INTERNAL', undefined, { cause: thrown });
      if (error.status >= 500) await report(error, request, settings, run);
      answer = failure(error);
      code = error.code;
    }
    if (watch) announce(watch.event(request.operation, answer.status, code), request, settings, run);
    return answer;
  };
}

/** One request on its way. */
interface Run {
  readonly log: Log;
  /** There where somebody wants to know. */
  readonly watch: Stopwatch | undefined;
  /** Once there is one to authorise. */
  op: Operation | undefined;
}

async function perform<Context, User extends VortexUser>(
  request: VortexRequest<Context>,
  settings: Settings<Context, User>,
  run: Run,
): Promise<unknown> {
  const { operation: name, context } = request;
  const { watch } = run;
  const { hookTimeout } = settings;
  const hook: typeof callHook = (name, call, timeout, known) =>
    watch ? watch.hook(() => callHook(name, call, timeout, known)) : callHook(name, call, timeout, known);
  const definition: Definition | PersonalDefinition = operations[name];

  if (!definition.routes.every((route) => route.startsWith('GET '))) checkOrigin(request.header, settings);

  const user = await authenticate(context, settings, hook);
  const known = readUser(user);
  const input = await parse(definition, request);

  const bound = deepFreeze(definition.bind?.(input, known) ?? input);
  const self = 'self' in definition ? definition.self(bound, known) : undefined;
  if ('mismatch' in definition && !self && !settings.actsAsAnyone(name)) {
    const advice = `unless the application sets actAs: { ${name}: 'anyone' }`;
    throw new VortexError('IDENTITY_MISMATCH', `${definition.mismatch}, ${advice}.`);
  }

  const client = settings.clientFor(context);
  const given = settings.forwardsTraceparent && !definition.local ? request.header('traceparent') : undefined;
  const writing = { traceparent: given && isTraceparent(given) ? given : undefined, observer: watch };
  let readingOnce: CallOptions | undefined;
  const reading = () => {
    readingOnce ??= { ...writing, signal: request.signal() };
    return readingOnce;
  };
  const loader = createLoader((id) => client.getInvitation(id, reading()));
  const { invitationId, invitationIds } = bound as { invitationId: string; invitationIds: string[] };
  // All at once: functions that are added one by one outlive their request by two collections, and what they hold with them.
  const seen = Object.assign(
    { name },
    bound,
    self !== undefined && { self },
    definition.loads === 'one' && { loadInvitation: () => loader.load(invitationId) },
    definition.loads === 'many' && { loadInvitations: () => loader.loadAll(invitationIds) },
  );
  const op = Object.freeze(seen) as unknown as Operation;
  run.op = op;

  const isAllowed = () => settings.authorize(op, user, context, run.log);
  if (!(await hook('authorizeOperation', isAllowed, hookTimeout, loader.failures))) throw new VortexError('FORBIDDEN');

  const { format, expiresIn, attributes } = settings.jwt;
  let result: unknown;
  try {
    result = await definition.run(bound, {
      client,
      user: known,
      reading,
      writing,
      loadInvitation: () => loader.load(invitationId),
      jwt: {
        format,
        expiresIn,
        attributes: () =>
          attributes && hook('jwt.attributes', () => attributes(user, op as OperationOf<'JWT'>, context), hookTimeout),
      },
    });
  } catch (error) {
    // The caller's input has been checked, so what the client refuses now came from the application.
    const isOurs = error instanceof VortexError && error.code !== 'INVALID_ARGUMENT';
    throw isOurs ? error : new VortexError('INTERNAL', `${name} was given what it cannot use.`, { cause: error });
  }
  await hook('onSuccess', () => settings.onSuccess(op, result, user, context), hookTimeout);
  return result;
}

async function authenticate<Context, User>(
  context: Context,
  settings: Settings<Context, User>,
  hook: typeof callHook,
): Promise<User> {
  let user: User | null | undefined;
  try {
    user = await hook('authenticateUser', () => settings.authenticate(context), settings.hookTimeout);
  } catch (error) {
    throw statusOf((error as VortexError).cause) === 401 ? new VortexError('UNAUTHENTICATED') : error;
  }
  if (user === null || user === undefined) throw new VortexError('UNAUTHENTICATED');
  return user;
}

/** What a rule has seen is what is run, to the last field. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}

/** Frameworks spell the status of an error either way. */
function statusOf(error: unknown): unknown {
  const { status, statusCode } = Object(error) as { status?: unknown; statusCode?: unknown };
  return status ?? statusCode;
}

/** Calls a hook of the application. What it throws is its own fault, except for `known` errors, which pass. */
export function callHook<Result>(
  name: string,
  call: () => MaybePromise<Result>,
  timeout: number,
  known?: ReadonlySet<unknown>,
): MaybePromise<Result> {
  const fail = (cause: unknown) => {
    throw known?.has(cause) ? cause : new VortexError('INTERNAL', `${name} threw.`, { cause });
  };
  try {
    const answer = call();
    // What is there already is not late, and needs no clock.
    if (!isPromise(answer)) return answer;
    const late = () => new VortexError('HOOK_TIMEOUT', `${name} took more than ${timeout} ms.`);
    return within(timeout, Promise.resolve(answer).catch(fail), late);
  } catch (cause) {
    return fail(cause);
  }
}

/** Parameters last, so that no field of a body can stand in for one. */
async function parse<Context>(definition: Definition, request: VortexRequest<Context>): Promise<object> {
  const { path, url, readBody, header } = request;
  const [, target = '', query = ''] = /^([^?#]*)\??([^#]*)/u.exec(url) ?? [];
  const params = readParams(path, target);
  const fields = definition.body ? await readJsonObject(readBody, header) : readQuery(query);
  if (!fields && definition.body === 'required') {
    throw new VortexError('INVALID_REQUEST', 'A JSON object is required as the request body.');
  }
  const result = definition.schema.safeParse({ ...fields, ...params });
  if (result.success) return result.data;
  throw invalid(issuesOf(result.error));
}

type Part = { name: string; literal?: undefined } | { literal: string; name?: undefined };

/** Of each path of ours: its segments, parameters by name. */
const patterns = new Map(
  pathsOf({}).map(({ path }) => {
    const parts = path.split('/').slice(1);
    return [path, parts.map((part): Part => (part.startsWith(':') ? { name: part.slice(1) } : { literal: part }))];
  }),
);

/**
 * The parameters of our own part of the path, which is its end. The framework's would not do: Fastify and Hono mix in
 * those of the host's mount path, which may have the same names, and Hono leaves broken escapes as they are.
 */
function readParams(path: string, target: string): Record<string, string> {
  const pattern = patterns.get(path) ?? [];
  // A host may have told its router to overlook a slash at the end.
  const segments = (target.endsWith('/') ? target.slice(0, -1) : target).split('/').slice(-pattern.length);
  const params: Record<string, string> = {};
  for (const [index, { name, literal }] of pattern.entries()) {
    const segment = decode(segments[index] ?? '');
    if (literal === undefined ? segment === '' : segment.toLowerCase() !== literal) throw new VortexError('NOT_FOUND');
    if (name !== undefined) params[name] = segment;
  }
  if (RESERVED.has(params.invitationId ?? '')) throw new VortexError('NOT_FOUND');
  return params;
}

/** The result is used, for bundlers drop a call of a builtin whose result is not, and the check with it. */
function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new VortexError('INVALID_REQUEST', 'The path and the query must be percent-encoded UTF-8.');
  }
}

const MAX_QUERY_LENGTH = 2048;

function readQuery(query: string): Record<string, string> {
  if (query === '') return {};
  decode(query);
  if (query.length > MAX_QUERY_LENGTH) {
    throw new VortexError('INVALID_REQUEST', `The query is over ${MAX_QUERY_LENGTH} characters.`);
  }
  // It drops a question mark at the beginning, and so must be given one of ours.
  const entries = [...new URLSearchParams(`?${query}`)];
  const fields = Object.fromEntries(entries);
  if (Object.keys(fields).length === entries.length) return fields;
  const names = entries.map(([name]) => name);
  throw invalid([{ path: names.find((name, index) => names.indexOf(name) < index) ?? '', message: 'is given twice' }]);
}

function invalid(issues: { path: string; message: string }[]): VortexError {
  const [first] = issues;
  return new VortexError('INVALID_REQUEST', `${first?.path || 'The input'} ${first?.message}.`, { issues });
}

/** Fetches each invitation at most once a request, ten at a time, and remembers which errors were of its making. */
function createLoader(fetchInvitation: (id: string) => Promise<Invitation>) {
  const failures = new Set<unknown>();
  const loaded = new Map<string, Promise<Invitation>>();
  const load = (id: string) => {
    const known = loaded.get(id);
    if (known) return known;
    const loading = fetchInvitation(id).catch((error: unknown) => {
      failures.add(error);
      throw error;
    });
    // A rule may begin to load and then decide without: what is not awaited must not end the process.
    loading.catch(() => {});
    loaded.set(id, loading);
    return loading;
  };
  const loadAll = async (ids: readonly string[]) => {
    const invitations: Invitation[] = [];
    for (let start = 0; start < ids.length; start += 10) {
      invitations.push(...(await Promise.all(ids.slice(start, start + 10).map(load))));
    }
    return invitations;
  };
  return { load, loadAll, failures };
}

async function report<Context, User>(
  error: VortexError,
  { operation }: VortexRequest<Context>,
  { onError, hookTimeout }: Settings<Context, User>,
  { log, op }: Run,
): Promise<void> {
  log('error', `Vortex: ${operation} failed with ${error.code}: ${error.message}`, error);
  try {
    await callHook('onError', () => onError?.(error, op), hookTimeout);
  } catch (failed) {
    log('error', `Vortex: ${(failed as VortexError).message}`, failed);
  }
}

/** Nobody waits for it: an answer is not held up by being counted. */
function announce<Context, User>(
  event: ResponseEvent,
  { context }: VortexRequest<Context>,
  { onResponse, hookTimeout }: Settings<Context, User>,
  { log }: Run,
): void {
  const tell = async () => callHook('onResponse', () => onResponse?.(event, context), hookTimeout);
  tell().catch((failed: VortexError) => log('error', `Vortex: ${failed.message}`, failed));
}
