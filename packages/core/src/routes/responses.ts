/**
 * What operations answer, for documentation and tests: what the API answers is read in `wire.ts`, which is faster. Nothing
 * of this is loaded by a router. Objects may have fields beyond these, since those of the API pass through.
 */
import * as z from 'zod/mini';
import { codes, type VortexErrorCode } from '../lib/errors.js';

const text = z.exactOptional(z.string());
const textOrNull = z.exactOptional(z.nullable(z.string()));
const count = z.exactOptional(z.number());
const flag = z.exactOptional(z.boolean());
const jsonMap = z.exactOptional(z.nullable(z.record(z.string(), z.unknown())));

const InvitationTarget = z.object({ type: z.string(), value: z.string(), name: textOrNull, avatarUrl: textOrNull });

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
  acceptedAt: text,
  target: z.exactOptional(InvitationTarget),
});

const Invitation = z.object({
  id: z.string(),
  accountId: text,
  status: text,
  invitationType: text,
  target: z.exactOptional(z.array(InvitationTarget)),
  scopes: z.exactOptional(z.array(InvitationScope)),
  groups: z.exactOptional(z.array(InvitationScope)),
  scope: text,
  scopeType: text,
  foreignCreatorId: text,
  creatorName: textOrNull,
  creatorAvatarUrl: textOrNull,
  deactivated: flag,
  expired: flag,
  expires: textOrNull,
  createdAt: text,
  modifiedAt: textOrNull,
  deliveryTypes: z.exactOptional(z.array(z.string())),
  deliveryCount: count,
  clickThroughs: count,
  views: count,
  accepts: z.exactOptional(z.array(InvitationAcceptance)),
  attributes: jsonMap,
  formSubmissionData: jsonMap,
  metadata: jsonMap,
  passThrough: textOrNull,
  source: textOrNull,
  subtype: textOrNull,
  widgetId: text,
  widgetConfigurationId: text,
  deploymentId: text,
});

const AutojoinDomain = z.object({ id: z.string(), domain: z.string() });

/** By the names that they have as components of an OpenAPI document. */
export const answers = {
  Token: z.object({ jwt: z.string() }),
  Success: z.object({ success: z.literal(true) }),
  Invitation,
  Invitations: z.object({ invitations: z.array(Invitation) }),
  AcceptedInvitations: z.extend(Invitation, { invitations: z.array(Invitation) }),
  CreatedInvitation: z.object({ id: z.string(), shortLink: text, status: text, createdAt: text }),
  Autojoin: z.object({ autojoinDomains: z.array(AutojoinDomain), invitation: z.nullable(Invitation) }),
  SyncedInvitations: z.object({ processed: z.number(), invitationIds: z.array(z.string()) }),
  InvitationTarget,
  InvitationScope,
  InvitationAcceptance,
  AutojoinDomain,
  Failure: z.object({
    error: z.string(),
    code: z.enum(Object.keys(codes) as [VortexErrorCode]),
    issues: z.exactOptional(z.array(z.object({ path: z.string(), message: z.string() }))),
  }),
};

type Answers = typeof answers;
export type AnswerName = keyof Answers;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Names of the answers that are of this type, to the last optional field. */
export type AnswerOf<Result> = {
  [Name in AnswerName]: Same<z.output<Answers[Name]>, Result> extends true ? Name : never;
}[AnswerName];
