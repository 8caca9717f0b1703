export type { AuthorizeOperation, Rule } from './authorize.js';
export { type CallOptions, VERSION, VortexClient, type VortexClientOptions } from './client.js';
export type { CsrfMode } from './csrf.js';
export { VortexError, type VortexErrorCode, type VortexErrorReason, type VortexIssue } from './errors.js';
export {
  type AnalyticsEvent,
  type GroupMemberEventData,
  type InvitationEventData,
  isAnalyticsEvent,
  isWebhookEvent,
  type NewerWebhookEvent,
  type VortexEvent,
  type WebhookEvent,
  type WebhookEventOf,
  type WebhookEventType,
} from './events.js';
export type { Logger } from './log.js';
export type { ResponseEvent } from './observe.js';
export type { BoundOperationName, Operation, OperationName, OperationOf, ResultOf } from './operations.js';
export type { JwtOptions, OnSuccess, VortexOptions } from './options.js';
export type { MaybePromise } from './promises.js';
export type { ExpiresIn, JwtParams, JwtUser, SignableUser, SignOptions, TokenPayload, TokenUser } from './token.js';
export type { CallObserver } from './transport.js';
export { isAddressedTo, type VortexUser } from './user.js';
export {
  signWebhook,
  VortexWebhookSignatureError,
  VortexWebhooks,
  type VortexWebhooksOptions,
  type WebhookHandlers,
  type WebhookSecret,
} from './webhook.js';
export type { VortexWebhookOptions } from './webhook-endpoint.js';
export { type MemoryStoreOptions, memoryStore, type WebhookStore } from './webhook-store.js';
export type {
  AcceptedInvitations,
  AcceptingUser,
  AcceptTarget,
  Autojoin,
  AutojoinDomain,
  AutojoinSettings,
  CreatedInvitation,
  InternalDecision,
  Invitation,
  InvitationAcceptance,
  InvitationScope,
  InvitationTarget,
  Inviter,
  NewInvitation,
  NewInvitationTarget,
  ScopeInput,
  SyncedInvitations,
  UnfurlConfig,
} from './wire.js';
