/** What is refused to be signed, word for word, and what of a user is signed where the vendor's vectors say nothing. */
import { createHmac } from 'node:crypto';
import { type ExpiresIn, type SignOptions, VortexClient } from '@vortex/core';
import { readToken } from '@vortex/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const KEY = 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.made-up-Secret';
const KID = '3f1c2b7a-9d4e-4c6b-8a1f-0e2d3c4b5a69';
let client: VortexClient;
let warnings: unknown[][];
beforeEach(() => {
  client = new VortexClient(KEY);
  vi.useFakeTimers({ toFake: ['Date'], now: 1_772_020_800_999 });
  warnings = [];
  vi.spyOn(console, 'warn').mockImplementation((...line) => warnings.push(line));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const makers: [string, (user: object, options?: SignOptions | null) => Promise<string>][] = [
  ['generateToken', (user, options) => client.generateToken({ user }, options)],
  ['generateJwt', (user, options) => client.generateJwt({ user }, options)],
];

describe.each(makers)('%s', (_, make) => {
  test.each<[unknown, string, string]>([
    [0, 'numeric', 'expiresIn as a number must be a positive whole number of seconds, not 0'],
    [-1, 'numeric', 'expiresIn as a number must be a positive whole number of seconds, not -1'],
    [1.5, 'numeric', 'expiresIn as a number must be a positive whole number of seconds, not 1.5'],
    [Number.NaN, 'numeric', 'expiresIn as a number must be a positive whole number of seconds, not NaN'],
    [null, 'type', 'expiresIn must be a number of seconds or text like "1h"'],
    [{}, 'type', 'expiresIn must be a number of seconds or text like "1h"'],
    ...['', '5', 'm', '5s', '5M', ' 5m', '5m ', '-5m', '1.5h', 'x5m', '5mx'].map((text): [string, string, string] => [
      text,
      'format',
      `expiresIn ${JSON.stringify(text)} must be like "5m", "1h", "7d", or a number of seconds`,
    ]),
    ['0m', 'non-positive-duration', 'expiresIn "0m" must be longer than nothing'],
    ['00d', 'non-positive-duration', 'expiresIn "00d" must be longer than nothing'],
  ])('is not valid for %j', async (expiresIn, reason, sentence) => {
    const error = await make({ id: 'u' }, { expiresIn: expiresIn as ExpiresIn }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason, message: `${sentence}.` });
  });

  test.each<[ExpiresIn | undefined, number]>([
    [undefined, 2_592_000],
    [1, 1],
    ['1m', 60],
    ['10m', 600],
    ['2h', 7200],
    ['7d', 604_800],
  ])('is valid for %j: %i seconds from now', async (expiresIn, seconds) => {
    const { issuedAt, expiresAt } = await readToken(await make({ id: 'u' }, { expiresIn }), KEY);
    expect([issuedAt, expiresAt]).toEqual([1_772_020_800_000, 1_772_020_800_000 + seconds * 1000]);
    expect(await make({ id: 'u' }, null)).toBe(await make({ id: 'u' }));
  });

  test.each<[object, string]>([
    [{ adminScopes: 'autojoin' }, 'adminScopes must be a list of text'],
    [{ adminScopes: ['a', 5] }, 'adminScopes must be a list of text'],
    [{ adminScopes: {} }, 'adminScopes must be a list of text'],
  ])('of a user with %j: %s', async (user, sentence) => {
    const error = await make({ id: 'u', ...user }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'type' });
    expect((error as Error).message.replace('user.', '')).toBe(`${sentence}.`);
  });
});

test.each<[string, () => Promise<string>, string, string]>([
  ['no payload', () => client.generateToken(null as unknown as object), 'type', 'The payload must be an object'],
  ['text for a payload', () => client.generateToken('x' as unknown as object), 'type', 'The payload must be an object'],
  ['no parameters', () => client.generateJwt(undefined as never), 'type', 'params.user must be an object'],
  ['no user', () => client.generateJwt({} as never), 'type', 'params.user must be an object'],
  ['nobody', () => client.sign(null as never), 'type', 'The user must be an object'],
  [
    'a user without an id',
    () => client.sign({ email: 'a@b.example' }),
    'format',
    'A user needs an id, or userId, to be signed',
  ],
  [
    'a scope that is no list',
    () => client.generateToken({ user: { id: 'u', adminScopes: 'x' as unknown as string[] } }),
    'type',
    'user.adminScopes must be a list of text',
  ],
  [
    'a claim of ours',
    () => client.generateJwt({ user: { id: 'u' }, expires: 5 } as never),
    'format',
    'The claim "expires" is computed from the user; rename yours',
  ],
])('%s is not signed', async (_, make, reason, sentence) => {
  const error = await make().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason, message: `${sentence}.` });
});

test.each<[string, () => Promise<string>]>([
  ['generateToken', () => client.generateToken({ user: { id: 'u' }, vars: { big: 1n } })],
  ['generateJwt', () => client.generateJwt({ user: { id: 'u' }, attributes: { big: 1n } })],
  ['sign', () => client.sign({ id: 'u', ...{ big: 1n } })],
])('what is no JSON is not signed by %s', async (_, make) => {
  await expect(make()).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'type',
    message: 'What is to be signed cannot be written as JSON.',
    cause: expect.any(TypeError),
  });
});

