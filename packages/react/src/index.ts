export type {
  AcceptedInvitations,
  AcceptTarget,
  Autojoin,
  AutojoinDomain,
  ConfigureAutojoinRequest,
  CreatedInvitation,
  CreateInvitationRequest,
  Invitation,
  Invitation as InvitationResult,
  InvitationScope,
  InvitationTarget,
  SyncedInvitations,
  SyncInternalInvitationRequest,
  VortexErrorCode,
  VortexIssue,
} from '@vortex/browser';
export {
  type AcceptingUser,
  type BrowserClient,
  type BrowserClientOptions,
  type CallOptions,
  createBrowserClient,
  type Fetch,
  type FetchInit,
  type FetchResponse,
  type InvitationState,
  invitationState,
  type JwtContext,
  type PageOptions,
  type ParsedAddresses,
  parseAddresses,
  type TargetType,
  VortexRequestError,
  type VortexRequestErrorCode,
} from '@vortex/browser';
export {
  type AuthenticatedUser,
  type DecodedToken,
  decodeToken,
  type InvitationGroup,
  TokenKeeper,
  type TokenKeeperOptions,
  type TokenState,
} from '@vortex/browser/token';
export { VortexBackend, type VortexBackendOptions } from './backend.js';
export type { InvitationMethods } from './calls.js';
export {
  type Invitations,
  useInvitations,
  useVortex,
  useVortexAuth,
  useVortexClient,
  useVortexJWT,
  type VortexAuth,
  type VortexJwt,
} from './hooks.js';
export { type VortexConfig, type VortexContextValue, VortexProvider, type VortexProviderProps } from './provider.js';
