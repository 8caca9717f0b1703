/**
 * The results of the vendor's Node SDK 0.20.0: tokens and signatures byte for byte, bodies as JSON values. The `readme` of
 * `golden-vectors.json` explains the vectors. Where we differ by decision, the vector is named below with our own
 * result.
 */

import { readFileSync } from 'node:fs';
import { isAnalyticsEvent, isWebhookEvent, VortexClient, VortexWebhooks, type WebhookHandlers } from '@vortex/core';
import { signWebhook } from '@vortex/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failure } from './helpers.ts';

interface Vector {
  name: string;
  now: number;
  // biome-ignore lint/suspicious/noExplicitAny: vectors hold any JavaScript value, wrong ones included
  input: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  expected: any;
}

const vectors: Record<string, Vector[]> = JSON.parse(
  readFileSync(new URL('golden-vectors.json', import.meta.url), 'utf8'),
);
const KEY = 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.made-up-Secret_0123456789abcdef';

/** Restores the values that JSON cannot carry, which the vectors write as `{ "$js": … }`. */
function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  if (!('$js' in value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revive(member)]));
  const special = value as unknown as { $js: string; value: string; iso: string; text: string; units: number[] };
  switch (special.$js) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(special.value);
    case 'date':
      return new Date(special.iso);
    case 'function':
      return () => {};
    case 'bigint':
      return BigInt(special.value);
    case 'json':
      return JSON.parse(special.text);
    default:
      return String.fromCharCode(...special.units);
  }
}

/** Returns the vectors of a section by name. Throws if there is no such section. */
function vectorsOf(section: string): Map<string, Vector> {
  const all = vectors[section];
  if (!all) throw new Error(`golden-vectors.json has no section ${section}`);
  return new Map(all.map((vector) => [vector.name, vector]));
}

/** Returns the vectors of these names. Throws if the section has no vector of a name. */
function pick(section: string, names: readonly string[]): [string, Vector][] {
  const all = vectorsOf(section);
  return names.map((name) => {
    const vector = all.get(name);
    if (!vector) throw new Error(`the section ${section} has no vector ${name}`);
    return [name, vector];
  });
}

/** Defines a test for each vector of a section but those named, at the time at which the vector was made. */
function each(
  section: string,
  title: string,
  body: (vector: Vector) => Promise<void> | void,
  without: readonly string[] = [],
): void {
  const chosen = vectorsOf(section);
  for (const [name] of pick(section, without)) chosen.delete(name);
  test.each([...chosen])(`${title}: %s`, async (_, vector) => {
    vi.setSystemTime(vector.now);
    await body({ ...vector, input: revive(vector.input) });
  });
}

let warnings: unknown[][];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  warnings = [];
  vi.spyOn(console, 'warn').mockImplementation((...line) => warnings.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const STRING_SCOPES = [
  'adminScopes given as the string autojoin is treated as containing it',
  'adminScopes given as the string autojoin-viewer also matches (substring)',
];

/** The vendor's Node SDK takes only ids that are UUIDs; its other SDKs and we take any 16 bytes. */
const ANY_UUID = [
  'id whose UUID version nibble is 0 (accepted by every non-Node SDK)',
  'id whose UUID version nibble is c (accepted by every non-Node SDK)',
  'id whose UUID variant is not RFC 4122 (accepted by every non-Node SDK)',
];

describe('signing as the vendor does', () => {
  each('apiKeys', 'an API key gives the key id and the signing key of the vendor', async ({ input, expected }) => {
    const token = await new VortexClient(input.apiKey).generateToken({ user: { id: 'u' } });
    const [header = '', claims = '', signature = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString()).kid).toBe(expected.kid);
    const key = await crypto.subtle.importKey(
      'raw',
      Buffer.from(expected.signingKeyHex, 'hex'),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['verify'],
    );
    const valid = await crypto.subtle.verify(
      'HMAC',
      key,
      Buffer.from(signature, 'base64url'),
      Buffer.from(`${header}.${claims}`),
    );
    expect(valid).toBe(true);
  });

  each('generateToken', 'generateToken gives the token of the vendor', async ({ input, expected }) => {
    const token = await new VortexClient(input.apiKey).generateToken(input.payload, input.options);
    expect(token).toBe(expected.token);
    expect(warnings).toHaveLength(expected.warnings.length);
  });

  each(
    'generateJwt',
    'generateJwt gives the token of the vendor',
    async ({ input, expected }) => {
      expect(await new VortexClient(input.apiKey).generateJwt(input.params, input.options)).toBe(expected.token);
    },
    STRING_SCOPES,
  );

  each('sign', 'sign gives the signature of the vendor', async ({ input, expected }) => {
    expect(await new VortexClient(input.apiKey).sign(input.user)).toBe(expected.signature);
  });

  each('expiresInSeconds', 'an expiresIn gives the lifetime of the vendor', async ({ input, expected, now }) => {
    const token = await new VortexClient(KEY).generateToken({ user: { id: 'u' } }, input);
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.exp - Math.floor(now / 1000)).toBe(expected.seconds);
  });
});

