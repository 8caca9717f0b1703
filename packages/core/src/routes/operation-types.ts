/**
 * The types of each operation: the argument of its hooks, its request, its result and its routes. They are written out, so
 * that each field has its documentation and a program that imports them loads no types of zod. The compiler holds them to
 * the table in `operations.ts`.
 */
import type {
  AcceptedInvitations,
  AcceptingUser,
  AcceptTarget,
  Autojoin,
  AutojoinSettings,
  CreatedInvitation,
  Invitation,
  NewInvitationContent,
  ScopesInput,
  SyncedInvitations,
  UnfurlConfig,
} from '../api/wire.js';

/** The argument of hooks for POST `/jwt`. */
export interface JwtOperation {
  readonly name: 'JWT';
  /** The part of the frontend that the token is for. Chosen by the caller: a rule must check it before it is trusted. */
  readonly context?: JwtOperationContext | undefined;
}

export interface JwtOperationContext {
  /** Id of the component. */
  readonly componentId?: string | undefined;
  /** The application's id of the scope. */
  readonly scope?: string | undefined;
  /** Type of the scope, such as `team`. */
  readonly scopeType?: string | undefined;
}

/** The argument of hooks for GET `/invitations`. */
export interface GetInvitationsOperation {
  readonly name: 'GET_INVITATIONS';
  readonly targetType: 'email' | 'username' | 'phoneNumber' | 'phone' | 'sms' | 'internal';
  /** The address whose invitations are listed. */
  readonly targetValue: string;
  /** True if the address is one of the caller's own. */
  readonly self: boolean;
}

/** The argument of hooks for POST `/invitations`. */
export interface CreateInvitationOperation {
  readonly name: 'CREATE_INVITATION';
  /**
   * The sender that the invitee sees. If the request gives no `userId`, this is the caller, and each other value that the
   * request leaves out is the caller's. If the request gives a `userId`, all values are those of the request.
   */
  readonly inviter: OperationInviter;
  /** The scopes that the invitation is for. Empty if the request names no scope. */
  readonly scopes: readonly OperationScope[];
  /** Id of the configuration of your component, which formats the invitation. */
  readonly widgetConfigurationId: string;
  /** The invitee. */
  readonly target: OperationTarget;
  /** Where the invitation was made, for analytics. */
  readonly source?: string | undefined;
  /** A category of the application's own, for analytics. */
  readonly subtype?: string | undefined;
  /** Values for the placeholders of the message. */
  readonly templateVariables?: Readonly<Record<string, string>> | undefined;
  /** Data of the application's own, returned in webhooks. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** The preview of the link. */
  readonly unfurlConfig?: OperationUnfurlConfig | undefined;
  /** True if the inviter is the caller. */
  readonly self: boolean;
}

export interface OperationInviter {
  /** The inviter's id in the application. */
  readonly userId: string;
  readonly userEmail?: string | undefined;
  readonly name?: string | undefined;
  readonly avatarUrl?: string | undefined;
}

/** A scope of a new invitation. It fits `InvitationScope`. */
export interface OperationScope {
  /** Type of the scope, such as `team`. */
  readonly type: string;
  /** The application's id of the scope. */
  readonly scopeId: string;
  /** Older name of `scopeId`, with the same value. */
  readonly groupId: string;
  /** Display name of the scope; its id if the request gives none. */
  readonly name: string;
}

export interface OperationTarget {
  readonly type: 'email' | 'phone' | 'sms' | 'internal';
  /** The address, or for `internal` the invitee's id in the application. */
  readonly value: string;
  readonly name?: string | undefined;
  readonly avatarUrl?: string | undefined;
}

/** The preview of a shared link. It fits `UnfurlConfig`. */
export interface OperationUnfurlConfig {
  /** Title of the preview. */
  readonly title?: string | undefined;
  /** Text below the title. */
  readonly description?: string | undefined;
  /** An https URL. */
  readonly image?: string | undefined;
  /** Kind of the page that is shared. */
  readonly type?: NonNullable<UnfurlConfig['type']> | undefined;
  /** Name of the site. */
  readonly siteName?: string | undefined;
}

