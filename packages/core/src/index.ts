import './lib/runtime.js';

export { type CallOptions, SDK_VERSION, VortexClient } from './api/client.js';
export type { CallEvent, VortexClientOptions } from './api/client-options.js';
export type { Fetch, FetchInit, FetchResponse } from './api/exchange.js';
export { type InvitationState, invitationState } from './api/invitation-state.js';
export type {
  AcceptedInvitations,
  AcceptingUser,
  AcceptTarget,
  Autojoin,
  AutojoinDomain,
  AutojoinSettings,
  CreatedInvitation,
  DeliveryType,
  InternalDecision,
  Invitation,
  InvitationAcceptance,
  InvitationInviter,
  InvitationScope,
  InvitationStatus,
  InvitationTarget,
  InvitationType,
  Inviter,
  NewInvitation,
  NewInvitationContent,
  NewInvitationTarget,
  ScopeInput,
  ScopesInput,
  SyncedInvitations,
  UnfurlConfig,
} from './api/wire.js';
export { VortexError, type VortexErrorCode, type VortexErrorReason, type VortexIssue } from './lib/errors.js';
export type { Logger } from './lib/log.js';
export type { MaybePromise, PerRequest } from './lib/promises.js';
export type {
  AuthorizeOperation,
  CombinedRule,
  Rule,
  RuleFunction,
  RuleMap,
} from './routes/authorize.js';
export type { CsrfMode } from './routes/csrf.js';
export type { ResponseEvent } from './routes/observe.js';
export {
  type AcceptInvitationsOperation,
  type AcceptInvitationsRequest,
  type ActAsOperationName,
  type ConfigureAutojoinOperation,
  type ConfigureAutojoinRequest,
  type CreateInvitationOperation,
  type CreateInvitationRequest,
  type DeleteGroupInvitationsOperation,
  type GetAutojoinDomainsOperation,
  type GetGroupInvitationsOperation,
  type GetGroupInvitationsRequest,
  type GetInvitationOperation,
  type GetInvitationsOperation,
  type GetInvitationsRequest,
  type InvitationList,
  type InvitationRequest,
  type JwtOperation,
  type JwtOperationContext,
  type JwtRequest,
  OPERATION_NAMES,
  type Operation,
  type OperationAcceptingUser,
  type OperationInviter,
  type OperationName,
  type OperationOf,
  type OperationScope,
  type OperationTarget,
  type OperationUnfurlConfig,
  type ReinviteOperation,
  type RequestOf,
  type ResultOf,
  type RevokeInvitationOperation,
  type RouteOf,
  type ScopeRequest,
  type Success,
  type SyncInternalInvitationOperation,
  type SyncInternalInvitationRequest,
  type Token,
} from './routes/operation-types.js';
export type { FailureEvent, JwtOptions, OnSuccess, SuccessEvent, VortexMountOptions } from './routes/options.js';
export { isAddressedTo, type VortexUser } from './routes/user.js';
export type {
  ExpiresIn,
  JwtParams,
  JwtUser,
  SignableUser,
  SignOptions,
  TokenPayload,
  TokenUser,
} from './signing/token.js';
export type { WebhookFailureEvent, WebhookMountOptions } from './webhooks/endpoint.js';
export {
  ANALYTICS_EVENT_NAMES,
  type AnalyticsEvent,
  type GroupMemberEventData,
  type InvitationEventData,
  isAnalyticsEvent,
  isWebhookEvent,
  type NewerWebhookEvent,
  type NewerWebhookEventType,
  type UnknownEvent,
  type VortexEvent,
  WEBHOOK_EVENT_TYPES,
  type WebhookEvent,
  type WebhookEventOf,
  type WebhookEventType,
} from './webhooks/events.js';
export {
  type MemoryStoreOptions,
  memoryStore,
  type TransactionalStore,
  type WebhookClaim,
  type WebhookStore,
} from './webhooks/store.js';
export {
  VortexWebhookSignatureError,
  VortexWebhooks,
  type VortexWebhooksOptions,
  type WebhookHandlerMap,
  type WebhookHandlers,
  type WebhookSecret,
} from './webhooks/verify.js';
