export type {
  AcceptedInvitations,
  AcceptingUser,
  AcceptTarget,
  Autojoin,
  ConfigureAutojoinRequest,
  CreatedInvitation,
  CreateInvitationRequest,
  Invitation as InvitationResult,
  SyncedInvitations,
  SyncInternalInvitationRequest,
} from '@vortex/core';
export {
  type CallOptions,
  type JwtContext,
  type TargetType,
  VortexBackend,
  type VortexBackendOptions,
} from './backend.js';
export type { InvitationMethods } from './calls.js';
export { VortexRequestError, type VortexRequestErrorCode } from './errors.js';
export {
  type Invitations,
  useInvitations,
  useVortex,
  useVortexAuth,
  useVortexJWT,
  type VortexAuth,
  type VortexJwt,
} from './hooks.js';
export { type VortexConfig, type VortexContextValue, VortexProvider, type VortexProviderProps } from './provider.js';
export { type AuthenticatedUser, type DecodedToken, decodeToken, type InvitationGroup } from './token.js';
export { TokenKeeper, type TokenKeeperOptions, type TokenState } from './token-keeper.js';