test.each<[string, object, boolean]>([
  ['an id', { user: { id: 'u' } }, false],
  ['an id of 0', { user: { id: 0 } }, false],
  ['no user', {}, true],
  ['no id', { user: {} }, true],
  ['null for an id', { user: { id: null } }, true],
])('a payload with %s is signed, and warned of where nobody owns it', async (_, payload, isWarned) => {
  const { claims } = await readToken(await client.generateToken(payload), KEY);
  expect(claims).toEqual({ ...payload, iat: 1_772_020_800, exp: 1_774_612_800 });
  const line = 'Vortex: generateToken without user.id; invitations made with this token belong to nobody.';
  expect(warnings).toEqual(isWarned ? [[line]] : []);
});

describe('the claims of generateJwt', () => {
  const bare = { userId: 'u', expires: 1_774_612_800, identifiers: [] };
  test.each<[object, object, object]>([
    [{}, {}, {}],
    [
      { email: 'a@b.example' },
      {},
      { userEmail: 'a@b.example', identifiers: [{ type: 'email', value: 'a@b.example' }] },
    ],
    [{ email: '' }, {}, { userEmail: '' }],
    [{ name: 'N', userName: 'older' }, {}, { name: 'N' }],
    [{ name: '', userName: 'older' }, {}, {}],
    [{ userName: 'older', userAvatarUrl: 'pic' }, {}, { name: 'older', avatarUrl: 'pic' }],
    [{ avatarUrl: 'new', userAvatarUrl: 'pic' }, {}, { avatarUrl: 'new' }],
    [{ adminScopes: [], allowedEmailDomains: [] }, {}, {}],
    [{ adminScopes: null, allowedEmailDomains: null }, {}, {}],
    [{ adminScopes: ['autojoiner'] }, {}, { adminScopes: ['autojoiner'] }],
    [
      { adminScopes: ['x', 'autojoin'] },
      {},
      { adminScopes: ['x', 'autojoin'], userIsAutojoinAdmin: true, role: 'admin' },
    ],
    [{ allowedEmailDomains: ['b.example'] }, {}, { allowedEmailDomains: ['b.example'] }],
    [{}, { a: 1, b: undefined, c: null }, { a: 1, c: null }],
    [{ phone: '+1', plan: 'pro' }, {}, {}],
  ])('of a user with %j, beside %j, are more by %j', async (user, extra, more) => {
    const token = await client.generateJwt({ user: { id: 'u', ...user }, ...extra });
    expect((await readToken(token, KEY)).claims).toEqual({ ...bare, ...more });
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    expect(header).toEqual({ iat: 1_772_020_800, alg: 'HS256', typ: 'JWT', kid: KID });
  });

  test('may be called __proto__, which is a name like any other', async () => {
    const extra = JSON.parse('{"__proto__":{"role":"admin"}}') as object;
    const token = await client.generateJwt({ user: { id: 'u' }, ...extra });
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    expect(text).toBe('{"userId":"u","expires":1774612800,"identifiers":[],"__proto__":{"role":"admin"}}');
  });
});

describe('sign', () => {
  /** Of the text that is expected to be signed. */
  const signatureOf = (text: string) => {
    const key = createHmac('sha256', 'made-up-Secret').update(KID).digest();
    return `${KID}:${createHmac('sha256', key).update(text).digest('hex')}`;
  };
  test.each<[object, string]>([
    [{ id: 'u' }, '{"userId":"u"}'],
    [{ userId: 'u' }, '{"userId":"u"}'],
    [{ id: 'u', userId: 'other' }, '{"userId":"other"}'],
    [{ id: 'u', email: '' }, '{"userId":"u"}'],
    [{ id: 'u', email: 'a@b.example' }, '{"userEmail":"a@b.example","userId":"u"}'],
    [{ id: 'u', name: 'N', userAvatarUrl: 'p' }, '{"avatarUrl":"p","name":"N","userId":"u"}'],
    [{ id: 'u', adminScopes: ['b', 'a'], allowedEmailDomains: [] }, '{"adminScopes":["b","a"],"userId":"u"}'],
    [
      { id: 'u', b: { z: 1, a: [{ d: 1, c: 2 }] }, a: null, c: undefined },
      '{"a":null,"b":{"a":[{"c":2,"d":1}],"z":1},"userId":"u"}',
    ],
    [{ id: 'u', at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z","userId":"u"}'],
    [{ id: 'u', x: { toJSON: () => ({ b: 1, a: 2 }) } }, '{"userId":"u","x":{"a":2,"b":1}}'],
    [{ id: 'u', x: { toJSON: 5 } }, '{"userId":"u","x":{"toJSON":5}}'],
    [{ id: 'u', x: { f: () => 1, a: 1 } }, '{"userId":"u","x":{"a":1}}'],
    [{ id: 'u', x: JSON.parse('{"__proto__":1,"constructor":2,"prototype":3,"a":4}') }, '{"userId":"u","x":{"a":4}}'],
    [
      { id: 'u', x: { 10: 'b', 9: 'a', '\u00e9': 1, z: 2, Z: 3 } },
      '{"userId":"u","x":{"9":"a","10":"b","Z":3,"z":2,"\u00e9":1}}',
    ],
  ])('of %j signs %s', async (user, text) => {
    expect(await client.sign(user)).toBe(signatureOf(text));
  });
});

test('what has no ASCII form of its own is escaped, and nothing else is', async () => {
  const name = ' =@Az}\u007f>?~\u0080\u00ff\u20ac\ud83d\ude80';
  const token = await client.generateJwt({ user: { id: 'u', name } }, { ascii: true });
  const text = atob(token.split('.')[1] ?? '');
  expect(text).toContain('"name":" =@Az}\\u007f\\u003e\\u003f\\u007e\\u0080\\u00ff\\u20ac\\ud83d\\ude80"');
  expect(JSON.parse(text).name).toBe(name);
});
