/** Which values are refused when they are signed, and which claims are signed where the vendor's vectors say nothing. */
import { createHmac } from 'node:crypto';
import { type ExpiresIn, type SignOptions, VortexClient, type VortexErrorReason } from '@vortex/core';
import { readToken } from '@vortex/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failure, KEY } from './helpers.ts';

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

describe.each(makers)('%s', (name, make) => {
  test.each<[unknown, VortexErrorReason]>([
    [0, 'numeric'],
    [-1, 'numeric'],
    [1.5, 'numeric'],
    [Number.NaN, 'numeric'],
    [null, 'type'],
    [{}, 'type'],
    ...['', '5', 'm', '5s', '5M', ' 5m', '5m ', '-5m', '1.5h', 'x5m', '5mx'].map(
      (text): [string, VortexErrorReason] => [text, 'format'],
    ),
    ['0m', 'non-positive-duration'],
    ['00d', 'non-positive-duration'],
  ])(`${name} refuses the expiresIn %o with the reason %s`, async (expiresIn, reason) => {
    const error = await failure(make({ id: 'u' }, { expiresIn: expiresIn as ExpiresIn }));
    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason,
      message: expect.stringContaining('expiresIn'),
    });
  });

  test.each<[ExpiresIn | undefined, number]>([
    [undefined, 2_592_000],
    [1, 1],
    ['1m', 60],
    ['10m', 600],
    ['2h', 7200],
    ['7d', 604_800],
  ])(`a token of ${name} with the expiresIn %o is valid for %i s`, async (expiresIn, seconds) => {
    const { issuedAt, expiresAt } = await readToken(await make({ id: 'u' }, { expiresIn }), KEY);
    expect([issuedAt, expiresAt]).toEqual([1_772_020_800_000, 1_772_020_800_000 + seconds * 1000]);
    expect(await make({ id: 'u' }, null)).toBe(await make({ id: 'u' }));
  });

  test.each([['autojoin'], [['a', 5]], [{}]])(`${name} refuses the adminScopes %j`, async (adminScopes) => {
    expect(await failure(make({ id: 'u', adminScopes }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'type',
      message: expect.stringContaining('adminScopes'),
    });
  });
});

test.each<[string, () => Promise<string>, VortexErrorReason]>([
  ['generateToken refuses null for the payload', () => client.generateToken(null as unknown as object), 'type'],
  ['generateToken refuses text for the payload', () => client.generateToken('x' as unknown as object), 'type'],
  ['generateJwt refuses undefined for the parameters', () => client.generateJwt(undefined as never), 'type'],
  ['generateJwt refuses parameters without a user', () => client.generateJwt({} as never), 'type'],
  ['sign refuses null for the user', () => client.sign(null as never), 'type'],
  ['sign refuses a user without an id', () => client.sign({ email: 'a@b.example' }), 'format'],
  [
    'generateJwt refuses a claim that is computed from the user',
    () => client.generateJwt({ user: { id: 'u' }, expires: 5 } as never),
    'format',
  ],
])('%s', async (_, make, reason) => {
  expect(await failure(make)).toMatchObject({ code: 'INVALID_ARGUMENT', reason });
});

test.each<[string, () => Promise<string>]>([
  ['generateToken', () => client.generateToken({ user: { id: 'u' }, vars: { big: 1n } })],
  ['generateJwt', () => client.generateJwt({ user: { id: 'u' }, attributes: { big: 1n } })],
  ['sign', () => client.sign({ id: 'u', ...{ big: 1n } })],
])('%s refuses values that JSON cannot carry, with the cause', async (_, make) => {
  expect(await failure(make)).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'type',
    cause: expect.any(TypeError),
  });
});

test.each([{ user: { id: 'u' } }, { user: { id: 0 } }])(
  'generateToken signs the payload %j without a warning',
  async (payload) => {
    const { claims } = await readToken(await client.generateToken(payload), KEY);
    expect(claims).toEqual({ ...payload, iat: 1_772_020_800, exp: 1_774_612_800 });
    expect(warnings).toEqual([]);
  },
);

