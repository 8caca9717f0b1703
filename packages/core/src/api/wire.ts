/**
 * What goes over the wire, and what we make of it. The only file that knows that the wire says `groups` and `groupId`
 * where we say `scopes` and `scopeId`, and `target` where we say `user`.
 */
import { VortexError } from '../lib/errors.js';

/** Somebody's address: `email` and `phone` everywhere, `internal` (an in-app id) and `share` (a link) where they apply. */
export interface InvitationTarget {
  type: string;
  value: string;
  name?: string | null;
  avatarUrl?: string | null;
}

/** What one is invited into. `scopeId` and `groupId` are the same value: your own id; `id` is Vortex's. */
export interface InvitationScope {
  id?: string;
  accountId?: string;
  scopeId: string;
  /** Older spelling of `scopeId`. */
  groupId: string;
  type: string;
  name: string;
  createdAt?: string;
}

/**
 * An invitation. Only `id` is certain: the API's versions differ in the rest, and unknown fields pass through.
 * Times are ISO 8601 text.
 */
export interface Invitation {
  id: string;
  accountId?: string;
  status?: string;
  invitationType?: string;
  target?: InvitationTarget[];
  scopes?: InvitationScope[];
  /** Older spelling of `scopes`: the same array. */
  groups?: InvitationScope[];
  scope?: string;
  scopeType?: string;
  /** The inviter's id in your own system. */
  foreignCreatorId?: string;
  creatorName?: string | null;
  creatorAvatarUrl?: string | null;
  deactivated?: boolean;
  expired?: boolean;
  expires?: string | null;
  createdAt?: string;
  modifiedAt?: string | null;
  deliveryTypes?: string[];
  deliveryCount?: number;
  clickThroughs?: number;
  views?: number;
  accepts?: InvitationAcceptance[];
  attributes?: Record<string, unknown> | null;
  formSubmissionData?: Record<string, unknown> | null;
  metadata?: Record<string, unknown> | null;
  passThrough?: string | null;
  source?: string | null;
  subtype?: string | null;
  widgetId?: string;
  widgetConfigurationId?: string;
  deploymentId?: string;
}

export interface InvitationAcceptance {
  id?: string;
  accountId?: string;
  acceptedAt?: string;
  target?: InvitationTarget;
}

/** The first accepted invitation, with all of them in `invitations`: older callers read the one, newer ones the list. */
export interface AcceptedInvitations extends Invitation {
  invitations: Invitation[];
}

/** What the API says of an invitation that it has just made. Only `id` is certain. */
export interface CreatedInvitation {
  id: string;
  shortLink?: string;
  status?: string;
  createdAt?: string;
}

export interface AutojoinDomain {
  id: string;
  domain: string;
}

export interface Autojoin {
  autojoinDomains: AutojoinDomain[];
  /** The one of type `autojoin` that stands for the domains; null where there are none. */
  invitation: Invitation | null;
}

export interface SyncedInvitations {
  processed: number;
  invitationIds: string[];
}

/** A scope to invite into, with your own id under either spelling. */
export type ScopeInput = { type: string; name?: string | undefined } & (
  | { scopeId: string; groupId?: undefined }
  | { groupId: string; scopeId?: undefined }
);

export interface NewInvitationTarget {
  /** `sms` is the older spelling of `phone`. */
  type: 'email' | 'phone' | 'sms' | 'internal';
  value: string;
  name?: string | undefined;
  avatarUrl?: string | undefined;
}

export interface Inviter {
  userId: string;
  userEmail?: string | undefined;
  name?: string | undefined;
  avatarUrl?: string | undefined;
}

/** How a shared link presents itself. */
export interface UnfurlConfig {
  title?: string | undefined;
  description?: string | undefined;
  /** An https URL. */
  image?: string | undefined;
  type?: 'website' | 'article' | 'video' | 'music' | 'book' | 'profile' | 'product' | undefined;
  siteName?: string | undefined;
}

interface NewInvitationContent {
  widgetConfigurationId: string;
  target: NewInvitationTarget;
  source?: string | undefined;
  subtype?: string | undefined;
  templateVariables?: Record<string, string> | undefined;
  /** Comes back in webhooks. */
  metadata?: Record<string, unknown> | undefined;
  unfurlConfig?: UnfurlConfig | undefined;
}

/** Scopes as a list under either spelling, or one scope flat. `groups` wins over `scopes`, and both over `scopeId`. */
export type ScopesInput = {
  scopes?: readonly ScopeInput[] | undefined;
  groups?: readonly ScopeInput[] | undefined;
} & (
  | { scopeId: string; scopeType?: string | undefined; scopeName?: string | undefined }
  | { scopeId?: undefined; scopeType?: undefined; scopeName?: undefined }
);

export type NewInvitation = NewInvitationContent & { inviter: Inviter } & ScopesInput;

/** Who accepts: an e-mail address or a phone number at least. */
export interface AcceptingUser {
  email?: string | undefined;
  phone?: string | undefined;
  name?: string | undefined;
  /** True: already registered; false: has just signed up; absent: not known. */
  isExisting?: boolean | undefined;
}

/** @deprecated Give `{ email }` or `{ phone }`. */
export interface AcceptTarget {
  type: 'email' | 'phone' | 'phoneNumber' | 'sms';
  value: string;
}

