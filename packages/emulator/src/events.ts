import { randomUUID } from 'node:crypto';
import type { WebhookEventType } from '@vortex/core';
import { ACCOUNT, type EmulatedInvitation, iso, present } from './invitation.js';
import type { EmulatorEvent, InvitationRecord, ScopeRecord, TargetRecord } from './state.js';

/** The user who accepted an invitation. */
export interface AcceptingUser {
  email?: string;
  phone?: string;
  /** The application's id of the user. Set only if an internal invitation was accepted inside the application. */
  id?: string;
  name?: string;
  isExisting?: boolean;
}

export function invitationEvent(
  type: Extract<WebhookEventType, `invitation.${string}`>,
  record: InvitationRecord,
  now: number,
  user?: AcceptingUser,
): EmulatorEvent {
  return {
    ...envelope(now),
    type,
    sourceTable: 'invitations',
    operation: type === 'invitation.created' ? 'insert' : 'update',
    data: { ...describe(record, now), ...(user && { user }) },
  };
}

export function memberAdded(
  record: InvitationRecord,
  scope: ScopeRecord,
  user: AcceptingUser,
  now: number,
): EmulatorEvent {
  return {
    ...envelope(now),
    type: 'group.member.added',
    sourceTable: 'group_members',
    operation: 'insert',
    data: { ...describe(record, now), scope: scope.groupId, scopeType: scope.type, scopeName: scope.name, user },
  };
}

/** The tables that the events are about, by the first words of the type. The vendor documents none. */
const TABLES = {
  invitation: 'invitations',
  deployment: 'deployments',
  abtest: 'ab_tests',
  member: 'members',
  group: 'group_members',
  email: 'emails',
};

/**
 * Makes an event of any documented type, with the data of an invitation. Events about a member or an acceptance have the
 * invitee as `user`, except those about a link to share, which names none; `group.member.added` has the first scope. `data` adds and replaces members.
 */
export function announcement(
  type: WebhookEventType,
  record: InvitationRecord,
  data: Record<string, unknown>,
  now: number,
): EmulatorEvent {
  const [target] = record.target;
  const [scope] = record.groups;
  return {
    ...envelope(now),
    type,
    sourceTable: TABLES[type.split('.')[0] as keyof typeof TABLES],
    operation: /\.(?:created|added)$/.test(type) ? 'insert' : 'update',
    data: {
      ...describe(record, now),
      ...(type === 'group.member.added' && scope && { scopeName: scope.name }),
      ...(hasUser(type) && target && target.type !== 'share' && { user: userOf(target) }),
      ...data,
    },
  };
}

/** Tells whether the events of a type are about an acceptance, and so name a user. */
export function hasUser(type: WebhookEventType): boolean {
  return type === 'invitation.accepted' || type === 'member.created' || type === 'group.member.added';
}

function userOf({ type, value, name }: TargetRecord): AcceptingUser {
  const address = type === 'email' ? { email: value } : type === 'phone' ? { phone: value } : { id: value };
  return { ...address, ...(name !== null && { name }) };
}

function envelope(now: number) {
  const { accountId, environmentId } = ACCOUNT;
  return { id: randomUUID(), timestamp: iso(now), accountId, environmentId };
}

function describe(record: InvitationRecord, now: number) {
  return dataOf(present(record, now));
}

/** The members that the `data` of every event about an invitation has. */
export function dataOf(invitation: EmulatedInvitation) {
  const { id, invitationType, status, target, groups, scope, scopeType, foreignCreatorId, metadata } = invitation;
  const scopes = groups.map((group) => ({ ...group, scopeId: group.groupId }));
  const targetEmail = target.find(({ type }) => type === 'email')?.value;
  return {
    invitationId: id,
    ...(targetEmail !== undefined && { targetEmail }),
    invitationType,
    status,
    target,
    scopes,
    groups,
    scope,
    scopeType,
    foreignCreatorId,
    metadata,
  };
}
