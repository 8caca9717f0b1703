export type {
  AcceptedInvitations,
  AcceptingUser,
  AcceptTarget,
  Autojoin,
  AutojoinDomain,
  ConfigureAutojoinRequest,
  CreatedInvitation,
  CreateInvitationRequest,
  Invitation,
  InvitationScope,
  InvitationTarget,
  SyncedInvitations,
  SyncInternalInvitationRequest,
  VortexErrorCode,
  VortexIssue,
} from '@vortex/core';
export { type ParsedAddresses, parseAddresses } from './addresses.js';
export {
  type BrowserClient,
  type BrowserClientOptions,
  type CallOptions,
  createBrowserClient,
  type Fetch,
  type FetchInit,
  type FetchResponse,
  type JwtContext,
  type PageOptions,
  type TargetType,
} from './client.js';
export { VortexRequestError, type VortexRequestErrorCode, type VortexRequestErrorDetails } from './errors.js';
export { type InvitationState, invitationState } from './invitation-state.js';
