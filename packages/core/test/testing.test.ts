/** The test tools of applications, against the parts of core that they stand for. */
import { VortexClient, VortexWebhooks } from '@vortex/core';
import { fixedClock, readToken, webhookEvent, webhookRequest } from '@vortex/core/testing';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { failure, KEY } from './helpers.ts';

const OTHER_KEY = KEY.replace(/\..*\./u, '.AAAAAAAAAAAAAAAAAAAAAA.');
const SAME_ID = `${KEY}x`;

describe('webhookRequest', () => {
  test('a signed webhook is accepted with its own secret and refused with another', async () => {
    const event = webhookEvent('invitation.accepted', { data: { targetEmail: 'zoë@example.com' } });
    const { body, headers } = await webhookRequest(event, 'secret');
    const signature = headers['x-vortex-signature'];
    expect(await new VortexWebhooks({ secret: 'secret' }).constructEvent(body, signature)).toEqual(event);
    expect(await new VortexWebhooks({ secret: 'another' }).verifySignature(body, signature)).toBe(false);
  });

  test('a signed webhook can be posted as it is', async () => {
    const request = new Request('http://localhost', {
      method: 'POST',
      ...(await webhookRequest(webhookEvent('member.created'), 'secret')),
    });
    expect(request.headers.get('content-type')).toBe('application/json');
    expect(await request.json()).toMatchObject({ type: 'member.created' });
  });
});

test('a webhook of a type that came later, or with few fields, is signed and accepted', async () => {
  const sent = [
    { id: 'e-1', type: 'invitation.archived', data: {} },
    { id: 'e-2', name: 'widget_loaded' },
  ];
  for (const event of sent) {
    const { body, headers } = await webhookRequest(event, 'secret');
    const webhooks = new VortexWebhooks({ secret: 'secret' });
    expect(await webhooks.constructEvent(body, headers['x-vortex-signature'])).toEqual(event);
  }
});

describe('webhookEvent', () => {
  test('an event has an id of its own and the fields that it is given', () => {
    const [one, two] = [
      webhookEvent('invitation.created'),
      webhookEvent('invitation.created', { operation: 'update' }),
    ];
    expect(one.id).not.toBe(two.id);
    expect(webhookEvent('invitation.created', { id: undefined }).id).toMatch(/^[\da-f-]{36}$/u);
    expect([one.operation, two.operation]).toEqual(['insert', 'update']);
  });

  test('an event has every field of a real one', () => {
    expect(webhookEvent('invitation.created')).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-/u),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/u),
      accountId: 'account-1',
      environmentId: null,
      sourceTable: 'invitations',
      operation: 'insert',
      data: {},
      type: 'invitation.created',
    });
  });

  test('an event is typed by its name', () => {
    const event = webhookEvent('group.member.added', { data: { scopeName: 'Harbor' } });
    expectTypeOf(event.type).toEqualTypeOf<'group.member.added'>();
    expectTypeOf(event.data.scopeName).toEqualTypeOf<string | undefined>();
    // @ts-expect-error no such event
    webhookEvent('group.member.addded');
    // @ts-expect-error no such field
    webhookEvent('group.member.added', { dat: {} });
    // @ts-expect-error the name is the first argument
    webhookEvent('group.member.added', { type: 'invitation.created' });
  });
});

