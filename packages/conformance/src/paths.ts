/**
 * Hostile ids, scopes and queries through an adapter, over HTTP, to an upstream that writes down what arrives. Whatever
 * arrives must be exactly what the request target says it should be; what that is, is worked out here from the target
 * alone and without core. A lane is a server with an upstream of its own that gets one request at a time, so that every
 * arrival belongs to one request; lanes run side by side.
 */
import { Agent, request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { USER_HEADER } from './application.js';
import type { Server, Start } from './index.js';
import { type Arrival, startUpstream, type Upstream } from './upstream.js';

export interface Traits {
  /**
   * Its requests are `Request`s, and the URL parser of the runtime has resolved dot segments and backslashes before
   * anybody's router looks: what it made of the target is the path that was asked for. Deno and Node leave some as they
   * are, to be refused or to be values; workerd resolves once before it knows of backslashes, and once after.
   */
  resolves?: 'always' | 'sometimes' | 'twice';
  /** It takes bytes beyond ASCII, to which HTTP gives no meaning, for UTF-8, well-formed or not. Node: Latin-1. */
  readsUtf8?: boolean;
  /** It answers 500 by itself to a target that is no path and to some that are a whole URL. */
  takesOnlyPaths?: boolean;
  lanes?: number;
  /** Of the usual number of requests. */
  share?: number;
}

const USUAL_RUNS = 2000;
const AT_LEAST_ARRIVED = 0.2;

/** `PATHS_SEED` and `PATHS_RUNS` replace the seed, which is a new one every time, and the number of requests. */
export function definePaths(adapter: string, start: Start, traits: Traits = {}): void {
  const { lanes: laneCount = 16, share = 1 } = traits;
  const seed = wholeNumber('PATHS_SEED') ?? Date.now() % 2 ** 31;
  const runs = Math.ceil((wholeNumber('PATHS_RUNS') ?? USUAL_RUNS) * share);

  test(`hostile paths through ${adapter}`, { timeout: 60_000 + runs * 20 }, async ({ task }) => {
    const say = (figures: string) =>
      Object.assign(task.meta, { report: `paths: ${adapter}: seed ${seed}, ${figures}` });
    say('not finished');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const lanes = await Promise.all(Array.from({ length: laneCount }, () => openLane(start)));
    const tally: Tally = { arrived: 0, refused: 0, kinds: new Map() };
    try {
      const results = await Promise.all(
        lanes.map((lane, index) =>
          fc.check(
            fc.asyncProperty(requests, (request) => judge(request, lane, agent, traits, tally)),
            { seed: seed + index, numRuns: Math.ceil(runs / laneCount) },
          ),
        ),
      );
      // Nothing comes late either.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const late = lanes.flatMap(({ upstream }) => upstream.arrivals);

      const { arrived, refused, kinds } = tally;
      const wrong = results.filter((result) => result.failed).length;
      const requested = arrived + refused + wrong;
      say(`${requested} requests, ${arrived} arrived, ${refused} refused, ${wrong} wrong`);
      const failed = results.find((result) => result.failed);
      if (failed) {
        const { message } = failed.errorInstance as Error;
        throw new Error(`${adapter}, PATHS_SEED=${seed}: ${message}\n${fc.defaultReportMessage(failed)}`);
      }
      expect(late).toEqual([]);

      // It is no success that nothing wrong arrives where nothing arrives, or where nothing bad was tried.
      expect(arrived).toBeGreaterThan(requested * AT_LEAST_ARRIVED);
      if (runs >= USUAL_RUNS) expect(EXPECTED.filter((kind) => !kinds.has(kind))).toEqual([]);
    } finally {
      agent.destroy();
      await Promise.all(lanes.map(({ server }) => server.close()));
      await Promise.all(lanes.map(({ upstream }) => upstream.close()));
    }
  });
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (!text) return undefined;
  if (/^\d{1,9}$|^[12]\d{9}$/u.test(text)) return Number(text);
  throw new Error(`${name} must be a whole number.`);
}

interface Lane {
  server: Server;
  upstream: Upstream;
  hasFailed: boolean;
}

async function openLane(start: Start): Promise<Lane> {
  const upstream = await startUpstream();
  const body = JSON.stringify({ id: 'i-1', invitations: [], autojoinDomains: [], invitation: null });
  upstream.script({ status: 200, headers: { 'content-type': 'application/json' }, body });
  return { upstream, hasFailed: false, server: await start({ apiKey: upstream.apiKey, baseUrl: upstream.url }) };
}

// --- What is sent. Text is a string of bytes, each a character below U+0100: not all of it is UTF-8.

interface HostileRequest {
  method: string;
  target: string;
}

const bytes = (text: string) => Buffer.from(text).toString('latin1');
const among = (...texts: string[]) => fc.constantFrom(...texts.map(bytes));

const PHONES = ['phone', 'phoneNumber', 'sms'];
const RESERVED = ['accept', 'autojoin', 'by-scope', 'by-group', 'sync-internal-invitation'];
const WORDS = ['reinvite', 'constructor', '__proto__', 'toString', 'null', 'undefined'];
const OVERLONG = ['a'.repeat(101), 'b'.repeat(3000)];

const plain = fc.oneof(among('i-1', 'team', '42', 'a', 'Z_9~', 'x.y', '.env', '...'), fc.uuid());
const piece = fc.oneof(
  { weight: 8, arbitrary: plain },
  { weight: 4, arbitrary: among('.', '..', './', '../', '/..', '..\\', '. ', '..;') },
  { weight: 3, arbitrary: among('/', '\\', '//', '\\\\') },
  { weight: 4, arbitrary: among('%2e', '%252e', '%25252E', '%2e%2E', '.%2e', '%25%32%65') },
  { weight: 4, arbitrary: among('%', '%2f', '%252F', '%5c', '%00', '%0d%0a', '%3f', '%23', '%zz', '%u002e', '%c0%ae') },
  { weight: 2, arbitrary: among('\0', '\r\n', '\t', '\x1b', '\x7f', '\x85') },
  { weight: 8, arbitrary: among(...`?#;=&+ "'@:,*|<>^\`{}[]$!()`) },
  { weight: 3, arbitrary: among(...RESERVED) },
  { weight: 3, arbitrary: among(...WORDS) },
  {
    weight: 4,
    arbitrary: among('🚀', '𝒳', 'é', 'e\u0301', 'ﬀ', '\u202e', '\ufeff', '\u2028', '\xa0', '．', '／', '\u212a'),
  },
  // Halves of surrogate pairs, a character over-long, and half of one: none of it is UTF-8.
  { weight: 1, arbitrary: fc.constantFrom('\xed\xa0\x80', '\xed\xbf\xbf', '\xc0\xaf', '\xe0\x80\xae', '\xc3', '\xff') },
  { weight: 1, arbitrary: among('a'.repeat(100), 'é'.repeat(99), '/'.repeat(40), ...OVERLONG) },
);
const pieces = fc.oneof(
  { weight: 3, arbitrary: piece },
  { weight: 3, arbitrary: fc.array(piece, { maxLength: 4 }).map((all) => all.join('')) },
);

const layer = fc.record({ of: fc.constantFrom('all', 'unsafe', 'some'), mask: fc.nat(), hex: fc.nat(2) });
type Layer = Parameters<Parameters<typeof layer.map>[0]>[0];

function percentEncode(text: string, { of, mask, hex }: Layer): string {
  return text.replace(/./gsu, (byte, index: number) => {
    const isLeft = of === 'unsafe' ? /[\w.~-]/u.test(byte) : of === 'some' && ((mask >> (index % 31)) & 1) === 0;
    if (isLeft) return byte;
    const isUpper = hex === 0 || (hex === 2 && index % 2 === 0);
    return isUpper ? escapeByte(byte).toUpperCase() : escapeByte(byte);
  });
}

const escapeByte = (byte: string) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
/** What node:http does not let out, and no more. */
const sendable = (text: string) => text.replace(/[\0- ]/gu, escapeByte);

/** As a client would write it: encoded once, where it must be. */
const written = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.nat(2)).map(([text, hex]) => percentEncode(text, { of: 'unsafe', mask: 0, hex }));
const strange = fc
  .array(among(...`/\\?#;=& "'+@%`, '%41', '%252e', '%2F', '%0a', '..', 'a', '🚀', 'e\u0301'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((all) => `i${all.join('')}`);
const harmful = fc
  .tuple(pieces, fc.array(layer, { maxLength: 3 }))
  .map(([text, layers]) => layers.reduce(percentEncode, text));
const value = fc.oneof(
  { weight: 2, arbitrary: plain },
  { weight: 1, arbitrary: among(...WORDS) },
  { weight: 1, arbitrary: among(...RESERVED, ...OVERLONG) },
  { weight: 4, arbitrary: written(strange) },
  { weight: 3, arbitrary: written(pieces) },
  { weight: 4, arbitrary: harmful },
);

const rarely = (usual: string, ...others: string[]) =>
  fc.oneof({ weight: 40, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: among(...others) });
const invitations = rarely('invitations', 'invit%61tions', 'Invitations', 'invitations%2f..', 'invitations.');
const byScope = fc.oneof(rarely('by-scope', 'by%2dscope', 'BY-SCOPE', 'by-scope;'), rarely('by-group', 'by-grou%70'));
const read = fc.constantFrom('GET', 'GET', 'GET', 'HEAD');
const method = fc.constantFrom('GET', 'GET', 'DELETE', 'DELETE', 'HEAD', 'PUT', 'PATCH', 'POST');

const field = fc
  .tuple(
    among('start', 'start', 'targetType', 'targetValue', 'invitationId', 'scope', 'scopeType', '__proto__', 'x', ''),
    rarely('=', '', '%3d'),
    fc.oneof(among('0', '20', '007', '1e3', '-1'), value),
  )
  .map((parts) => parts.join(''));
const startQuery = among('0', '20', '20', '007', '-1', '1e3', '').map((start) => `?start=${start}`);
const query = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: fc.array(field, { minLength: 1, maxLength: 2 }).map((all) => `?${all.join('&')}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '?',
      '?&&',
      `?x=${'a'.repeat(2048)}`,
      `?${'a'.repeat(3000)}`,
      '#',
      '#?start=1',
      '?start=1#&x',
    ),
  },
);
const address = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('internal', 'username'), value) },
  fc.tuple(
    fc.constantFrom('email'),
    value.map((local) => `${local}@harbor.example`),
  ),
  fc.tuple(fc.constantFrom('phone', 'sms', 'phoneNumber'), among('+1 (555) 010-2030', '%2B44 20', '12', '1;2;3')),
  fc.tuple(value, value),
);
const targetQuery = fc
  .tuple(
    address,
    rarely('targetType', 'target%54ype', 'targettype'),
    rarely('targetValue', 'targetValue[]'),
    fc.boolean(),
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(field, { maxLength: 2 }) }),
    rarely('&', '&&', ';', '%26'),
  )
  .map(([[type, address], typeName, valueName, isTypeFirst, others, separator]) => {
    const fields = [`${typeName}=${type}`, `${valueName}=${address}`];
    return `?${[...(isTypeFirst ? fields : fields.reverse()), ...others].join(separator)}`;
  });

const route = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(method, fc.tuple(invitations, value), query) },
  {
    weight: 3,
    arbitrary: fc.tuple(rarely('POST', 'GET'), fc.tuple(invitations, value, rarely('reinvite', 'reinvit%65')), query),
  },
  { weight: 4, arbitrary: fc.tuple(method, fc.tuple(invitations, byScope, value, value), fc.oneof(query, startQuery)) },
  {
    weight: 3,
    arbitrary: fc.tuple(read, fc.tuple(invitations, byScope, value, value, rarely('autojoin', 'autojoi%6e')), query),
  },
  { weight: 7, arbitrary: fc.tuple(read, fc.tuple(invitations), targetQuery) },
);
const mount = fc.oneof(
  { weight: 12, arbitrary: fc.constant('/api/vortex') },
  { weight: 3, arbitrary: fc.tuple(plain, plain).map(([a, b]) => `/of/${a}/${b}`) },
  { weight: 2, arbitrary: fc.tuple(value, value).map(([a, b]) => `/of/${a}/${b}`) },
  { weight: 1, arbitrary: among('/%61pi/vortex', '/API/Vortex', '/api%2fvortex', '/api/vortex;', '/api/./vortex') },
);
const front = rarely('', '/', '/.', '/x/..', '/..', '/%2e%2e', '\\', '/\\', 'http://127.0.0.1', 'http://h.example:1');
const joint = rarely('/', '//', '/./', '\\', '%2f', '/x/../', '/%2e/', '/;/');
const behind = rarely(
  '',
  '/',
  '//',
  '/.',
  '/..',
  '/../..',
  '/../accept',
  '/%2e%2e',
  '/..%2f',
  '/%2e%2e/x',
  '%2f..',
  '#',
  ';',
);

const requests: fc.Arbitrary<HostileRequest> = fc
  .tuple(route, front, mount, fc.tuple(joint, joint), behind)
  .map(([[method, segments, query], front, mount, joints, behind]) => {
    const path = segments.reduce((path, segment, index) => path + (joints[index] ?? '/') + segment, front + mount);
    return { method, target: sendable(path + behind + query) };
  });

// --- What should come of it.

/** What a request should become upstream. */
interface Call {
  method: string;
  segments: string[];
  query: [name: string, value: string][];
  /** What of all that the caller chose. */
  values: string[];
  /** Every adapter takes it. Where it is false some do and some do not, but nothing else may arrive. */
  isCertain: boolean;
}
/** A call, or why there is none. */
type Intent = Call | string;

/** Usually one; some targets may be read in more than one way, and a request must then come to one of them. */
function intentsOf({ method, target }: HostileRequest, { resolves, readsUtf8 }: Traits): Intent[] {
  const ascii = target.replace(/[^\x20-\x7e]+/gu, (beyond) =>
    encodeURIComponent(readsUtf8 ? Buffer.from(beyond, 'latin1').toString('utf8') : beyond),
  );
  const local = ascii.replace(/^http:\/\/[^/?#]*/u, '');
  const readings = new Set([resolves ? resolve(local) : local]);
  if (resolves === 'sometimes') readings.add(local);
  if (resolves === 'twice') readings.add(resolve(resolve(local, '/')));
  return Array.from(readings, (reading) => {
    const intent = intentOf(method, reading);
    return typeof intent !== 'string' && reading !== target ? { ...intent, isCertain: false } : intent;
  });
}

/** By the URL standard, but written out: Node 20 and 22 leave `..` behind a segment such as `.env` as it is. */
function resolve(target: string, separator: string | RegExp = /[/\\]/u): string {
  if (!target.startsWith('/')) return target;
  const [, path = '', rest = ''] = /^([^?#]*)(.*)$/su.exec(target) ?? [];
  const resolved: string[] = [];
  const segments = path.split(separator).slice(1);
  for (const [index, segment] of segments.entries()) {
    const dots = segment.replace(/%2e/giu, '.');
    if (dots === '..') resolved.pop();
    if (dots !== '.' && dots !== '..') resolved.push(segment);
    else if (index === segments.length - 1) resolved.push('');
  }
  return `/${resolved.join('/')}${rest}`;
}

function intentOf(method: string, target: string): Intent {
  if (!target.startsWith('/')) return 'is no path';
  const [, path = '', query = ''] = /^([^?#]*)\??([^#]*)/u.exec(target) ?? [];
  const all = path.split('/').slice(1);
  const depth = all[0] === 'of' ? 3 : /^api\/vortex$/iu.test(all.slice(0, 2).map(decode).join('/')) ? 2 : Infinity;
  const [mount, raw] = [all.slice(0, depth), all.slice(depth)];
  const segments = raw.map(decode).filter((segment) => segment !== undefined);
  if (segments.length < raw.length) return 'is not UTF-8';

  const route = ROUTES.find(
    ({ parts }) =>
      parts.length === segments.length &&
      parts.every((part, index) => part.startsWith(':') || part === segments[index]),
  );
  if (!route) return 'is no route';
  const verb = method === 'HEAD' ? 'GET' : method;
  if (!route.methods.includes(verb)) return 'is no method of the route';
  const values = segments.filter((_, index) => route.parts[index]?.startsWith(':'));
  for (const value of values) {
    const flaw = flawOf(value) || (route.parts.includes(':id') && flawOfId(value));
    if (flaw) return flaw;
  }
  if (query.length > 2048) return 'has a query that is too long';
  const pairs = readPairs(query);
  if (typeof pairs === 'string') return pairs;
  const passed = verb === 'GET' && route.passOn ? route.passOn(new Map(pairs)) : [];
  if (typeof passed === 'string') return passed;

  return {
    method: verb,
    segments: segments.map((segment, index) => (route.parts[index] === 'by-group' ? 'by-scope' : segment)),
    query: passed,
    values: [...values, ...passed.map(([, value]) => value)],
    isCertain:
      // All of it by RFC 3986, and in its simplest form.
      /^[\w.~!$&'()*+,;=:@%/?-]{1,7000}$/u.test(target) &&
      (depth === 2 ? mount.join('/') === 'api/vortex' : mount.every((part) => /^[\w~-]{1,100}$/u.test(part))) &&
      route.parts.every((part, index) => part.startsWith(':') || part === raw[index]) &&
      !values.some(isDotsSomehow) &&
      // Fastify's router counts a surrogate pair as two.
      values.every((value) => value.length <= 100) &&
      !passed.some(([name, value]) => name === 'targetType' && PHONES.includes(value)),
  };
}

interface Route {
  methods: string[];
  parts: string[];
  /** What goes along of the query, or why it is refused. */
  passOn?(query: ReadonlyMap<string, string>): Call['query'] | string;
}

const ROUTES: readonly Route[] = [
  { methods: ['GET'], parts: ['invitations'], passOn: passOnTarget },
  { methods: ['GET', 'DELETE'], parts: ['invitations', ':id'] },
  { methods: ['POST'], parts: ['invitations', ':id', 'reinvite'] },
  { methods: ['GET', 'DELETE'], parts: ['invitations', 'by-scope', ':type', ':scope'], passOn: passOnStart },
  { methods: ['GET', 'DELETE'], parts: ['invitations', 'by-group', ':type', ':scope'], passOn: passOnStart },
  { methods: ['GET'], parts: ['invitations', 'by-scope', ':type', ':scope', 'autojoin'] },
];

function flawOfId(id: string): string | undefined {
  if (RESERVED.includes(id)) return 'is a reserved word';
  return /[/\\]/u.test(id) ? 'has a slash in an id' : undefined;
}

/** In characters, of which a surrogate pair is one. */
const lengthOf = (text: string) => [...text].length;
const isControl = (text: string) => /\p{Cc}/u.test(text);

function flawOf(value: string): string | undefined {
  if (value === '') return 'is empty';
  if (lengthOf(value) > 100) return 'is too long';
  if (isControl(value)) return 'has a control character';
  let text = value;
  while (/%25/u.test(text)) text = text.replaceAll('%25', '%');
  return /^(?:\.|%2e){1,2}$/iu.test(text) ? 'is a dot segment' : undefined;
}

/** Dots to whoever decodes often enough, if every step encoded more than it had to. */
function isDotsSomehow(value: string): boolean {
  let text: string | undefined = value;
  for (let depth = 0; depth < 8 && text !== undefined; depth += 1) {
    if (/^\.{1,2}$/u.test(text)) return true;
    text = decode(text);
  }
  return false;
}

function readPairs(query: string): Call['query'] | string {
  const pairs: Call['query'] = [];
  for (const part of query.split('&').filter((part) => part !== '')) {
    const [, ...both] = /^([^=]*)=?(.*)$/su.exec(part.replaceAll('+', ' ')) ?? [];
    const [name, value] = both.map(decode);
    if (name === undefined || value === undefined) return 'is not UTF-8';
    if (pairs.some(([known]) => known === name)) return 'repeats a key';
    pairs.push([name, value]);
  }
  return pairs;
}

function passOnStart(query: ReadonlyMap<string, string>): Call['query'] | string {
  const start = query.get('start');
  if (start === undefined) return [];
  return /^[0-9]{1,9}$/u.test(start) ? [['start', String(Number(start))]] : 'starts at no number';
}

function passOnTarget(query: ReadonlyMap<string, string>): Call['query'] | string {
  const type = query.get('targetType') ?? '';
  const address = query.get('targetValue') ?? '';
  const isText = address !== '' && lengthOf(address) <= 1000 && !isControl(address);
  if (!isText || !isAddress(type, address)) return 'asks for no address';
  return [
    ['targetType', type],
    ['targetValue', address],
  ];
}

function isAddress(type: string, address: string): boolean {
  if (type === 'internal' || type === 'username') return true;
  // And more than that, which is not repeated here: such a call is never certain.
  if (PHONES.includes(type)) return address.replace(/[^0-9]/gu, '').length >= 3;
  const [local, domain, ...more] = address.split('@');
  return type === 'email' && !!local && !!domain && more.length === 0 && !/\s/u.test(address);
}

/** Percent-decodes once, or says that it cannot: broken escapes, and what is not UTF-8. */
function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  if (/%(?![\da-f]{2})/iu.test(text)) return undefined;
  const plain = Buffer.from(text).toString('latin1');
  const decoded = plain.replace(/%(..)/gu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(decoded, 'latin1'));
  } catch {
    return undefined;
  }
}

// --- What came of it.

interface Tally {
  arrived: number;
  refused: number;
  /** How often a request was refused for a reason, or brought a character there. */
  kinds: Map<string, number>;
}

/** Throws where a request came to anything but what it should. */
async function judge(request: HostileRequest, lane: Lane, agent: Agent, traits: Traits, tally: Tally): Promise<void> {
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
      `${flaw}\nasked: ${asked}\nintended: ${JSON.stringify(intents)}\narrived: ${JSON.stringify(came)}\nanswer: ${answer}`,
    );
  }
  // What follows a failure is the search for a smaller one.
  if (lane.hasFailed) return;
  const count = (kind: string) => tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1);
  const [arrival] = arrivals;
  tally[arrival ? 'arrived' : 'refused'] += 1;
  if (!arrival) {
    for (const intent of intents) count(typeof intent === 'string' ? intent : 'is left to the framework');
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
  if (reply instanceof Error) return 'There is no answer.';
  const [arrival, ...more] = arrivals;
  if (more.length > 0) return 'It arrives more than once.';
  if (arrival && calls.length === 0) return 'It must not arrive.';
  if (arrival && !calls.some((call) => isCallOf(arrival, call))) return 'Something else arrives.';
  if (!arrival && calls.some((call) => call.isCertain)) return 'It must arrive.';
  if (takesOnlyPaths && !target.startsWith('/') && !arrival && reply.status === 500) return undefined;
  if (arrival ? reply.status !== 200 : ![400, 404, 405, 414, 431].includes(reply.status)) return 'The status is wrong.';
  const isJson = reply.type.startsWith('application/json');
  if (arrival && !isJson) return 'The answer is not JSON.';
  return isJson && method !== 'HEAD' && !isObject(reply.text) ? 'The answer is no JSON object.' : undefined;
}

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** Whether it is that call: every value one segment that means the value when it is decoded once, and nothing else. */
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

const EXPECTED = [
  'is no route',
  'is no method of the route',
  'is not UTF-8',
  'is empty',
  'is too long',
  'is a dot segment',
  'is a reserved word',
  'has a slash in an id',
  'has a control character',
  'has a query that is too long',
  'repeats a key',
  'starts at no number',
  'asks for no address',
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

interface Reply {
  status: number;
  type: string;
  text: string;
}

const headers = { [USER_HEADER]: encodeURIComponent(JSON.stringify({ id: 'u-1' })) };

function exchange(origin: string, { method, target }: HostileRequest, agent: Agent): Promise<Reply> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path: target, headers, agent, timeout: 10_000 };
    const request = httpRequest(options, (response) => {
      const { statusCode: status = 0, headers } = response;
      const type = headers['content-type'] ?? '';
      // Servers that could not even read the request answer HEAD with a body, over which the parser stumbles.
      if (method === 'HEAD') resolve({ status, type, text: '' });
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status, type, text }));
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error('It hangs.'), { isOver: true })));
    request.on('error', (error) => {
      // Fastify does not say that it closes the connection over which it could not read a request.
      const isStale = request.reusedSocket && !('isOver' in error);
      if (isStale) resolve(exchange(origin, { method, target }, agent));
      else reject(error);
    });
    request.end();
  });
}
