/** Tests the test double. */
import { type Invitation, VortexRequestError } from '@vortex/browser';
import { createTestClient, type TestClientOptions } from '@vortex/browser/testing';
import { expect, test } from 'vitest';
import { failure, newInvitation } from './server.ts';

const scopes = [{ type: 'team', scopeId: 't1', groupId: 't1', name: 'Team' }];
const many: Invitation[] = Array.from({ length: 25 }, (_, index) => ({ id: `i-${index}`, scopes }));

test('an invitation can be created, listed, sent again, accepted and revoked', async () => {
  const client = createTestClient();
  const { id, shortLink } = await client.createInvitation(newInvitation('ben@orchard.example'));
  expect(shortLink).toContain(id);
  expect(await client.getInvitationsByTarget('email', 'ben@orchard.example')).toMatchObject([{ id, scopes }]);
  expect(await client.reinvite(id)).toMatchObject({ id, deliveryCount: 2 });
  expect(await client.acceptInvitations([id])).toMatchObject({ id, invitations: [{ id, status: 'accepted' }] });
  expect(await client.getInvitationsByScope('team', 't1')).toEqual([]);
  const second = await client.createInvitation({
    ...newInvitation('ada@harbor.example'),
    scopes: undefined,
    scopeId: 't1',
    scopeType: 'team',
  });
  await client.revokeInvitation(second.id);
  expect(client.invitations).toMatchObject([
    { status: 'accepted' },
    { deactivated: true, scopes: [{ scopeId: 't1' }] },
  ]);
  expect(client.calls.map(([method]) => method)).toContain('reinvite');
});

test('invitations of a scope are listed 20 a page and can be deleted', async () => {
  const client = createTestClient({ invitations: many });
  expect(await client.getInvitationsByScope('team', 't1')).toHaveLength(20);
  expect(await client.getInvitationsByScope('team', 't1', { start: 20 })).toHaveLength(5);
  await client.deleteInvitationsByScope('team', 't1');
  expect(await client.getInvitationsByGroup('team', 't1')).toEqual([]);
});

test('a call is recorded without its options, and without undefined arguments at its end', async () => {
  const client = createTestClient({ invitations: many, jwt: 'a.b.c' });
  const { signal } = new AbortController();
  const input = newInvitation('ada@harbor.example');
  await client.getJwt(undefined, { signal });
  await client.revokeInvitation('i-1', {});
  await client.getInvitationsByScope('team', 't1', { start: 20 });
  await client.acceptInvitations(['i-2'], undefined, { signal });
  await client.acceptInvitations(['i-3'], { email: 'ada@harbor.example' }, {});
  await client.createInvitation(input, { signal });
  expect(client.calls).toEqual([
    ['getJwt'],
    ['revokeInvitation', 'i-1'],
    ['getInvitationsByScope', 'team', 't1'],
    ['acceptInvitations', ['i-2']],
    ['acceptInvitations', ['i-3'], { email: 'ada@harbor.example' }],
    ['createInvitation', input],
  ]);
});

test('null counts as absent in a request', async () => {
  const client = createTestClient();
  const nulls = { scopes: null, groups: null, metadata: null };
  await client.createInvitation({ ...newInvitation('ada@harbor.example'), ...nulls, scopeId: 't1', scopeName: null });
  const ids = { groupId: null, name: null };
  const inScope = {
    scopes: [{ type: 'team', scopeId: 't1', ...ids }],
    groups: null,
    scopeId: null,
    scopeType: null,
    scopeName: null,
  };
  await client.createInvitation({ ...newInvitation('ben@harbor.example'), ...inScope });
  expect(client.invitations.map(({ scopes: own }) => own)).toMatchObject([
    [{ scopeId: 't1', name: 't1' }],
    scopes.map((one) => ({ ...one, name: 't1' })),
  ]);
});

test('scopes of a new invitation have the ids, types and names that the API client gives them', async () => {
  const client = createTestClient();
  const content = { ...newInvitation('ada@harbor.example'), scopes: undefined };
  await client.createInvitation({ ...content, scopeId: 't1' });
  const scope = { type: 'team', scopeId: 'new', groupId: 'old', name: '' };
  await client.createInvitation({ ...content, scopes: [scope] });
  expect(client.invitations.map(({ scopes: own }) => own)).toEqual([
    [{ type: 'default', scopeId: 't1', groupId: 't1', name: 't1' }],
    [{ type: 'team', scopeId: 'old', groupId: 'old', name: 'old' }],
  ]);
});

test('autojoin domains are kept', async () => {
  const client = createTestClient();
  await client.configureAutojoin({ scopeType: 'team', scope: 't1', domains: ['harbor.example'], componentId: 'c' });
  expect((await client.getAutojoinDomains('team', 't1')).autojoinDomains).toMatchObject([{ domain: 'harbor.example' }]);
});

test('an unknown id and a missing token reject, and a method of the options replaces one', async () => {
  const refusal = new VortexRequestError('FORBIDDEN', 'You may not do this.', { status: 403 });
  const client = createTestClient({ revokeInvitation: () => Promise.reject(refusal) });
  expect(await failure(client.getInvitation('none'))).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  expect(await failure(client.getJwt())).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await failure(client.revokeInvitation('i'))).toBe(refusal);
  expect(await createTestClient({ jwt: 'a.b.c', getJwt: undefined }).getJwt()).toBe('a.b.c');
});

test('a method can be assigned to options that are built in steps', async () => {
  const options: TestClientOptions = {};
  options.getJwt = async () => 'a.b.c';
  expect(await createTestClient(options).getJwt()).toBe('a.b.c');
});
