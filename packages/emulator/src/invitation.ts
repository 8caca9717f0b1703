/** Defines the state of a single invitation and its shape in the API. */
import type { Shape } from './options.js';
import type { AcceptanceRecord, InvitationRecord, ScopeRecord, TargetRecord } from './state.js';

/** The ids of the only account. */
export const ACCOUNT = {
  accountId: '7f3c1b1e-52f6-4a5e-9a0f-0d6f0c8a1e01',
  environmentId: '7f3c1b1e-52f6-4a5e-9a0f-0d6f0c8a1e02',
  projectId: '7f3c1b1e-52f6-4a5e-9a0f-0d6f0c8a1e03',
  deploymentId: '7f3c1b1e-52f6-4a5e-9a0f-0d6f0c8a1e04',
};

/** An acceptance, with the fields that each of the vendor's SDKs and pages expects. */
export interface EmulatedAcceptance {
  id: string;
  accountId: string;
  projectId: string;
  invitationId: string;
  acceptedAt: string;
  /** The same time as `acceptedAt`. */
  createdAt: string;
  target: TargetRecord;
  targetType: string;
  targetValue: string;
  /** The accepting user's addresses, by their type: `{ email: 'grace@example.com' }`. */
  identifiers: Record<string, string>;
  email: string | null;
  phone: string | null;
  name: string | null;
  /** `null` if the application did not say. */
  isExisting: boolean | null;
}

/**
 * An invitation with the fields of every generation of the API. The API calls scopes `groups`, and the application's scope
 * id `groupId`.
 */
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
  scope?: string | undefined;
  /** The type of the first scope. Absent if the invitation has no scope. */
  scopeType?: string | undefined;
  foreignCreatorId: string;
  creatorName: string | null;
  creatorAvatarUrl: string | null;
  inviter: InvitationRecord['inviter'];
  accepts: EmulatedAcceptance[];
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
  /** The opaque text that the component sent. Absent if it sent none. */
  passThrough?: string | undefined;
}

export function isExpired(record: InvitationRecord, now: number): boolean {
  return record.expiresAt !== null && now >= record.expiresAt;
}

/** Tells whether an invitation can be accepted. Only a single-use invitation is closed by its first acceptance. */
export function isOpen(record: InvitationRecord, now: number): boolean {
  const isAccepted = record.accepts.length > 0 || record.status === 'accepted_elsewhere';
  const usedUp = record.invitationType === 'single_use' && isAccepted;
  return !record.deactivated && !usedUp && !isExpired(record, now);
}

export function isInScope(record: InvitationRecord, scopeType: string, scope: string): boolean {
  return record.groups.some((group) => group.type === scopeType && group.groupId === scope);
}

/** Returns the status that a new invitation is answered with. The emulator delivers at once, the cloud after the answer. */
export function initialStatus({ status }: InvitationRecord): InvitationRecord['status'] {
  return status === 'delivered' ? 'queued' : status;
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
    accepts: record.accepts.map((acceptance) => presentAcceptance(record.id, acceptance)),
    deactivated: record.deactivated || expired,
    expired,
    expires: record.expiresAt === null ? null : iso(record.expiresAt),
    createdAt: iso(record.createdAt),
    modifiedAt: record.modifiedAt === null ? null : iso(record.modifiedAt),
    deliveryTypes: record.target.map((target) => target.type),
    deliveryCount: record.deliveryCount,
    clickThroughs: record.clickThroughs,
    views: record.views,
    source: record.source,
    subtype: record.subtype,
    metadata: structuredClone(record.metadata),
    attributes: null,
    formSubmissionData: structuredClone(record.formSubmissionData),
    // The older name of the same data.
    configurationAttributes: structuredClone(record.formSubmissionData),
    ...(record.passThrough !== undefined && { passThrough: record.passThrough }),
  };
}

function presentAcceptance(invitationId: string, acceptance: AcceptanceRecord): EmulatedAcceptance {
  const { id, accountId, acceptedAt, isExisting } = acceptance;
  const target = structuredClone(acceptance.target);
  const email = acceptance.email ?? (target.type === 'email' ? target.value : null);
  const phone = acceptance.phone ?? (target.type === 'phone' ? target.value : null);
  return {
    id,
    accountId,
    projectId: ACCOUNT.projectId,
    invitationId,
    acceptedAt,
    createdAt: acceptedAt,
    target,
    targetType: target.type,
    targetValue: target.value,
    identifiers: { ...(email !== null && { email }), ...(phone !== null && { phone }) },
    email,
    phone,
    name: target.name,
    isExisting: isExisting ?? null,
  };
}

/** Returns an invitation as one generation of the API answers it: with the fields that its reference page lists. */
export function shapeOf(invitation: EmulatedInvitation, shape: Shape | undefined): object {
  if (shape === undefined) return invitation;
  // Only the types of SDKs have these fields.
  const { creatorName: _, creatorAvatarUrl: __, inviter: ___, ...common } = invitation;
  const { groups, accepts, projectId, scope, scopeType, widgetId, deploymentId, formSubmissionData, ...rest } = common;
  if (shape === 3) return { ...rest, scope, scopeType, widgetId, deploymentId, formSubmissionData };
  const older = {
    ...rest,
    projectId,
    groups: groups.map(({ type, groupId, name }) => ({ type, id: groupId, name })),
    accepts: accepts.map(({ id }) => ({ id, status: 'accepted' })),
  };
  if (shape === 2) return { ...older, scope, scopeType, deploymentId };
  return { ...older, deliveryTypes: rest.deliveryTypes.map((type) => (type === 'phone' ? 'sms' : type)) };
}