describe('webhooks as the vendor does', () => {
  each(
    'webhookSignatures',
    'a webhook is verified as by the vendor',
    async ({ input: { secret, body, signature }, expected }) => {
      const raw: string | Uint8Array = body.utf8 ?? Buffer.from(body.hex, 'hex');
      const webhooks = new VortexWebhooks({ secret });
      expect(await signWebhook(raw, secret)).toBe(expected.correctSignature);
      for (const form of [raw, Buffer.from(raw), Uint8Array.from(Buffer.from(raw)).buffer]) {
        expect(await webhooks.verifySignature(form, signature)).toBe(expected.valid);
        expect(await webhooks.verifySignature(form, expected.correctSignature)).toBe(true);
        const { event, error } = expected.constructEvent;
        const constructed = webhooks.constructEvent(form, signature);
        if (event) {
          expect(await constructed).toEqual(event);
        } else {
          // The vendor throws the SyntaxError of the engine if a signed body is not JSON.
          const refusal =
            error.class === 'SyntaxError'
              ? { code: 'INVALID_REQUEST' }
              : { name: error.name, code: 'INVALID_SIGNATURE' };
          expect(await failure(constructed)).toMatchObject(refusal);
        }
      }
    },
  );

  each(
    'webhookConstructor',
    'a verifier with invalid options is refused as by the vendor',
    async ({ input }) => {
      expect(await failure(() => new VortexWebhooks(input.options))).toMatchObject({ code: 'CONFIG' });
    },
    // The language throws its own error here, and TypeScript does not compile the call.
    ['no options'],
  );

  each('webhookDiscriminators', 'an event is told apart as by the vendor', ({ input, expected }) => {
    expect(isWebhookEvent(input.event)).toBe(expected.isWebhookEvent);
    expect(isAnalyticsEvent(input.event)).toBe(expected.isAnalyticsEvent);
  });

  each(
    'webhookDispatch',
    'an event is dispatched as by the vendor',
    async ({ input: { event, handlers }, expected }) => {
      const calls: string[] = [];
      const handler = (name: string) => () => {
        calls.push(name);
        if (handlers.throwIn === name) throw new Error(`boom in ${name}`);
      };
      const given: WebhookHandlers = {
        ...(handlers.on && {
          on: Object.fromEntries(handlers.on.map((type: string) => [type, handler(`on:${type}`)])),
        }),
        ...(handlers.onEvent && { onEvent: handler('onEvent') }),
        ...(handlers.onAnalyticsEvent && { onAnalyticsEvent: handler('onAnalyticsEvent') }),
        ...(handlers.onError && {
          onError: (error: unknown) => void calls.push(`onError:${(error as Error).message}`),
        }),
      };
      const outcome = await new VortexWebhooks({ secret: 's' })
        .handleEvent(event, given)
        .catch((error: Error) => error.message);
      expect(calls).toEqual(expected.calls);
      expect(outcome).toBe(expected.rejects?.message);
    },
    ['event type __proto__ makes dispatch throw'],
  );
});

describe('refusals as by the vendor, in our words', () => {
  each('generateTokenErrors', 'generateToken refuses what the vendor refuses', async ({ input }) => {
    const error = await failure(() => new VortexClient(input.apiKey).generateToken(input.payload));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'type' });
  });

  each('generateJwtErrors', 'generateJwt refuses what the vendor refuses', async ({ input }) => {
    const error = await failure(() => new VortexClient(input.apiKey).generateJwt(input.params));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'type' });
  });

  each(
    'signErrors',
    'sign refuses what the vendor refuses',
    async ({ input, expected }) => {
      const error = await failure(() => new VortexClient(input.apiKey).sign(input.user));
      const reason = expected.error.class === 'TypeError' ? 'type' : 'format';
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason });
    },
    ['user check happens before the API key is parsed'],
  );

  each('expiresInErrors', 'an expiresIn that the vendor refuses is refused', async ({ input, expected }) => {
    const client = new VortexClient(input.apiKey);
    for (const call of [
      () => client.generateToken({ user: { id: 'u' } }, { expiresIn: input.expiresIn }),
      () => client.generateJwt({ user: { id: 'u' } }, { expiresIn: input.expiresIn }),
    ]) {
      expect(await failure(call)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: expected.kind });
    }
  });

  each(
    'apiKeyErrors',
    'an API key that the vendor refuses is refused',
    async ({ input, expected }) => {
      const error = await failure(() => new VortexClient(input.apiKey));
      expect(error).toMatchObject({ code: 'CONFIG', reason: expected.kind });
      if (input.apiKey) expect(error.message).not.toContain(String(input.apiKey));
    },
    ANY_UUID,
  );
});

