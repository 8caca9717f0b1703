export {
  type InvitationsOf,
  type Invite,
  type InviteRequest,
  type InviteResult,
  useAccept,
  useAutojoinDomains,
  useConfigureAutojoin,
  useInvitation,
  useInvitationsOf,
  useInvitationsTo,
  useInvite,
  useReinvite,
  useRevoke,
  useVortexQueries,
} from './hooks.js';
export { type InvitationLink, type InviteForm, useInvitationLink, useInviteForm } from './parts.js';
export {
  type InvitationPage,
  type Scope,
  type Target,
  type VortexQueries,
  vortexKeys,
  vortexQueries,
} from './queries.js';
