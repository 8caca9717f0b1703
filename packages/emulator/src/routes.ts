/** Lists the routes of the API. A fault can be set on each of them. */
export const ROUTES = [
  'GET /api/v1/invitations',
  'POST /api/v1/invitations',
  'POST /api/v1/invitations/accept',
  'POST /api/v1/invitations/autojoin',
  'POST /api/v1/invitations/sync-internal-invitation',
  'POST /api/v1/invitation-actions/sync-internal-invitation',
  'GET /api/v1/invitations/:invitationId',
  'DELETE /api/v1/invitations/:invitationId',
  'POST /api/v1/invitations/:invitationId/reinvite',
  'GET /api/v1/invitations/by-scope/:scopeType/:scope',
  'DELETE /api/v1/invitations/by-scope/:scopeType/:scope',
  'GET /api/v1/invitations/by-scope/:scopeType/:scope/autojoin',
  'GET /api/v1/invitations/by-group/:groupType/:groupId',
  'DELETE /api/v1/invitations/by-group/:groupType/:groupId',
] as const;

/** A route by its method and path, such as `GET /api/v1/invitations/:invitationId`. */
export type EmulatedRoute = (typeof ROUTES)[number];

/**
 * The environment of a request. `hangUp` breaks the connection that the request came in on. `isLocal` is true if the
 * request comes from this machine.
 */
export interface AppEnv {
  Bindings: { hangUp: () => void; isLocal: boolean };
}