interface OneInvitationOperation {
  /** Id of the invitation. */
  readonly invitationId: string;
  /**
   * Fetches the invitation, at most once per request.
   *
   * @throws VortexError `NOT_FOUND`, or the failure of the call. The reply has its status if the rule lets it pass.
   */
  loadInvitation(): Promise<Invitation>;
}

/** The argument of hooks for GET `/invitations/:invitationId`. */
export interface GetInvitationOperation extends OneInvitationOperation {
  readonly name: 'GET_INVITATION';
}

/** The argument of hooks for DELETE `/invitations/:invitationId`. */
export interface RevokeInvitationOperation extends OneInvitationOperation {
  readonly name: 'REVOKE_INVITATION';
}

/** The argument of hooks for POST `/invitations/:invitationId/reinvite`. */
export interface ReinviteOperation extends OneInvitationOperation {
  readonly name: 'REINVITE';
}

/** The argument of hooks for POST `/invitations/accept`. */
export interface AcceptInvitationsOperation {
  readonly name: 'ACCEPT_INVITATIONS';
  /** Ids of the invitations, without duplicates. */
  readonly invitationIds: readonly string[];
  /** The accepting user. Without an address in the request, it has the caller's own. */
  readonly user: OperationAcceptingUser;
  /** True if the address is the caller's own. It does not tell whether the invitations were sent to it. */
  readonly self: boolean;
  /**
   * Fetches the invitations, each at most once per request, in the order of their ids.
   *
   * @throws VortexError `NOT_FOUND`, or the failure of the call. The reply has its status if the rule lets it pass.
   */
  loadInvitations(): Promise<Invitation[]>;
  /**
   * Fetches the open invitations that Vortex lists for the caller's verified e-mail addresses, at most once per request.
   * They include those of scopes that the caller may join by e-mail domain.
   */
  loadOwnInvitations(): Promise<Invitation[]>;
}

export interface OperationAcceptingUser {
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly name?: string | undefined;
  /** True for a registered user, false for one who has just signed up. */
  readonly isExisting?: boolean | undefined;
}

interface ScopeOperation {
  /** Type of the scope, such as `team`. */
  readonly scopeType: string;
  /** The application's id of the scope. */
  readonly scope: string;
}

/** The argument of hooks for GET `/invitations/by-scope/:scopeType/:scope`. */
export interface GetGroupInvitationsOperation extends ScopeOperation {
  readonly name: 'GET_GROUP_INVITATIONS';
  /** Zero-based offset of the page. */
  readonly start?: number | undefined;
}

/** The argument of hooks for DELETE `/invitations/by-scope/:scopeType/:scope`. */
export interface DeleteGroupInvitationsOperation extends ScopeOperation {
  readonly name: 'DELETE_GROUP_INVITATIONS';
}

/** The argument of hooks for GET `/invitations/by-scope/:scopeType/:scope/autojoin`. */
export interface GetAutojoinDomainsOperation extends ScopeOperation {
  readonly name: 'GET_AUTOJOIN_DOMAINS';
}

