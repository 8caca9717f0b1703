/** Lists the routes of the server API. A fault can be set on each route of both lists. */
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

/** Lists the routes of the client API. The word before them tells them from those of the server API with the same path. */
export const CLIENT_ROUTES = [
  'client GET /api/v1/widgets/:componentId',
  'client POST /api/v1/invitations',
  'client POST /api/v1/invitations/generate-shareable-link-invite',
  'client GET /api/v1/invitations/sent',
  'client GET /api/v1/invitations',
  'client GET /api/v1/invitations/:invitationId',
  'client DELETE /api/v1/invitations/:invitationId',
  'client POST /api/v1/invitations/accept',
  'client POST /api/v1/deferred-links/match',
  'client POST /api/v1/events',
] as const;

/** A route of the API that backends call. */
export type ServerRoute = (typeof ROUTES)[number];

/** A route of the API that components call. */
export type ClientRoute = (typeof CLIENT_ROUTES)[number];

/**
 * A route by its method and path, such as `GET /api/v1/invitations/:invitationId`. Those of the API that components call
 * begin with `client`, such as `client POST /api/v1/invitations`.
 */
export type EmulatedRoute = ServerRoute | ClientRoute;

/** The environment of a request. */
export interface RequestEnv {
  /** Breaks the connection that the request came in on. */
  hangUp: () => void;
  /** Whether the request comes from this machine. */
  isLocal: boolean;
  /** The user of the token, set by the client API for the record of the request. */
  user?: string;
  /** A warning about the token, set by the client API. */
  warning?: string;
  /** Whether a fault has changed the reply. */
  faulty?: boolean;
}

export interface AppEnv {
  Bindings: RequestEnv;
}
