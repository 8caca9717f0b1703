/** The only place that knows in which order a request is checked. Plain data in, plain data out. */

import { type CallOptions, isTraceparent } from '../api/client.js';
import type { CallSignal } from '../api/transport.js';
import type { Invitation } from '../api/wire.js';
import { type FoundBody, readJsonObject } from '../http/body.js';
import { failure, reply, type VortexReply } from '../http/reply.js';
import { asVortexError, VortexError } from '../lib/errors.js';
import { callHook, tell } from '../lib/hooks.js';
import { issuesOf, WITH_INPUT } from '../lib/issues.js';
import { type Log, logToConsole, quiet } from '../lib/log.js';
import type { MaybePromise } from '../lib/promises.js';
import { checkOrigin } from './csrf.js';
import { type ResponseEvent, Stopwatch } from './observe.js';
import {
  type Definition,
  isRead,
  type Operation,
  type OperationName,
  type OperationOf,
  operations,
  type PersonalDefinition,
} from './operations.js';
import type { VortexOptions } from './options.js';
import { pathsOf } from './paths.js';
import { RESERVED } from './schemas.js';
import { readOptions, type Settings } from './settings.js';
import { readUser, type VortexUser } from './user.js';

/** What an adapter makes of the framework's request. */
export interface VortexRequest<Context> {
  operation: OperationName;
  /** The path of ours that was taken, as `pathsOf` has it. */
  path: string;
  /** The request target or the whole URL, undecoded. */
  url: string;
  /** Reads the body; rejects with `TooLargeError` past `limit` bytes. Called at most once, and not for every operation. */
  readBody(limit: number): Promise<FoundBody>;
  /** By lower-case name. */
  header(name: string): string | undefined;
  /** Aborted when the caller has left. Called at most once, and only where that would end something. */
  signal(): CallSignal | undefined;
  /** Default: `console`. */
  log?: Log | undefined;
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
    const { operation, context } = request;
    const { hookTimeout, onError, onResponse } = settings;
    const watch = onResponse && new Stopwatch();
    const log = quiet(settings.log ?? request.log ?? logToConsole);
    const progress: Progress = { log, watch, op: undefined };
    let answer: VortexReply;
    let code: ResponseEvent['code'] = 'OK';
    try {
      answer = reply(200, await perform(request, settings, progress));
    } catch (thrown) {
      const error = asVortexError(thrown);
      if (error.status >= 500) {
        log('error', `Vortex: ${operation} failed with ${error.code}: ${error.message}`, error);
        const telling = () => tell('onError', () => onError?.(error, progress.op), hookTimeout, log);
        await (watch ? watch.hook(telling) : telling());
      }
      answer = failure(error);
      code = error.code;
    }
    if (watch) {
      const event = watch.event(operation, answer.status, code);
      // Nobody waits for it: an answer is not held up by being counted.
      void tell('onResponse', () => onResponse?.(event, context), hookTimeout, log);
    }
    return answer;
  };
}

/** One request on its way. */
interface Progress {
  readonly log: Log;
  /** Where somebody wants to know. */
  readonly watch: Stopwatch | undefined;
  /** Once there is one to authorise. */
  op: Operation | undefined;
}

/** Calls a hook within its time, and counts that. */
type Hook = <Result>(
  name: string,
  call: () => MaybePromise<Result>,
  known?: ReadonlySet<unknown>,
) => MaybePromise<Result>;

async function perform<Context, User extends VortexUser>(
  request: VortexRequest<Context>,
  settings: Settings<Context, User>,
  progress: Progress,
): Promise<unknown> {
  const { operation: name, context } = request;
  const { watch, log } = progress;
  const hook: Hook = (what, call, known) => {
    const calling = () => callHook(what, call, settings.hookTimeout, known);
    return watch ? watch.hook(calling) : calling();
  };
  const definition: Definition | PersonalDefinition = operations[name];

  if (!isRead(definition)) checkOrigin(request.header, settings);

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
  // In one go: functions that are added one by one, and all that they hold, live on for two more garbage collections.
  const seen = Object.assign(
    { name },
    bound,
    self !== undefined && { self },
    definition.loads === 'one' && { loadInvitation: () => loader.load(invitationId) },
    definition.loads === 'many' && { loadInvitations: () => loader.loadAll(invitationIds) },
  );
  const op = Object.freeze(seen) as unknown as Operation;
  progress.op = op;

  const isAllowed = () => settings.authorize(op, user, context, log);
  if (!(await hook('authorizeOperation', isAllowed, loader.failures))) throw new VortexError('FORBIDDEN');

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
          attributes && hook('jwt.attributes', () => attributes(user, op as OperationOf<'JWT'>, context)),
      },
    });
  } catch (error) {
    // The caller's input has been checked, so what the client refuses now came from the application.
    const isOurs = error instanceof VortexError && error.code !== 'INVALID_ARGUMENT';
    throw isOurs ? error : new VortexError('INTERNAL', `${name} was given what it cannot use.`, { cause: error });
  }
  await hook('onSuccess', () => settings.onSuccess(op, result, user, context));
  return result;
}

async function authenticate<Context, User>(
  context: Context,
  settings: Settings<Context, User>,
  hook: Hook,
): Promise<User> {
  let user: User | null | undefined;
  try {
    user = await hook('authenticateUser', () => settings.authenticate(context));
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

/** Parameters last, so that no field of a body can stand in for one. */
async function parse(definition: Definition, request: VortexRequest<unknown>): Promise<object> {
  const { path, url, readBody, header } = request;
  const [, target = '', query = ''] = /^([^?#]*)\??([^#]*)/u.exec(url) ?? [];
  const params = readParams(path, target);
  const fields = definition.body ? await readJsonObject(readBody, header) : readQuery(query);
  if (!fields && definition.body === 'required') {
    throw new VortexError('INVALID_REQUEST', 'A JSON object is required as the request body.');
  }
  const result = definition.schema.safeParse({ ...fields, ...params }, WITH_INPUT);
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

/** Returned even to whoever wants only the check: bundlers drop a builtin's call whose result goes nowhere. */
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
