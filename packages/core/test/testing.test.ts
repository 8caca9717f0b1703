/** The tools that applications test with, against the parts that they test. */
import { VortexClient, VortexWebhooks } from '@vortex/core';
import { fixedClock, readToken, webhookEvent, webhookRequest } from '@vortex/core/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';

const KEY = 'VRTX.Pxwrep1OTGuKHw4tPEtaaQ.made-up-Secret_0123456789abcdef';
const OTHER_KEY = 'VRTX.AAAAAAAAAAAAAAAAAAAAAA.made-up-Secret_0123456789abcdef';
const SAME_ID = `${KEY}x`;

describe('a signed webhook', () => {
  test('is one that the verifier believes, in any script', async () => {
    const event = webhookEvent('invitation.accepted', { data: { targetEmail: 'zoë@example.com' } });
    const { body, headers } = await webhookRequest(event, 'secret');
    const signature = headers['x-vortex-signature'];
    expect(await new VortexWebhooks({ secret: 'secret' }).constructEvent(body, signature)).toEqual(event);
    expect(await new VortexWebhooks({ secret: 'another' }).verifySignature(body, signature)).toBe(false);
  });

  test('posts as it is', async () => {
    const request = new Request('http://localhost', {
      method: 'POST',
      ...(await webhookRequest(webhookEvent('member.created'), 'secret')),
    });
    expect(request.headers.get('content-type')).toBe('application/json');
    expect(await request.json()).toMatchObject({ type: 'member.created' });
  });
});

describe('an event', () => {
  test('has an id of its own and what it is given', () => {
    const [one, two] = [
      webhookEvent('invitation.created'),
      webhookEvent('invitation.created', { operation: 'update' }),
    ];
    expect(one.id).not.toBe(two.id);
    expect([one.operation, two.operation]).toEqual(['insert', 'update']);
  });

  test('is typed by its name', () => {
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

describe('a token is read', () => {
  const client = () => new VortexClient(KEY);

  test('in the form of generateJwt', async () => {
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

  test('in the form of generateToken', async () => {
    const token = await client().generateToken({ user: { id: 'u-1' }, vars: { a: 1 } }, { expiresIn: 60 });
    const { format, claims, issuedAt, expiresAt } = await readToken(token, KEY);
    expect([format, claims]).toMatchObject(['token', { user: { id: 'u-1' }, vars: { a: 1 } }]);
    expect(expiresAt - issuedAt).toBe(60_000);
  });

  test.each([
    ['signed with another secret', SAME_ID],
    ['signed with another key', OTHER_KEY],
  ])('but not one %s', async (_, key) => {
    const jwt = await new VortexClient(key).generateJwt({ user: { id: 'u-1' } });
    await expect(readToken(jwt, KEY)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test.each(['', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])('but not %j', async (token) => {
    await expect(readToken(token, KEY)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('but not with a key that is none', async () => {
    await expect(readToken('a.b.c', 'VRTX.x')).rejects.toMatchObject({ code: 'CONFIG' });
  });
});

describe('a fixed clock', () => {
  test('stands until it is moved, and the verifier goes by it', async () => {
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

  test.each([[1772020800000], ['2026-02-25T12:00:00Z'], [new Date(1772020800000)]])('starts at %j', (start) => {
    expect(fixedClock(start)()).toBe(1772020800000);
  });

  test('does not start at what is no date', () => {
    expect(() => fixedClock('yesterday')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