interface Sent {
  method: string | undefined;
  url: string;
  headers: Headers;
  body: unknown;
}

/** Makes the call of a vector, with the answer of the vector, and returns the requests of the client beside its result. */
async function callOf({ input }: Vector): Promise<{ sent: Sent[]; result: unknown }> {
  const sent: Sent[] = [];
  const { response = { status: 200, body: JSON.stringify(input.responseJson) } } = input;
  const client = new VortexClient(input.apiKey, {
    baseUrl: input.env?.VORTEX_API_BASE_URL,
    fetch: async (url, { method, headers, body }) => {
      sent.push({
        method,
        url: String(url),
        headers: new Headers(headers),
        body: body ? JSON.parse(String(body)) : undefined,
      });
      return new Response(response.body, response);
    },
  });
  const result = await Promise.resolve(Reflect.apply(Reflect.get(client, input.method), client, input.args)).catch(
    (error: unknown) => error,
  );
  return { sent, result };
}

/** What our methods return where the vendor's return `resolves`. */
function resultOf({ input: { method }, expected: { resolves } }: Vector): unknown {
  if (method.startsWith('accept')) return { ...resolves, invitations: [resolves] };
  // The API may answer a deletion with any object or with nothing, so that our methods return nothing.
  return /^(?:revoke|delete)/u.test(method) ? undefined : resolves;
}

/** Expects the requests of the vector, of which some parts differ as named. */
function expectRequests(sent: readonly Sent[], { input, expected }: Vector, differing: Partial<Sent> = {}): void {
  const wanted = expected.requests.map((one: { method: string; url: string; body: unknown }) => {
    const body = typeof one.body === 'string' ? JSON.parse(one.body) : undefined;
    return { method: one.method, url: one.url, body, ...differing };
  });
  expect(sent.map(({ headers: _, ...rest }) => rest)).toEqual(wanted);
  for (const { headers } of sent) {
    expect(headers.get('x-api-key')).toBe(input.apiKey);
    expect(headers.get('content-type')).toBe('application/json');
    // The API can tell our package from that of the vendor.
    expect(headers.get('x-vortex-sdk-name')).toBe('vortex-typescript');
  }
}

const INVITE_FLAT =
  'createInvitation({"widgetConfigurationId":"wc","target":{"type":"email","value":"t@x.com"},"inviter":{"userId":"u"},';
const FLAT_ID = `${INVITE_FLAT}"scopeId":") #2`;
const FLAT_TYPE = `${INVITE_FLAT}"scopeType")`;
const API = 'https://api.vortexsoftware.com/api/v1/invitations';
const EMAIL_BODY = {
  widgetConfigurationId: 'wc',
  target: { type: 'email', value: 't@x.com' },
  inviter: { userId: 'u' },
};

/** The parts of a request that we send otherwise, by the name of its vector. */
const DIFFERENT_REQUESTS: Readonly<Record<string, Partial<Sent>>> = {
  // Each argument is one segment of the path, whatever characters it has.
  'revokeInvitation("by-scope/team/team-1")': { url: `${API}/by-scope%2Fteam%2Fteam-1` },
  'deleteInvitationsByScope("team","team 1/x")': { url: `${API}/by-scope/team/team%201%2Fx` },
  'getInvitationsByScope("team","team 1/x")': { url: `${API}/by-scope/team/team%201%2Fx` },
  // A scope always has a type and a name.
  [FLAT_ID]: { body: { ...EMAIL_BODY, groups: [{ type: 'default', groupId: 'only-id', name: 'only-id' }] } },
  'base URL with trailing slash is not normalised': { url: 'http://127.0.0.1:8787/api/v1/invitations/inv-1' },
};

const PHONES = ['phoneNumber', 'sms'].map((type) => `acceptInvitations(["inv-1"],{"type":"${type}","value":"+1"})`);
const BY_GROUP = ['getInvitationsByGroup("team","team-1")', 'deleteInvitationsByGroup("team","team-1")'];

