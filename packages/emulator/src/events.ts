import { randomUUID } from 'node:crypto';
import { ACCOUNT, iso, present } from './invitation.js';
import type { EmulatorEvent, InvitationRecord, ScopeRecord } from './state.js';

/** The user who accepted an invitation. */
export interface AcceptingUser {
  email?: string;
  phone?: string;
  /** The application's id of the user. Set only if an internal invitation was accepted inside the application. */
  id?: string;
  name?: string;
  isExisting?: boolean;
}

type InvitationEventType =
  | 'invitation.created'
  | 'invitation.accepted'
  | 'invitation.deactivated'
  | 'invitation.email.delivered'
  | 'invitation.link.clicked'
  | 'invitation.reminder.sent';

export function invitationEvent(
  type: InvitationEventType,
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

function envelope(now: number) {
  const { accountId, environmentId } = ACCOUNT;
  return { id: randomUUID(), timestamp: iso(now), accountId, environmentId };
}

function describe(record: InvitationRecord, now: number) {
  const { id, invitationType, status, target, groups, scope, scopeType, foreignCreatorId, metadata } = present(
    record,
    now,
  );
  const scopes = groups.map((group) => ({ ...group, scopeId: group.groupId }));
  return {
    invitationId: id,
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
