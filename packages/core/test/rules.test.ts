/** The rules of `@vortex/core/rules`: what each of them allows, and that none allows for want of something to judge. */
import type { Invitation } from '@vortex/core';
import { VortexError } from '@vortex/core';
import { allOf, anyOf, inEveryScope, isInvitee, isInviter, isShareLink, mayAccept } from '@vortex/core/rules';
import { describe, expect, test } from 'vitest';

const invitation = (fields: Partial<Invitation> = {}): Invitation => ({ id: 'i-1', foreignCreatorId: '7', ...fields });
const one = (fields?: Partial<Invitation>) => ({ loadInvitation: async () => invitation(fields) });
const many = (...list: Invitation[]) => ({ loadInvitations: async () => list });
const ada = { id: 7, email: 'ada@harbor.example', teams: ['red'] };
const scope = (type: string, scopeId: string) => ({ type, scopeId, groupId: scopeId, name: scopeId });

describe('isInviter', () => {
  test.each<[string, ReturnType<typeof one> | ReturnType<typeof many>, boolean]>([
    ['an invitation of the caller, whose id is a number', one(), true],
    ['an invitation of another user', one({ foreignCreatorId: '8' }), false],
    ['an invitation without an inviter', one({ foreignCreatorId: undefined as never }), false],
    ['several invitations of the caller', many(invitation(), invitation({ id: 'i-2' })), true],
    ['several invitations, one of another user', many(invitation(), invitation({ foreignCreatorId: '8' })), false],
    ['no invitation', many(), false],
  ])('isInviter of %s is as expected', async (_, op, expected) => {
    expect(await isInviter(op, ada, undefined)).toBe(expected);
  });

  test('isInviter rejects for an operation without invitations, naming it', async () => {
    const create = { name: 'CREATE_INVITATION' } as unknown as ReturnType<typeof one>;
    await expect(Promise.resolve(isInviter(create, ada, undefined))).rejects.toThrow('CREATE_INVITATION');
  });
});

test('isInvitee is true for an invitation to an address of the caller in another case', async () => {
  const to = (value: string) => one({ target: [{ type: 'email', value }] });
  expect(await isInvitee(to('ADA@harbor.example'), ada, undefined)).toBe(true);
  expect(await isInvitee(to('eve@harbor.example'), ada, undefined)).toBe(false);
  expect(await isInvitee(one(), ada, undefined)).toBe(false);
});

test.each<[string, Invitation['target'], boolean]>([
  ['a share link', [{ type: 'share', value: 'link' }], true],
  ['an invitation to an address', [{ type: 'email', value: ada.email }], false],
  [
    'a link that is also for an address',
    [
      { type: 'share', value: 'link' },
      { type: 'email', value: ada.email },
    ],
    false,
  ],
  ['an invitation without a target', [], false],
])('isShareLink of %s is as expected, open or closed', async (_, target, expected) => {
  expect(await isShareLink(one({ target }), ada, undefined)).toBe(expected);
  expect(await isShareLink(one({ target, deactivated: true }), ada, undefined)).toBe(expected);
});

describe('inEveryScope', () => {
  const member = inEveryScope(({ type, scopeId }, user: typeof ada) => type === 'team' && user.teams.includes(scopeId));
  const red = scope('team', 'red');
  test.each<[string, Parameters<typeof member>[0], boolean]>([
    ['a scope of the operation that holds', { scopes: [red] }, true],
    ['two scopes, one of which does not hold', { scopes: [red, scope('team', 'blue')] }, false],
    ['a scope of the same id and another type', { scopes: [scope('project', 'red')] }, false],
    ['an operation without a scope', { scopes: [] }, false],
    ['the scope of a path', { scopeType: 'team', scope: 'red' }, true],
    ['the scope of another path', { scopeType: 'team', scope: 'blue' }, false],
    ['the scopes of an invitation', one({ scopes: [red] }), true],
    ['an invitation without scopes', one(), false],
    ['an invitation with an empty list of scopes', one({ scopes: [] }), false],
    ['an invitation whose scopes are null', one({ scopes: [null] as never }), false],
    ['several invitations, one without a scope', many(invitation({ scopes: [red] }), invitation()), false],
    ['no invitation', many(), false],
  ])('inEveryScope of %s is as expected', async (_, op, expected) => {
    expect(await member(op, ada, undefined)).toBe(expected);
  });

  test('inEveryScope is false for a check that is truthy and not true', async () => {
    const sloppy = inEveryScope((() => 'yes') as unknown as () => boolean);
    expect(await sloppy({ scopes: [red] }, ada, undefined)).toBe(false);
  });
});