/** Our codes for answers that are no JSON or of the wrong type, which the vendor takes for a result. */
const UNREADABLE: Readonly<Record<string, string>> = {
  '200 invalid JSON becomes {}': 'UPSTREAM_BAD_RESPONSE',
  '200 JSON null': 'UPSTREAM_BAD_RESPONSE',
  // It may be the page of a proxy, so that nothing tells whether the invitation was revoked.
  '200 text body without content-length is discarded': 'OUTCOME_UNKNOWN',
};
const OTHER_TYPES = [
  '200 JSON body labelled text/plain without content-length is discarded',
  '200 vendor JSON content type without content-length is discarded',
];

const SCOPE = { groupId: 'g', scopeId: 'g' };
/** What we read from answers whose lists are not as their types say, by the name of the vector. */
const OTHER_LISTS: Readonly<Record<string, unknown>> = {
  'groups null: scopes is not added': { id: 'i' },
  'groups contains null': { id: 'i', groups: [SCOPE], scopes: [SCOPE] },
};

/** Our codes for what the vendor throws at an answer, by the name of the vector. */
const FAILURES: Readonly<Record<string, string>> = {
  'list endpoint answering {} throws': 'UPSTREAM_BAD_RESPONSE',
  'list endpoint answering an empty body throws': 'UPSTREAM_BAD_RESPONSE',
  '400': 'UPSTREAM_INVALID',
  '401 text': 'UPSTREAM_AUTH',
  '404 empty body and empty status text': 'NOT_FOUND',
  '429': 'RATE_LIMITED',
  '500 html': 'UPSTREAM_ERROR',
};

describe('calls as the vendor makes them', () => {
  each(
    'requests',
    'a call sends the request of the vendor, and has its result',
    async (vector) => {
      const { sent, result } = await callOf(vector);
      expectRequests(sent, vector);
      // The vendor throws an error with words of its own.
      if (vector.expected.rejects) expect(result).toMatchObject({ code: 'INVALID_ARGUMENT' });
      else expect(result).toEqual(resultOf(vector));
    },
    [...Object.keys(DIFFERENT_REQUESTS), ...PHONES, ...BY_GROUP, FLAT_TYPE],
  );

  each(
    'responses',
    'an answer is read as by the vendor',
    async (vector) => {
      const { result } = await callOf(vector);
      if (vector.expected.rejects) expect(result).toMatchObject({ code: FAILURES[vector.name] });
      else expect(result).toEqual(resultOf(vector));
    },
    [...Object.keys(UNREADABLE), ...OTHER_TYPES, ...Object.keys(OTHER_LISTS)],
  );
});