test.each([{}, { user: {} }, { user: { id: null } }])(
  'generateToken signs the payload %j, which has no user id, with a warning',
  async (payload) => {
    const { claims } = await readToken(await client.generateToken(payload), KEY);
    expect(claims).toEqual({ ...payload, iat: 1_772_020_800, exp: 1_774_612_800 });
    expect(warnings).toEqual([[expect.stringContaining('user.id')]]);
  },
);

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
    [{}, { a: 1, b: undefined, c: null, role: undefined }, { a: 1, c: null }],
    [{ name: 'N' }, { name: undefined, expires: undefined }, { name: 'N' }],
    [
      { adminScopes: ['autojoin'] },
      { role: undefined, adminScopes: undefined },
      { adminScopes: ['autojoin'], userIsAutojoinAdmin: true, role: 'admin' },
    ],
    [
      {},
      { name: 'N', avatarUrl: 'pic', allowedEmailDomains: ['b.example'] },
      { name: 'N', avatarUrl: 'pic', allowedEmailDomains: ['b.example'] },
    ],
    [{ phone: '+1', plan: 'pro' }, {}, {}],
  ])('generateJwt signs a user with %j and parameters with %j as the further claims %j', async (user, extra, more) => {
    const token = await client.generateJwt({ user: { id: 'u', ...user }, ...extra });
    expect((await readToken(token, KEY)).claims).toEqual({ ...bare, ...more });
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    expect(header).toEqual({ iat: 1_772_020_800, alg: 'HS256', typ: 'JWT', kid: KID });
  });

  test('generateJwt signs a claim named __proto__ like any other', async () => {
    const extra = JSON.parse('{"__proto__":{"role":"admin"}}') as object;
    const token = await client.generateJwt({ user: { id: 'u' }, ...extra });
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    expect(text).toBe('{"userId":"u","expires":1774612800,"identifiers":[],"__proto__":{"role":"admin"}}');
  });
});

describe('sign', () => {
  /** Computes the signature of a text independently of the client. */
  const signatureOf = (text: string) => {
    const key = createHmac('sha256', 'made-up-Secret').update(KID).digest();
    return `${KID}:${createHmac('sha256', key).update(text).digest('hex')}`;
  };
  test.each<[object, string]>([
    [{ id: 'u' }, '{"userId":"u"}'],
    [{ userId: 'u' }, '{"userId":"u"}'],
    [{ id: 'u', userId: 'other' }, '{"userId":"other"}'],
    [{ id: 'u', userId: undefined }, '{"userId":"u"}'],
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
    [{ id: 'u', x: { f: Object.assign(() => 1, { toJSON: () => 2 }), a: 1 } }, '{"userId":"u","x":{"a":1}}'],
    [{ id: 'u', x: JSON.parse('{"__proto__":1,"constructor":2,"prototype":3,"a":4}') }, '{"userId":"u","x":{"a":4}}'],
    [
      { id: 'u', x: { 10: 'b', 9: 'a', '\u00e9': 1, z: 2, Z: 3 } },
      '{"userId":"u","x":{"9":"a","10":"b","Z":3,"z":2,"\u00e9":1}}',
    ],
  ])('sign of %j signs the text %s', async (user, text) => {
    expect(await client.sign(user)).toBe(signatureOf(text));
  });
});

test('a token with ascii escapes >, ?, ~, DEL and all characters outside ASCII, and no other', async () => {
  const name = ' =@Az}\u007f>?~\u0080\u00ff\u20ac\ud83d\ude80';
  const token = await client.generateJwt({ user: { id: 'u', name } }, { ascii: true });
  const text = atob(token.split('.')[1] ?? '');
  expect(text).toContain('"name":" =@Az}\\u007f\\u003e\\u003f\\u007e\\u0080\\u00ff\\u20ac\\ud83d\\ude80"');
  expect(JSON.parse(text).name).toBe(name);
});
