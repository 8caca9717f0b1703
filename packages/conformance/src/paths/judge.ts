/** Compares the outcome of a request with its intents. */
import type { Agent } from 'node:http';
import type { Server } from '../server.js';
import type { Arrival, Upstream } from '../upstream.js';
import { exchange, type Reply } from './exchange.js';
import { type Call, decode, type Intent, intentsOf, readPairs } from './intents.js';
import type { HostileRequest } from './requests.js';
import type { Traits } from './traits.js';

export interface Tally {
  arrived: number;
  refused: number;
  /** Number of requests by the reason of their refusal, or by a property of the call that arrived. */
  kinds: Map<string, number>;
}

export interface Lane {
  server: Server;
  upstream: Upstream;
  hasFailed: boolean;
}

/** Sends a request and throws if its outcome is none of its intents. */
export async function judge(
  request: HostileRequest,
  lane: Lane,
  agent: Agent,
  traits: Traits,
  tally: Tally,
): Promise<void> {
  const intents = intentsOf(request, traits);
  const reply = await exchange(lane.server.url, request, agent).catch((error: Error) => error);
  const arrivals = lane.upstream.arrivals.splice(0);
  const flaw = flawOfOutcome(intents, reply, arrivals, request, traits);
  if (flaw) {
    lane.hasFailed = true;
    const asked = `${request.method} ${request.target}`;
    const came = arrivals.map(({ method, target }) => `${method} ${target}`);
    const answer = reply instanceof Error ? String(reply) : `${reply.status} ${reply.text.slice(0, 300)}`;
    throw new Error(
      `${flaw}\nrequest: ${asked}\nintents: ${JSON.stringify(intents)}\narrived: ${JSON.stringify(came)}\nreply: ${answer}`,
    );
  }
  // Requests after a failure belong to the search for a smaller example.
  if (lane.hasFailed) return;
  const count = (kind: string) => tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1);
  const [arrival] = arrivals;
  tally[arrival ? 'arrived' : 'refused'] += 1;
  if (!arrival) {
    for (const intent of intents) count(typeof intent === 'string' ? intent : 'may be refused by the framework');
    return;
  }
  const call = intents.find((intent) => typeof intent !== 'string' && isCallOf(arrival, intent)) as Call;
  for (const kind of kindsOf(call)) count(kind);
  if (!request.target.startsWith('/api/vortex/')) count('at another mount');
}

function flawOfOutcome(
  intents: Intent[],
  reply: Reply | Error,
  arrivals: Arrival[],
  { method, target }: HostileRequest,
  { takesOnlyPaths }: Traits,
): string | undefined {
  const calls = intents.filter((intent) => typeof intent !== 'string');
  if (reply instanceof Error) return 'There was no reply.';
  const [arrival, ...more] = arrivals;
  if (more.length > 0) return 'The call arrived more than once.';
  if (arrival && calls.length === 0) return 'A call arrived, and none is allowed.';
  if (arrival && !calls.some((call) => isCallOf(arrival, call))) return 'Another call arrived than the target means.';
  if (!arrival && calls.some((call) => call.isCertain)) return 'No call arrived, and one is required.';
  if (takesOnlyPaths && !target.startsWith('/') && !arrival && reply.status === 500) return undefined;
  if (arrival ? reply.status !== 200 : ![400, 404, 405, 414, 431].includes(reply.status))
    return 'The status of the reply is wrong.';
  const isJson = reply.type.startsWith('application/json');
  if (arrival && !isJson) return 'The reply is not JSON.';
  return isJson && method !== 'HEAD' && !isObject(reply.text) ? 'The reply is not a JSON object.' : undefined;
}

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** True if the arrival is the call: each value is one segment or parameter that decodes, once, to exactly the value. */
function isCallOf({ method, target }: Arrival, call: Call): boolean {
  const [, path = '', query] = /^\/api\/v1\/([^?#]*)(?:\?([^#]*))?$/u.exec(target) ?? [];
  const segments = path.split('/');
  const isSafe = (segment: string) =>
    /^(?:[\w.~!$&'()*+,;=:@-]|%[\dA-F]{2})+$/iu.test(segment) && !/^(?:\.|%2e){1,2}$/iu.test(segment);
  const pairs = readPairs(query ?? '');
  return (
    method === call.method &&
    segments.every(isSafe) &&
    segments.length === call.segments.length &&
    segments.every((segment, index) => decode(segment) === call.segments[index]) &&
    JSON.stringify(pairs) === JSON.stringify(call.query)
  );
}

const within: Readonly<Record<string, RegExp>> = {
  'a slash': /\//u,
  'a backslash': /\\/u,
  'a question mark': /\?/u,
  'a hash': /#/u,
  'a semicolon': /;/u,
  'an equals sign': /[=]/u,
  'an ampersand': /&/u,
  'a space': / /u,
  'a quote': /["']/u,
  'a plus': /\+/u,
  'an at sign': /@/u,
  'an escape': /%[\da-f]{2}/iu,
  'an escaped dot': /%(?:25)*2e/iu,
  'an escaped slash': /%2f/iu,
  'an escaped line break': /%0[ad]/iu,
  'a lone percent sign': /%(?![\da-f]{2})/iu,
  'dots among others': /\.\../su,
  'an astral character': /[\u{10000}-\u{10ffff}]/u,
  'a combining character': /\p{M}/u,
  "a route's or an object's word": /^(?:autojoin|accept|by-scope|by-group|reinvite|constructor|__proto__|toString)$/u,
};

function kindsOf({ method, segments, query, values }: Call): string[] {
  const names = Object.keys(within).filter((name) => values.some((value) => within[name]?.test(value)));
  const fields = query.map(([name]) => ` ${name}`).join('');
  return [`as ${method} of ${segments.length}${fields}`, ...names.map((name) => `with ${name}`)];
}

/** The kinds that a run of the usual length must have met. */
export const EXPECTED = [
  'matches no route',
  'has a method that the route does not take',
  'is not UTF-8',
  'is empty',
  'is too long',
  'is a dot segment',
  'is a reserved word',
  'has a slash in an id',
  'has a control character',
  'has a query that is too long',
  'repeats a key',
  'has a start that is not a number',
  'asks for an invalid address',
  'as GET of 1 targetType targetValue',
  'as GET of 2',
  'as DELETE of 2',
  'as POST of 3',
  'as GET of 4',
  'as GET of 4 start',
  'as DELETE of 4',
  'as GET of 5',
  'at another mount',
  ...Object.keys(within).map((name) => `with ${name}`),
];