describe('readToken', () => {
  const client = () => new VortexClient(KEY);

  test('a token of generateJwt is read, with and without ascii', async () => {
    for (const ascii of [false, true]) {
      const jwt = await client().generateJwt(
        { user: { id: 'u-1', email: 'zoë@example.com', adminScopes: ['autojoin'] }, attributes: { plan: 'pro' } },
        { expiresIn: '5m', ascii },
      );
      const { format, claims, issuedAt, expiresAt } = await readToken(jwt, KEY);
      expect(format).toBe('jwt');
      expect(claims).toMatchObject({ userEmail: 'zoë@example.com', role: 'admin', attributes: { plan: 'pro' } });
      expect(expiresAt - issuedAt).toBe(300_000);
    }
  });

  test('a token of generateToken is read', async () => {
    const token = await client().generateToken({ user: { id: 'u-1' }, vars: { a: 1 } }, { expiresIn: 60 });
    const { format, claims, issuedAt, expiresAt } = await readToken(token, KEY);
    expect([format, claims]).toMatchObject(['token', { user: { id: 'u-1' }, vars: { a: 1 } }]);
    expect(expiresAt - issuedAt).toBe(60_000);
  });

  test('a token of generateToken with a member of the name expires is read as one', async () => {
    const token = await client().generateToken({ user: { id: 'u-1' }, expires: 'never' }, { expiresIn: 60 });
    const { format, issuedAt, expiresAt } = await readToken(token, KEY);
    expect([format, expiresAt - issuedAt]).toEqual(['token', 60_000]);
  });

  test('a token of generateJwt with claims of the names iat and exp is read as one', async () => {
    const params = { user: { id: 'u-1' }, iat: 1, exp: 2 };
    const { format, issuedAt, expiresAt } = await readToken(await client().generateJwt(params, { expiresIn: 60 }), KEY);
    expect([format, expiresAt - issuedAt]).toEqual(['jwt', 60_000]);
  });

  test('a token is read where the global Uint8Array is not that of Node, as in jsdom', async () => {
    const jwt = await client().generateJwt({ user: { id: 'u-1' } });
    vi.stubGlobal('Uint8Array', class extends Uint8Array<ArrayBuffer> {});
    const { claims } = await readToken(jwt, KEY).finally(() => vi.unstubAllGlobals());
    expect(claims).toMatchObject({ userId: 'u-1' });
  });

  describe('times', () => {
    afterEach(() => void vi.useRealTimers());

    test('a token of either format is read with the second of its issue and that of its expiry', async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: 1_772_020_800_999 });
      for (const token of [
        await client().generateJwt({ user: { id: 'u' } }, { expiresIn: 60 }),
        await client().generateToken({ user: { id: 'u' } }, { expiresIn: 60 }),
      ]) {
        const { issuedAt, expiresAt } = await readToken(token, KEY);
        expect([issuedAt, expiresAt]).toEqual([1_772_020_800_000, 1_772_020_860_000]);
      }
    });
  });

  test.each([
    ['signed with another secret', SAME_ID],
    ['signed with another key', OTHER_KEY],
  ])('a token %s is refused', async (_, key) => {
    const jwt = await new VortexClient(key).generateJwt({ user: { id: 'u-1' } });
    await expect(readToken(jwt, KEY)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test.each(['', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])('the token %j is refused, with the cause', async (token) => {
    expect(await failure(readToken(token, KEY))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'format',
      cause: expect.any(Error),
    });
  });

  test('readToken refuses an invalid API key with CONFIG', async () => {
    await expect(readToken('a.b.c', 'VRTX.x')).rejects.toMatchObject({ code: 'CONFIG' });
  });
});

describe('fixedClock', () => {
  test('a fixed clock stands until it is advanced, and a verifier uses it', async () => {
    const now = fixedClock('2026-02-25T12:00:00Z');
    const webhooks = new VortexWebhooks({ secret: 'secret', maxAge: 1000, now });
    const event = webhookEvent('invitation.created', { timestamp: '2026-02-25T12:00:00Z' });
    const { body, headers } = await webhookRequest(event, 'secret');
    const construct = () => webhooks.constructEvent(body, headers['x-vortex-signature']);
    now.advance(1000);
    expect(await construct()).toEqual(event);
    now.advance(1);
    await expect(construct()).rejects.toMatchObject({ code: 'STALE_EVENT' });
  });

  test.each([[1772020800000], ['2026-02-25T12:00:00Z'], [new Date(1772020800000)]])(
    'a fixed clock starts at %j',
    (start) => {
      expect(fixedClock(start)()).toBe(1772020800000);
    },
  );

  test('a fixed clock refuses a start that is not a date', () => {
    const refusal = expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'format' });
    expect(() => fixedClock('yesterday')).toThrow(refusal);
  });
});
