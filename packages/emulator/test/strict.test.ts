/**
 * Tests the members of answers whose types refuse unknown members in the vendor's Java SDK 1.20.0, and those that SDKs of
 * other languages require.
 */
import { describe, expect, it } from 'vitest';
import { call, invite, start, TEAM } from './helpers.js';

const keys = (value: unknown) => Object.keys(value as object).sort();
const STATUSES = ['queued', 'sending', 'sent', 'delivered', 'accepted', 'shared', 'unfurled', 'accepted_elsewhere'];

describe('answers for strict deserializers', () => {
  it('the answer to a new invitation has exactly four members', async () => {
    expect(keys(await invite(await start()))).toEqual(['createdAt', 'id', 'shortLink', 'status']);
  });

  it('target[] and groups[] have exactly the documented members, and the status is one of the documented ones', async () => {
    const emulator = await start();
    const targets = [
      { type: 'email', value: 'grace@example.com' },
      { type: 'phone', value: '+49 30 1', name: 'Grace', avatarUrl: 'https://example.com/g.png' },
      { type: 'internal', value: 'user-2' },
    ];
    for (const target of targets) {
      const { id } = await invite(emulator, { target, groups: [TEAM] });
      const { body } = await call(emulator, `GET /api/v1/invitations/${id}`);
      const [invitation] = [body as unknown as (typeof emulator.invitations)[number]];
      expect(keys(invitation?.target[0])).toEqual(['avatarUrl', 'name', 'type', 'value']);
      expect(keys(invitation?.groups[0])).toEqual(['accountId', 'createdAt', 'groupId', 'id', 'name', 'type']);
      expect(STATUSES).toContain(invitation?.status);
    }
  });

  it('the answer to an acceptance has one member, and an acceptance those that each SDK requires', async () => {
    const emulator = await start();
    const { id } = await invite(emulator);
    const user = { email: 'grace@example.com' };
    const { body } = await call(emulator, 'POST /api/v1/invitations/accept', { invitationIds: [id], user });
    expect(keys(body)).toEqual(['invitations']);
    const required = [
      'id',
      'accountId',
      'projectId',
      'acceptedAt',
      'targetType',
      'targetValue',
      'identifiers',
      'target',
    ];
    expect(keys(body.invitations[0]?.accepts[0])).toEqual(expect.arrayContaining(required));
  });

  // `Map<String, String>` in Java, `Map<String, JsonElement>` in Kotlin, `[String: AnyCodable]` in Swift.
  it('the identifiers of an acceptance are an object with text by type, which SDKs decode as a map', async () => {
    const emulator = await start();
    const { id } = await invite(emulator);
    const user = { email: 'grace@example.com', phone: '+49 30 1', name: 'Grace' };
    const { body } = await call(emulator, 'POST /api/v1/invitations/accept', { invitationIds: [id], user });
    expect(body.invitations[0]?.accepts[0]?.identifiers).toEqual({ email: 'grace@example.com', phone: '+49 30 1' });
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    const decision = { creatorId: 'user-1', targetValue: 'user-2', action: 'accepted', componentId: 'component-1' };
    await call(emulator, 'POST /api/v1/invitations/sync-internal-invitation', decision);
    expect(emulator.invitations[1]?.accepts[0]?.identifiers).toEqual({});
  });

  it('the answers about autojoin and internal decisions have exactly the documented members', async () => {
    const emulator = await start();
    const domains = { scope: 'team-1', scopeType: 'team', componentId: 'component-1', domains: ['example.com'] };
    const { body } = await call(emulator, 'POST /api/v1/invitations/autojoin', domains);
    expect(keys(body)).toEqual(['autojoinDomains', 'invitation']);
    expect(keys(body.autojoinDomains[0])).toEqual(['domain', 'id']);
    await invite(emulator, { target: { type: 'internal', value: 'user-2' } });
    const decision = { creatorId: 'user-1', targetValue: 'user-2', action: 'accepted', componentId: 'component-1' };
    const synced = await call(emulator, 'POST /api/v1/invitations/sync-internal-invitation', decision);
    expect(keys(synced.body)).toEqual(['invitationIds', 'processed']);
  });
});