describe('anyOf and allOf', () => {
  const yes = async () => true;
  const no = async () => false;
  const calls: string[] = [];
  const noted = (name: string, result: boolean) => async () => {
    calls.push(name);
    return result;
  };

  test('anyOf and allOf await every rule and need true', async () => {
    const truthy = (async () => 'yes') as unknown as () => Promise<boolean>;
    const results = [
      anyOf(no, yes),
      anyOf(no, truthy),
      anyOf(),
      allOf(yes, yes),
      allOf(yes, no),
      allOf(yes, truthy),
      allOf(),
    ];
    const got = await Promise.all(
      results.map(async (rule) => rule(undefined as never, undefined as never, undefined as never)),
    );
    expect(got).toEqual([true, false, false, true, false, false, false]);
  });

  test('anyOf and allOf stop at the rule that decides', async () => {
    const rules = [noted('a', false), noted('b', true), noted('c', true)] as const;
    expect(await anyOf(...rules)(undefined, undefined, undefined)).toBe(true);
    expect(await allOf(...rules)(undefined, undefined, undefined)).toBe(false);
    expect(calls).toEqual(['a', 'b', 'a']);
  });

  test('anyOf passes on the error of a rule', async () => {
    const denied = new VortexError('FORBIDDEN', 'Not on Sundays.');
    const rule = anyOf(no, () => Promise.reject(denied));
    await expect(Promise.resolve(rule(undefined, undefined, undefined))).rejects.toBe(denied);
  });
});

describe('mayAccept', () => {
  const op = (invitations: Invitation[], own: Invitation[] = []) => ({
    name: 'ACCEPT_INVITATIONS' as const,
    invitationIds: invitations.map(({ id }) => id),
    user: { email: ada.email },
    self: true,
    loadInvitations: async () => invitations,
    loadOwnInvitations: async () => own,
  });
  const mine = invitation({ id: 'mine', target: [{ type: 'email', value: ada.email }] });
  const joinable = invitation({ id: 'joinable', invitationType: 'autojoin' });
  const shared = invitation({ id: 'shared', target: [{ type: 'share', value: 'link' }] });
  const foreign = invitation({ id: 'foreign', target: [{ type: 'email', value: 'eve@harbor.example' }] });

  test.each<[string, ReturnType<typeof op>, boolean]>([
    ['an invitation to the caller', op([mine]), true],
    ['an invitation by domain that Vortex lists for the caller', op([joinable], [joinable]), true],
    ['an invitation by domain that Vortex does not list for the caller', op([joinable]), false],
    [
      'two invitations by domain, of which Vortex lists one for the caller',
      op([joinable, { ...joinable, id: 'another' }], [joinable]),
      false,
    ],
    ['a share link', op([shared]), true],
    ['a revoked share link', op([{ ...shared, deactivated: true }]), false],
    ['an expired share link', op([{ ...shared, expired: true }]), false],
    [
      'an invitation to a share link and to another user',
      op([{ ...shared, target: [...(shared.target ?? []), ...(foreign.target ?? [])] }]),
      false,
    ],
    ['all three kinds together', op([mine, joinable, shared], [joinable]), true],
    ['an invitation to another user, which Vortex lists', op([foreign], [foreign]), false],
    [
      'an invitation to another user beside one by domain, both of which Vortex lists',
      op([joinable, foreign], [joinable, foreign]),
      false,
    ],
    ['one invitation to another user among the caller’s own', op([mine, foreign]), false],
    ['no invitation', op([]), false],
  ])('mayAccept of %s is as expected', async (_, given, expected) => {
    expect(await mayAccept(given, ada, undefined)).toBe(expected);
  });
});