export interface AutojoinSettings {
  scope: string;
  scopeType: string;
  scopeName?: string | undefined;
  /** The complete list: what is absent is removed, and an empty list ends automatic joining. */
  domains: readonly string[];
  componentId: string;
  metadata?: Record<string, unknown> | undefined;
}

export interface InternalDecision {
  /** Id of the inviter in your system. */
  creatorId: string;
  /** Id of the invitee in your system. */
  targetValue: string;
  action: 'accepted' | 'declined';
  componentId: string;
}

/** One list of scopes from whichever spelling was used. */
export function normaliseScopes({ groups, scopes, scopeId, scopeType, scopeName }: AnyScopes) {
  const list = groups ?? scopes;
  if (list)
    return list.map(({ type, name, groupId, scopeId }) => ({ type, scopeId: (groupId || scopeId) as string, name }));
  if (scopeId) return [{ type: scopeType ?? DEFAULT_SCOPE_TYPE, scopeId, name: scopeName }];
  if (scopeType === undefined && scopeName === undefined) return undefined;
  throw new VortexError('INVALID_ARGUMENT', 'scopeType and scopeName need a scopeId.', { reason: 'format' });
}

/** `ScopesInput` without what the types promise about ids: callers have checked them, or are JavaScript. */
interface AnyScopes {
  groups?: readonly AnyScope[] | undefined;
  scopes?: readonly AnyScope[] | undefined;
  scopeId?: string | undefined;
  scopeType?: string | undefined;
  scopeName?: string | undefined;
}

interface AnyScope {
  type: string;
  name?: string | undefined;
  groupId?: string | undefined;
  scopeId?: string | undefined;
}

/** What the API calls the scope type of a customer who has none. */
const DEFAULT_SCOPE_TYPE = 'default';

export function writeNewInvitation(input: NewInvitation) {
  const { groups, scopes, scopeId, scopeType, scopeName, target, ...rest } = input;
  return {
    ...rest,
    target: { ...target, type: target.type === 'sms' ? 'phone' : target.type },
    groups: normaliseScopes(input)?.map(({ scopeId, ...scope }) => ({ ...scope, groupId: scopeId })),
  };
}

/** @throws VortexError `INVALID_ARGUMENT` for a target nobody can accept with, such as a user name */
export function acceptingUser(user: AcceptingUser | AcceptTarget): AcceptingUser {
  if ('type' in user && 'value' in user) {
    if (user.type === 'email') return { email: user.value };
    if (isPhoneType(user.type)) return { phone: user.value };
    throw new VortexError('INVALID_ARGUMENT', `Nobody can accept by ${String(user.type)}; use email or phone.`);
  }
  if (user.email || user.phone) return user;
  throw new VortexError('INVALID_ARGUMENT', 'The accepting user needs an email or a phone.');
}

/** The API's three words for one thing. */
export function isPhoneType(type: string): boolean {
  return type === 'phone' || type === 'phoneNumber' || type === 'sms';
}

type Json = Record<string, unknown>;

export function readInvitation(value: unknown, at = ''): Invitation {
  const invitation = object(value, at);
  text(invitation.id, `${at}id`);
  if (Array.isArray(invitation.groups)) {
    for (const scope of invitation.groups) if (scope) scope.scopeId = scope.groupId;
    invitation.scopes = invitation.groups;
  }
  return invitation as unknown as Invitation;
}

export function readInvitations(value: unknown): Invitation[] {
  const list = object(value).invitations;
  if (!Array.isArray(list)) return malformed('invitations', 'a list');
  return list.map((item, index) => readInvitation(item, `invitations.${index}.`));
}

/** The service answers an envelope by its reference pages, and a bare invitation by its own Node SDK. */
export function readAccepted(value: unknown): AcceptedInvitations {
  const invitations = 'invitations' in object(value) ? readInvitations(value) : [readInvitation(value)];
  const [first] = invitations;
  return first ? { ...first, invitations } : malformed('invitations', 'a list with an entry');
}

export function readCreated(value: unknown): CreatedInvitation {
  const created = object(value);
  return { ...created, id: text(created.id, 'id') };
}

export function readAutojoin(value: unknown): Autojoin {
  const { autojoinDomains, invitation } = object(value);
  if (!Array.isArray(autojoinDomains)) return malformed('autojoinDomains', 'a list');
  return { autojoinDomains, invitation: invitation ? readInvitation(invitation, 'invitation.') : null };
}

export function readSynced(value: unknown): SyncedInvitations {
  const { processed, invitationIds } = object(value);
  if (typeof processed !== 'number') return malformed('processed', 'a number');
  if (!Array.isArray(invitationIds)) return malformed('invitationIds', 'a list');
  return { processed, invitationIds };
}

function object(value: unknown, at = ''): Json {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Json) : malformed(at.replace(/\.$/u, '') || 'the body', 'an object');
}

function text(value: unknown, at: string): string {
  return typeof value === 'string' ? value : malformed(at, 'text');
}

function malformed(at: string, expected: string): never {
  throw new VortexError('UPSTREAM_BAD_RESPONSE', `The Vortex API answered something else: ${at} is not ${expected}.`);
}