/** The argument of hooks for POST `/invitations/autojoin`. */
export interface ConfigureAutojoinOperation extends ScopeOperation {
  readonly name: 'CONFIGURE_AUTOJOIN';
  /** Display name of the scope. */
  readonly scopeName?: string | undefined;
  /** The complete list of e-mail domains. */
  readonly domains: readonly string[];
  /** Id of the component. */
  readonly componentId: string;
  /** Data of the application's own. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** The argument of hooks for POST `/invitations/sync-internal-invitation`. */
export interface SyncInternalInvitationOperation {
  readonly name: 'SYNC_INTERNAL_INVITATION';
  /** The inviter's id in the application. */
  readonly creatorId: string;
  /** The invitee's id in the application. */
  readonly targetValue: string;
  /** The decision of the invitee. */
  readonly action: 'accepted' | 'declined';
  /** Id of the component. */
  readonly componentId: string;
  /** True if the invitee is the caller. */
  readonly self: boolean;
}

/** The request of POST `/jwt`. */
export interface JwtRequest {
  context?:
    | {
        componentId?: string | null | undefined;
        /** Older name of `componentId`. */
        widgetId?: string | null | undefined;
        scope?: string | null | undefined;
        /** Older name of `scope`. */
        groupId?: string | null | undefined;
        scopeType?: string | null | undefined;
        /** Older name of `scopeType`. */
        groupType?: string | null | undefined;
      }
    | null
    | undefined;
}

/** The request of GET `/invitations`, as its query. */
export interface GetInvitationsRequest {
  targetType: 'email' | 'username' | 'phoneNumber' | 'phone' | 'sms' | 'internal';
  targetValue: string;
}

/** The request of POST `/invitations`. Scopes may have any of their names; `groups` wins over `scopes`. */
export type CreateInvitationRequest = NewInvitationContent & {
  /** @default the caller */
  inviter?:
    | {
        userId?: string | null | undefined;
        userEmail?: string | null | undefined;
        name?: string | null | undefined;
        avatarUrl?: string | null | undefined;
      }
    | null
    | undefined;
} & ScopesInput;

/** The parameters of a route for one invitation. */
export interface InvitationRequest {
  invitationId: string;
}

/** The request of POST `/invitations/accept`. Without `user` and `target`, the caller accepts with their own address. */
export interface AcceptInvitationsRequest {
  /** At most 100 ids. */
  invitationIds: readonly string[];
  user?: AcceptingUser | null | undefined;
  /** @deprecated Use `user`. */
  target?: AcceptTarget | null | undefined;
}

/** The parameters of a route for one scope. */
export interface ScopeRequest {
  scopeType: string;
  scope: string;
}

/** The parameters and the query of GET `/invitations/by-scope/:scopeType/:scope`. */
export interface GetGroupInvitationsRequest extends ScopeRequest {
  /** Zero-based offset of the page, as digits. */
  start?: string | undefined;
}

/** The request of POST `/invitations/autojoin`. */
export type ConfigureAutojoinRequest = AutojoinSettings;

/** The request of POST `/invitations/sync-internal-invitation`. */
export interface SyncInternalInvitationRequest {
  creatorId: string;
  targetValue: string;
  action: 'accepted' | 'declined';
  componentId: string;
}

/** The result of POST `/jwt`. */
export interface Token {
  jwt: string;
}

/** The result of an operation that returns nothing else. */
export interface Success {
  success: true;
}

/** The result of an operation that lists invitations. */
export interface InvitationList {
  invitations: Invitation[];
}

/** The types of every operation. The documentation of a member is that of its rule. */
export interface OperationTypes {
  /** POST `/jwt`: a token for the frontend components, in the name of the caller. */
  JWT: { op: JwtOperation; request: JwtRequest; result: Token; route: 'POST /jwt' };
  /** GET `/invitations`: the open invitations of an address. */
  GET_INVITATIONS: {
    op: GetInvitationsOperation;
    request: GetInvitationsRequest;
    result: InvitationList;
    route: 'GET /invitations';
  };
  /** POST `/invitations`: creates an invitation, as the caller unless `actAs` allows another inviter. */
  CREATE_INVITATION: {
    op: CreateInvitationOperation;
    request: CreateInvitationRequest;
    result: CreatedInvitation;
    route: 'POST /invitations';
  };
  /** GET `/invitations/:invitationId`: one invitation. */
  GET_INVITATION: {
    op: GetInvitationOperation;
    request: InvitationRequest;
    result: Invitation;
    route: 'GET /invitations/:invitationId';
  };
  /** DELETE `/invitations/:invitationId`: revokes an invitation. */
  REVOKE_INVITATION: {
    op: RevokeInvitationOperation;
    request: InvitationRequest;
    result: Success;
    route: 'DELETE /invitations/:invitationId';
  };
  /** POST `/invitations/:invitationId/reinvite`: sends an invitation again. */
  REINVITE: {
    op: ReinviteOperation;
    request: InvitationRequest;
    result: Invitation;
    route: 'POST /invitations/:invitationId/reinvite';
  };
  /** POST `/invitations/accept`: accepts invitations. */
  ACCEPT_INVITATIONS: {
    op: AcceptInvitationsOperation;
    request: AcceptInvitationsRequest;
    result: AcceptedInvitations;
    route: 'POST /invitations/accept';
  };
  /** GET `/invitations/by-scope/:scopeType/:scope`: the open invitations of a scope. */
  GET_GROUP_INVITATIONS: {
    op: GetGroupInvitationsOperation;
    request: GetGroupInvitationsRequest;
    result: InvitationList;
    route: 'GET /invitations/by-scope/:scopeType/:scope' | 'GET /invitations/by-group/:scopeType/:scope';
  };
  /** DELETE `/invitations/by-scope/:scopeType/:scope`: revokes every open invitation of a scope. */
  DELETE_GROUP_INVITATIONS: {
    op: DeleteGroupInvitationsOperation;
    request: ScopeRequest;
    result: Success;
    route: 'DELETE /invitations/by-scope/:scopeType/:scope' | 'DELETE /invitations/by-group/:scopeType/:scope';
  };
  /** GET `/invitations/by-scope/:scopeType/:scope/autojoin`: the e-mail domains whose owners may join a scope. */
  GET_AUTOJOIN_DOMAINS: {
    op: GetAutojoinDomainsOperation;
    request: ScopeRequest;
    result: Autojoin;
    route:
      | 'GET /invitations/by-scope/:scopeType/:scope/autojoin'
      | 'GET /invitations/by-group/:scopeType/:scope/autojoin';
  };
  /** POST `/invitations/autojoin`: sets the e-mail domains whose owners may join a scope. */
  CONFIGURE_AUTOJOIN: {
    op: ConfigureAutojoinOperation;
    request: ConfigureAutojoinRequest;
    result: Autojoin;
    route: 'POST /invitations/autojoin';
  };
  /** POST `/invitations/sync-internal-invitation`: reports a decision about an invitation inside the application. */
  SYNC_INTERNAL_INVITATION: {
    op: SyncInternalInvitationOperation;
    request: SyncInternalInvitationRequest;
    result: SyncedInvitations;
    route: 'POST /invitations/sync-internal-invitation';
  };
}

/** The names of all operations. */
export const OPERATION_NAMES = [
  'JWT',
  'GET_INVITATIONS',
  'CREATE_INVITATION',
  'GET_INVITATION',
  'REVOKE_INVITATION',
  'REINVITE',
  'ACCEPT_INVITATIONS',
  'GET_GROUP_INVITATIONS',
  'DELETE_GROUP_INVITATIONS',
  'GET_AUTOJOIN_DOMAINS',
  'CONFIGURE_AUTOJOIN',
  'SYNC_INTERNAL_INVITATION',
] as const satisfies readonly (keyof OperationTypes)[];

/** The name of an operation. */
export type OperationName = (typeof OPERATION_NAMES)[number];

/** The argument of hooks for one operation. */
export type OperationOf<Name extends OperationName> = OperationTypes[Name]['op'];

/** The argument of hooks for any operation, discriminated by `name`. */
export type Operation = OperationOf<OperationName>;

/** The JSON result of an operation. */
export type ResultOf<Name extends OperationName> = OperationTypes[Name]['result'];

/** The parameters of an operation together with its body or query, before they are validated. */
export type RequestOf<Name extends OperationName> = OperationTypes[Name]['request'];

/** The routes of an operation, such as `'GET /invitations'`. */
export type RouteOf<Name extends OperationName> = OperationTypes[Name]['route'];

/** Operations that are bound to the identity of the caller, unless `actAs` allows another. */
export type ActAsOperationName = 'CREATE_INVITATION' | 'ACCEPT_INVITATIONS' | 'SYNC_INTERNAL_INVITATION';
