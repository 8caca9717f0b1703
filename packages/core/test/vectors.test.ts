/**
 * What the vendor's Node SDK 0.20.0 produces, byte for byte. `golden-vectors.json` explains itself in its `readme`.
 * Where we differ, we differ by decision, and each such vector is named below with what we do instead.
 */

import { readFileSync } from 'node:fs';
import {
  isAnalyticsEvent,
  isWebhookEvent,
  VortexClient,
  VortexError,
  VortexWebhookSignatureError,
  VortexWebhooks,
  type WebhookHandlers,
} from '@vortex/core';
import { signWebhook } from '@vortex/core/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

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

/** JSON cannot carry every value: `{ "$js": … }` stands for those it cannot. */
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

/** Runs a body once a vector of a section, with the clock the vector was made at. */
function each(section: string, body: (vector: Vector) => Promise<void> | void, without: readonly string[] = []): void {
  const chosen = (vectors[section] ?? []).filter(({ name }) => !without.includes(name));
  test.each(chosen.map((vector) => [vector.name, vector] as const))(`${section}: %s`, async (_, vector) => {
    vi.setSystemTime(vector.now);
    await body({ ...vector, input: revive(vector.input) });
  });
}

async function rejection(call: () => unknown): Promise<VortexError> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(VortexError);
    return error as VortexError;
  }
  throw new Error('nothing was thrown');
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

describe('as the vendor does', () => {
  each('apiKeys', async ({ input, expected }) => {
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

  each('generateToken', async ({ input, expected }) => {
    const token = await new VortexClient(input.apiKey).generateToken(input.payload, input.options);
    expect(token).toBe(expected.token);
    expect(warnings).toHaveLength(expected.warnings.length);
  });

  each(
    'generateJwt',
    async ({ input, expected }) => {
      expect(await new VortexClient(input.apiKey).generateJwt(input.params, input.options)).toBe(expected.token);
    },
    STRING_SCOPES,
  );

  each('sign', async ({ input, expected }) => {
    expect(await new VortexClient(input.apiKey).sign(input.user)).toBe(expected.signature);
  });

  each('expiresInSeconds', async ({ input, expected, now }) => {
    const token = await new VortexClient(KEY).generateToken({ user: { id: 'u' } }, input);
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.exp - Math.floor(now / 1000)).toBe(expected.seconds);
  });
});

describe('webhooks as the vendor does', () => {
  each('webhookSignatures', async ({ input: { secret, body, signature }, expected }) => {
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
        const kind = error.class === 'SyntaxError' ? SyntaxError : VortexWebhookSignatureError;
        const thrown = await constructed.catch((reason: unknown) => reason);
        expect(thrown).toBeInstanceOf(kind);
        expect(thrown).toMatchObject({ name: error.name, message: error.message });
      }
    }
  });

  each(
    'webhookConstructor',
    async ({ input, expected }) => {
      const error = await rejection(() => new VortexWebhooks(input.options));
      expect(error).toMatchObject({ code: 'CONFIG', message: expected.error.message });
    },
    // A language's own error of no interest: TypeScript does not compile it.
    ['no options'],
  );

  each('webhookDiscriminators', ({ input, expected }) => {
    expect(isWebhookEvent(input.event)).toBe(expected.isWebhookEvent);
    expect(isAnalyticsEvent(input.event)).toBe(expected.isAnalyticsEvent);
  });

  each(
    'webhookDispatch',
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

describe('refused as by the vendor, in our words', () => {
  each('generateTokenErrors', async ({ input }) => {
    const error = await rejection(() => new VortexClient(input.apiKey).generateToken(input.payload));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'type' });
  });

  each('generateJwtErrors', async ({ input }) => {
    const error = await rejection(() => new VortexClient(input.apiKey).generateJwt(input.params));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'type' });
  });

  each(
    'signErrors',
    async ({ input, expected }) => {
      const error = await rejection(() => new VortexClient(input.apiKey).sign(input.user));
      const reason = expected.error.class === 'TypeError' ? 'type' : 'format';
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason });
    },
    ['user check happens before the API key is parsed'],
  );

  each('expiresInErrors', async ({ input, expected }) => {
    const client = new VortexClient(input.apiKey);
    for (const call of [
      () => client.generateToken({ user: { id: 'u' } }, { expiresIn: input.expiresIn }),
      () => client.generateJwt({ user: { id: 'u' } }, { expiresIn: input.expiresIn }),
    ]) {
      expect(await rejection(call)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: expected.kind });
    }
  });

  const anyUuid = (vectors.apiKeyErrors ?? []).map(({ name }) => name).filter((name) => name.includes('non-Node'));
  const anyVariant = (vectors.apiKeyErrors ?? []).map(({ name }) => name).filter((name) => /UUID/u.test(name));
  each(
    'apiKeyErrors',
    async ({ input, expected }) => {
      const error = await rejection(() => new VortexClient(input.apiKey));
      expect(error).toMatchObject({ code: 'CONFIG', reason: expected.kind });
      if (input.apiKey) expect(error.message).not.toContain(String(input.apiKey));
    },
    [...anyUuid, ...anyVariant],
  );
});

describe('otherwise than the vendor, by decision', () => {
  const withStringScopes = (vectors.generateJwt ?? []).filter(({ name }) => STRING_SCOPES.includes(name));
  test.each(withStringScopes)('refused: $name', async ({ input }) => {
    const client = new VortexClient(input.apiKey);
    const scopes = { adminScopes: input.params.user.adminScopes, id: 'u' };
    for (const call of [
      () => client.generateJwt(input.params),
      () => client.generateToken({ user: scopes }),
      () => client.sign(scopes),
    ]) {
      expect(await rejection(call)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'type' });
    }
  });

  test.each(
    (vectors.apiKeyErrors ?? []).filter(({ expected, name }) => expected.kind === 'uuid' && /UUID/u.test(name)),
  )('accepted: $name', ({ input }) => {
    expect(() => new VortexClient(input.apiKey)).not.toThrow();
  });

  test('a bad key throws at construction, before anything else', async () => {
    expect(await rejection(() => new VortexClient('not-a-key'))).toMatchObject({ code: 'CONFIG', reason: 'format' });
  });

  const accepted = new Set([
    'id with = padding',
    'id in the standard base64 alphabet (+ and /)',
    'id with non-zero trailing bits (last character A..P variants)',
    'nil UUID id',
    'max UUID id',
  ]);
  each('apiKeyAccepted', async ({ name, input, expected }) => {
    if (accepted.has(name)) {
      const client = new VortexClient(input.apiKey);
      expect(await client.generateToken(input.payload, input.options)).toBe(expected.token);
    } else {
      expect(await rejection(() => new VortexClient(input.apiKey))).toMatchObject({ code: 'CONFIG' });
    }
  });

  test.each(['userId', 'userEmail', 'expires', 'identifiers', 'name', 'role', 'userIsAutojoinAdmin', 'adminScopes'])(
    'the extra JWT parameter %s, which would replace a computed claim, is refused',
    async (claim) => {
      const user = { id: 'u', email: 'u@x.example', name: 'U', adminScopes: ['autojoin'] };
      const error = await rejection(() => new VortexClient(KEY).generateJwt({ user, [claim]: 'mine' }));
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(error.message).toContain(claim);
    },
  );
});

test('nothing but the values has a say in what is signed: no toJSON, no getter', async () => {
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
  expect(await rejection(() => client.generateToken({ user: hidden }))).toMatchObject({ reason: 'type' });
});

test('the ASCII form has the same claims, and decodes with plain atob', async () => {
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
