/** The API's routes, by name: what is served, and what a fault can be put on. */
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

/** A route by method and path, for instance `GET /api/v1/invitations/:invitationId`. */
export type Route = (typeof ROUTES)[number];

/** What a request carries besides itself: a way to drop the connection it came in on. */
export interface AppEnv {
  Bindings: { hangUp: () => void };
}
