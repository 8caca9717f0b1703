/** Derives the call that a request target means. */
import { type HostileRequest, RESERVED } from './requests.js';
import type { Traits } from './traits.js';

/** The call that a request must become upstream. */
export interface Call {
  method: string;
  segments: string[];
  query: [name: string, value: string][];
  /** The parts of the call that the caller chose. */
  values: string[];
  /** Every adapter must make the call. If false, an adapter may refuse the request, but no other call may arrive. */
  isCertain: boolean;
}
/** A call, or the reason why there is none. */
export type Intent = Call | string;

/** Returns the allowed intents. Usually there is one. A target that can be read in several ways must become one of them. */
export function intentsOf({ method, target }: HostileRequest, { resolves, readsUtf8 }: Traits): Intent[] {
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

/** Resolves dot segments by the URL standard. The `URL` of Node 20 and 22 leaves `..` after a segment such as `.env`. */
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
  if (!target.startsWith('/')) return 'is not a path';
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
  if (!route) return 'matches no route';
  const verb = method === 'HEAD' ? 'GET' : method;
  if (!route.methods.includes(verb)) return 'has a method that the route does not take';
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
      // The whole target is valid by RFC 3986 and in its simplest form.
      /^[\w.~!$&'()*+,;=:@%/?-]{1,7000}$/u.test(target) &&
      (depth === 2 ? mount.join('/') === 'api/vortex' : mount.every((part) => /^[\w~-]{1,100}$/u.test(part))) &&
      route.parts.every((part, index) => part.startsWith(':') || part === raw[index]) &&
      !values.some(isDotsSomehow) &&
      // The router of Fastify counts a surrogate pair as two characters.
      values.every((value) => value.length <= 100) &&
      !passed.some(([name, value]) => name === 'targetType' && PHONES.includes(value)),
  };
}

interface Route {
  methods: string[];
  parts: string[];
  /** Returns the query that is passed on, or the reason why the request is refused. */
  passOn?(query: ReadonlyMap<string, string>): Call['query'] | string;
}

const ROUTES: readonly Route[] = [
  { methods: ['GET'], parts: ['invitations'], passOn: passOnTarget },
  { methods: ['GET', 'DELETE'], parts: ['invitations', ':id'] },
  { methods: ['POST'], parts: ['invitations', ':id', 'reinvite'] },
  { methods: ['GET', 'DELETE'], parts: ['invitations', 'by-scope', ':type', ':scope'], passOn: passOnStart },
  { methods: ['GET', 'DELETE'], parts: ['invitations', 'by-group', ':type', ':scope'], passOn: passOnStart },
  { methods: ['GET'], parts: ['invitations', 'by-scope', ':type', ':scope', 'autojoin'] },
  { methods: ['GET'], parts: ['invitations', 'by-group', ':type', ':scope', 'autojoin'] },
];

function flawOfId(id: string): string | undefined {
  if (RESERVED.includes(id)) return 'is a reserved word';
  return /[/\\]/u.test(id) ? 'has a slash in an id' : undefined;
}

/** Counts characters. A surrogate pair is one. */
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

/** True if decoding the value often enough yields dots, which another program could resolve. */
function isDotsSomehow(value: string): boolean {
  let text: string | undefined = value;
  for (let depth = 0; depth < 8 && text !== undefined; depth += 1) {
    if (/^\.{1,2}$/u.test(text)) return true;
    text = decode(text);
  }
  return false;
}

export function readPairs(query: string): Call['query'] | string {
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
  return /^[0-9]{1,9}$/u.test(start) ? [['start', String(Number(start))]] : 'has a start that is not a number';
}

function passOnTarget(query: ReadonlyMap<string, string>): Call['query'] | string {
  const type = query.get('targetType') ?? '';
  const given = query.get('targetValue') ?? '';
  const isText = given !== '' && lengthOf(given) <= 1000 && !isControl(given);
  // Spaces around an address are dropped; an id or a user name keeps them.
  const address = type === 'email' || PHONES.includes(type) ? given.trim() : given;
  if (!isText || !isAddress(type, address)) return 'asks for an invalid address';
  return [
    ['targetType', type],
    ['targetValue', address],
  ];
}

const PHONES = ['phone', 'phoneNumber', 'sms'];

function isAddress(type: string, address: string): boolean {
  if (type === 'internal' || type === 'username') return true;
  // The complete rule is not repeated here, so a call with a phone number is never certain.
  if (PHONES.includes(type)) return address.replace(/[^0-9]/gu, '').length >= 3;
  const [local, domain, ...more] = address.split('@');
  return type === 'email' && !!local && !!domain && more.length === 0 && !/\s/u.test(address);
}

/** Decodes percent-encoding once. Returns undefined for a broken escape and for bytes that are not UTF-8. */
export function decode(text: string): string | undefined {
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
