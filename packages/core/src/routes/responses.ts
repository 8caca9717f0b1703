/**
 * Schemas of the results of operations, for documentation and tests. A router does not load them: `wire.ts` reads the
 * replies of the API with less work. Objects may have further fields, since unknown fields of the API are kept.
 */
import * as z from 'zod/mini';
import type { DeliveryType, InvitationStatus, InvitationType } from '../api/wire.js';
import { codes, type VortexErrorCode } from '../lib/errors.js';

const text = z.optional(z.string());
const textOrNull = z.optional(z.nullable(z.string()));
const count = z.optional(z.number());
const flag = z.optional(z.boolean());
const jsonMap = z.optional(z.nullable(z.record(z.string(), z.unknown())));

/** Text whose type names the known values. The API may add others, so that any text is valid. */
const open = <Value extends string>() => z.string() as unknown as z.ZodMiniType<Value, string>;

const InvitationTarget = z.object({
  type: z.string(),
  value: z.string(),
  name: textOrNull,
  avatarUrl: textOrNull,
  status: z.optional(open<InvitationStatus>()),
});

const InvitationScope = z.object({
  id: text,
  accountId: text,
  scopeId: z.string(),
  groupId: z.string(),
  type: z.string(),
  name: z.string(),
  createdAt: text,
});

const InvitationAcceptance = z.object({
  id: text,
  accountId: text,
  projectId: text,
  invitationId: text,
  acceptedAt: text,
  createdAt: text,
  target: z.optional(InvitationTarget),
  targetType: textOrNull,
  targetValue: textOrNull,
  identifiers: z.optional(z.nullable(z.record(z.string(), z.string()))),
  status: z.optional(open<InvitationStatus>()),
  email: textOrNull,
  phone: textOrNull,
  name: textOrNull,
  isExisting: z.optional(z.nullable(z.boolean())),
});

const InvitationInviter = z.object({ id: text, email: textOrNull, name: textOrNull, avatarUrl: textOrNull });

const Invitation = z.object({
  id: z.string(),
  accountId: text,
  status: z.optional(open<InvitationStatus>()),
  invitationType: z.optional(open<InvitationType>()),
  target: z.optional(z.array(InvitationTarget)),
  scopes: z.optional(z.array(InvitationScope)),
  groups: z.optional(z.array(InvitationScope)),
  scope: textOrNull,
  scopeType: textOrNull,
  foreignCreatorId: text,
  creatorName: textOrNull,
  creatorAvatarUrl: textOrNull,
  inviter: z.optional(z.nullable(InvitationInviter)),
  deactivated: flag,
  expired: flag,
  expires: textOrNull,
  createdAt: text,
  modifiedAt: textOrNull,
  deliveryTypes: z.optional(z.array(open<DeliveryType>())),
  deliveryCount: count,
  clickThroughs: count,
  views: count,
  accepts: z.optional(z.array(InvitationAcceptance)),
  attributes: jsonMap,
  formSubmissionData: jsonMap,
  configurationAttributes: jsonMap,
  metadata: jsonMap,
  passThrough: textOrNull,
  source: textOrNull,
  subtype: textOrNull,
  widgetId: text,
  widgetConfigurationId: text,
  deploymentId: text,
  projectId: text,
});

const AutojoinDomain = z.object({ id: z.string(), domain: z.string() });

/** By their names as components of an OpenAPI document. */
export const responses = {
  Token: z.object({ jwt: z.string() }),
  Success: z.object({ success: z.literal(true) }),
  Invitation,
  Invitations: z.object({ invitations: z.array(Invitation) }),
  AcceptedInvitations: z.extend(Invitation, { invitations: z.array(Invitation) }),
  CreatedInvitation: z.object({
    id: z.string(),
    shortLink: text,
    status: z.optional(open<InvitationStatus>()),
    createdAt: text,
  }),
  Autojoin: z.object({ autojoinDomains: z.array(AutojoinDomain), invitation: z.nullable(Invitation) }),
  SyncedInvitations: z.object({ processed: z.number(), invitationIds: z.array(z.string()) }),
  InvitationTarget,
  InvitationScope,
  InvitationAcceptance,
  InvitationInviter,
  AutojoinDomain,
  Failure: z.object({
    error: z.string(),
    code: z.enum(Object.keys(codes) as [VortexErrorCode]),
    issues: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
  }),
};

type Responses = typeof responses;
export type ResponseName = keyof Responses;

/** True if the two types are identical, and not merely assignable to each other. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The name of the schema whose type is exactly `Result`. */
export type ResponseOf<Result> = {
  [Name in ResponseName]: Same<z.output<Responses[Name]>, Result> extends true ? Name : never;
}[ResponseName];
