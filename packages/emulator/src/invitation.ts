/** Defines the state of a single invitation and its shape in the API. */
import type { AcceptanceRecord, InvitationRecord, ScopeRecord, TargetRecord } from './state.js';

/** The ids of the only account. */
export const ACCOUNT = {
  accountId: '7f3c1b1e-52f6-4a5e-9a0f-0d6f0c8a1e01',
  environmentId: '7f3c1b1e-52f6-4a5e-9a0f-0d6f0c8a1e02',
  projectId: '7f3c1b1e-52f6-4a5e-9a0f-0d6f0c8a1e03',
  deploymentId: '7f3c1b1e-52f6-4a5e-9a0f-0d6f0c8a1e04',
};

/** An invitation as the API returns it. The API calls scopes `groups`, and the application's scope id `groupId`. */
export interface EmulatedInvitation {
  id: string;
  accountId: string;
  projectId: string;
  deploymentId: string;
  widgetId: string;
  widgetConfigurationId: string;
  invitationType: InvitationRecord['invitationType'];
  status: InvitationRecord['status'];
  target: TargetRecord[];
  groups: ScopeRecord[];
  /** The application's id of the first scope. Absent if the invitation has no scope. */
  scope?: string;
  /** The type of the first scope. Absent if the invitation has no scope. */
  scopeType?: string;
  foreignCreatorId: string;
  creatorName: string | null;
  creatorAvatarUrl: string | null;
  inviter: InvitationRecord['inviter'];
  accepts: AcceptanceRecord[];
  /** Whether the invitation was revoked or has expired. */
  deactivated: boolean;
  expired: boolean;
  expires: string | null;
  createdAt: string;
  modifiedAt: string | null;
  deliveryTypes: string[];
  deliveryCount: number;
  clickThroughs: number;
  views: number;
  source: string;
  subtype: string | null;
  metadata: Record<string, unknown> | null;
  attributes: Record<string, unknown> | null;
  formSubmissionData: Record<string, unknown> | null;
  configurationAttributes: Record<string, unknown> | null;
}

export function isExpired(record: InvitationRecord, now: number): boolean {
  return record.expiresAt !== null && now >= record.expiresAt;
}

/** Tells whether an invitation can be accepted. Only a single-use invitation is closed by its first acceptance. */
export function isOpen(record: InvitationRecord, now: number): boolean {
  const usedUp = record.invitationType === 'single_use' && record.accepts.length > 0;
  return !record.deactivated && !usedUp && !isExpired(record, now);
}

export function isInScope(record: InvitationRecord, scopeType: string, scope: string): boolean {
  return record.groups.some((group) => group.type === scopeType && group.groupId === scope);
}

export function iso(instant: number): string {
  return new Date(instant).toISOString();
}

export function present(record: InvitationRecord, now: number): EmulatedInvitation {
  const [scope] = record.groups;
  const expired = isExpired(record, now);
  return {
    id: record.id,
    accountId: ACCOUNT.accountId,
    projectId: ACCOUNT.projectId,
    deploymentId: ACCOUNT.deploymentId,
    // The cloud knows the component of a configuration. The emulator does not, so it uses one id for both.
    widgetId: record.widgetConfigurationId,
    widgetConfigurationId: record.widgetConfigurationId,
    invitationType: record.invitationType,
    status: record.status,
    target: structuredClone(record.target),
    groups: structuredClone(record.groups),
    ...(scope && { scope: scope.groupId, scopeType: scope.type }),
    foreignCreatorId: record.inviter?.id ?? '',
    creatorName: record.inviter?.name ?? null,
    creatorAvatarUrl: record.inviter?.avatarUrl ?? null,
    inviter: structuredClone(record.inviter),
    accepts: structuredClone(record.accepts),
    deactivated: record.deactivated || expired,
    expired,
    expires: record.expiresAt === null ? null : iso(record.expiresAt),
    createdAt: iso(record.createdAt),
    modifiedAt: record.modifiedAt === null ? null : iso(record.modifiedAt),
    deliveryTypes: record.target.map((target) => target.type),
    deliveryCount: record.deliveryCount,
    clickThroughs: record.clickThroughs,
    views: 0,
    source: record.source,
    subtype: record.subtype,
    metadata: structuredClone(record.metadata),
    attributes: null,
    formSubmissionData: null,
    configurationAttributes: null,
  };
}