describe('differences from the vendor, by decision', () => {
  test.each(pick('responses', Object.keys(OTHER_LISTS)))(
    'a list that is null, and an entry of it that is no scope, is left out: %s',
    async (name, vector) => {
      expect((await callOf(vector)).result).toEqual(OTHER_LISTS[name]);
    },
  );

  test.each(pick('requests', Object.keys(DIFFERENT_REQUESTS)))(
    'a call sends another path, base URL or scope than that of the vendor, and has its result: %s',
    async (name, vector) => {
      const { sent, result } = await callOf(vector);
      expectRequests(sent, vector, DIFFERENT_REQUESTS[name]);
      expect(result).toEqual(resultOf(vector));
    },
  );

  test.each(pick('requests', PHONES))('a target that the vendor refuses accepts as a phone: %s', async (_, vector) => {
    const { sent, result } = await callOf(vector);
    expect(sent).toMatchObject([{ url: `${API}/accept`, body: { invitationIds: ['inv-1'], user: { phone: '+1' } } }]);
    expect(result).toMatchObject({ id: 'inv-1', invitations: [{ id: 'inv-1' }] });
  });

  test.each(pick('requests', BY_GROUP))('a deprecated method of the vendor does not exist: %s', (_, { input }) => {
    expect(new VortexClient(input.apiKey)).not.toHaveProperty(input.method);
  });

  test.each(pick('requests', [FLAT_TYPE]))(
    'a scope that the vendor drops in silence is refused: %s',
    async (_, vector) => {
      const { sent, result } = await callOf(vector);
      expect(sent).toEqual([]);
      expect(result).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'format' });
    },
  );

  test.each(pick('responses', Object.keys(UNREADABLE)))(
    'an answer that the vendor takes for a result is refused: %s',
    async (name, vector) => {
      expect((await callOf(vector)).result).toMatchObject({ code: UNREADABLE[name] });
    },
  );

  test.each(pick('responses', OTHER_TYPES))('an answer that the vendor discards is read: %s', async (_, vector) => {
    expect((await callOf(vector)).result).toEqual(JSON.parse(vector.input.response.body));
  });

  test.each(pick('generateJwt', STRING_SCOPES))(
    'signing with a string for adminScopes is refused: %s',
    async (_, { input }) => {
      const client = new VortexClient(input.apiKey);
      const scopes = { adminScopes: input.params.user.adminScopes, id: 'u' };
      for (const call of [
        () => client.generateJwt(input.params),
        () => client.generateToken({ user: scopes }),
        () => client.sign(scopes),
      ]) {
        expect(await failure(call)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'type' });
      }
    },
  );

  test.each(pick('apiKeyErrors', ANY_UUID))('an API key that the vendor refuses is accepted: %s', (_, { input }) => {
    expect(() => new VortexClient(input.apiKey)).not.toThrow();
  });

  test('an invalid API key throws when the client is made', async () => {
    expect(await failure(() => new VortexClient('not-a-key'))).toMatchObject({ code: 'CONFIG', reason: 'format' });
  });

  const refused = [
    'four segments: the fourth is ignored, the secret is only the third',
    'trailing dot after the secret is ignored',
    'trailing newline becomes part of the secret',
    'leading and trailing spaces in the secret are kept',
    'id with more than 16 bytes: first 16 are used',
    'id with whitespace inside',
  ];
  test.each(pick('apiKeyAccepted', refused))('an API key that the vendor accepts is refused: %s', async (_, vector) => {
    expect(await failure(() => new VortexClient(vector.input.apiKey))).toMatchObject({ code: 'CONFIG' });
  });

  each(
    'apiKeyAccepted',
    'an API key that the vendor accepts gives the token of the vendor',
    async ({ input, expected }) => {
      const client = new VortexClient(input.apiKey);
      expect(await client.generateToken(input.payload, input.options)).toBe(expected.token);
    },
    refused,
  );

  const always = ['userId', 'userEmail', 'expires', 'identifiers', 'role', 'userIsAutojoinAdmin', 'adminScopes'];
  test.each([
    ...[...always, 'name'].map((claim) => [claim, 'has it', { name: 'U', adminScopes: ['autojoin'] }] as const),
    ...always.map((claim) => [claim, 'does not have it', {}] as const),
  ])(
    'generateJwt refuses the parameter %s, which is computed from the user, for a user who %s',
    async (claim, _, fields) => {
      const user = { id: 'u', ...fields };
      const error = await failure(() => new VortexClient(KEY).generateJwt({ user, [claim]: 'mine' }));
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(error.message).toContain(claim);
    },
  );
});

test('a toJSON is not called, and a getter is read only once, when a token is signed', async () => {
  const client = new VortexClient(KEY);
  const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const toJSON = () => ({ userId: 'root', role: 'admin' });
  const token = claimsOf(await client.generateToken({ user: { id: 'u' }, toJSON }));
  expect(token).toEqual({ user: { id: 'u' }, iat: expect.any(Number), exp: expect.any(Number) });
  const jwt = claimsOf(await client.generateJwt({ user: { id: 'u' }, toJSON }));
  expect(jwt).toEqual({ userId: 'u', expires: expect.any(Number), identifiers: [] });

  let looks = 0;
  const sly = {
    id: 'u',
    get adminScopes() {
      looks += 1;
      return looks === 1 ? ['viewer'] : ('autojoin-viewer' as unknown as string[]);
    },
  };
  expect(claimsOf(await client.generateJwt({ user: sly })).adminScopes).toEqual(['viewer']);
  const hidden = { id: 'u', toJSON: () => ({ id: 'u', adminScopes: 'autojoin' }) };
  expect(await failure(() => client.generateToken({ user: hidden }))).toMatchObject({ reason: 'type' });
});

test('a token with ascii has the claims of one without, and plain atob decodes it', async () => {
  const user = { id: 'ü~?>\u007f', email: 'o’neil@x.example', name: 'Zoë 🚀 ~~~???>>>' };
  const client = new VortexClient(KEY);
  const [plain, ascii] = await Promise.all([
    client.generateJwt({ user }),
    client.generateJwt({ user }, { ascii: true }),
  ]);
  const part = ascii.split('.')[1] ?? '';
  expect(part).not.toMatch(/[-_]/u);
  expect(JSON.parse(atob(part))).toEqual(JSON.parse(Buffer.from(plain.split('.')[1] ?? '', 'base64url').toString()));
});
