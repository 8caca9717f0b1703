/** Generates requests. Text is a string of bytes, each a character below U+0100, and not always UTF-8. */
import fc from 'fast-check';

export interface HostileRequest {
  method: string;
  target: string;
}

const bytes = (text: string) => Buffer.from(text).toString('latin1');
const among = (...texts: string[]) => fc.constantFrom(...texts.map(bytes));

export const RESERVED = ['accept', 'autojoin', 'by-scope', 'by-group', 'sync-internal-invitation'];
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
  // Halves of surrogate pairs, over-long characters and an incomplete one, none of which is UTF-8.
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
/** Encodes the bytes that node:http refuses to send, and no others. */
const sendable = (text: string) => text.replace(/[\0- ]/gu, escapeByte);

/** Encodes text as a client does: once, and only where it must. */
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

export const requests: fc.Arbitrary<HostileRequest> = fc
  .tuple(route, front, mount, fc.tuple(joint, joint), behind)
  .map(([[method, segments, query], front, mount, joints, behind]) => {
    const path = segments.reduce((path, segment, index) => path + (joints[index] ?? '/') + segment, front + mount);
    return { method, target: sendable(path + behind + query) };
  });

const home = '/api/vortex/invitations';
const ofScope = (scope: string) => `${home}/by-scope/team/${scope}`;
const EVERY_SIGN = 'a%26%23%3D%3F%3B%5C%25%2Be%CC%81%F0%9F%9A%80b..c%2Fd%252Fe%250Af%252eg%20h%22%27i%40';

/** One request of each kind that chance makes rarely: a run without any would fail. */
export const RARE: readonly HostileRequest[] = [
  { method: 'GET', target: `${ofScope('t')}?start=-1` },
  { method: 'GET', target: `${ofScope('t')}?start=20` },
  { method: 'GET', target: `${ofScope('t')}?start=1&start=2` },
  { method: 'GET', target: `${ofScope('t')}?x=${'a'.repeat(2048)}` },
  { method: 'GET', target: ofScope(EVERY_SIGN) },
  { method: 'GET', target: ofScope('') },
  { method: 'DELETE', target: ofScope('t') },
  { method: 'DELETE', target: `${home}/i-1` },
  { method: 'GET', target: `${home}/i-1` },
  { method: 'GET', target: `${home}/accept` },
  { method: 'GET', target: `${home}/i%00` },
  { method: 'GET', target: `${home}/i%2F1` },
  { method: 'GET', target: `${home}/%252e%252e` },
  { method: 'GET', target: `${home}/${'a'.repeat(3000)}` },
];
