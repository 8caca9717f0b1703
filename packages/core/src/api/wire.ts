/**
 * The types of the API, how requests are written, and how replies are read. The only file that translates between the
 * `groups` and `groupId` of the wire and our `scopes` and `scopeId`.
 */
import { isPhoneType } from '../lib/address.js';
import { VortexError } from '../lib/errors.js';
import { isObject, requireObject } from '../lib/values.js';

/** The address of an invitee. Types are `email`, `phone`, `internal` (an id in the application) and `share` (a link). */
export interface InvitationTarget {
  type: string;
  value: string;
  name?: string | null | undefined;
  avatarUrl?: string | null | undefined;
  /** Status of the delivery to this target. */
  status?: InvitationStatus | undefined;
}

/** Known values of `status`. The API may add others. */
export type InvitationStatus =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'accepted'
  | 'shared'
  | 'unfurled'
  | 'accepted_elsewhere'
  | (string & {});

/** Known values of `invitationType`. The API may add others. */
export type InvitationType = 'single_use' | 'multi_use' | 'autojoin' | (string & {});

/** Known values of `deliveryTypes`. The API may add others. */
export type DeliveryType = 'email' | 'phone' | 'share' | 'internal' | (string & {});

/** The inviter of an invitation. */
export interface InvitationInviter {
  /** The inviter's id in the application. */
  id?: string | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
  avatarUrl?: string | null | undefined;
}

/** A team, project or the like that an invitation is for. `scopeId` is the application's id, `id` is Vortex's. */
export interface InvitationScope {
  id?: string | undefined;
  accountId?: string | undefined;
  scopeId: string;
  /** Older name of `scopeId`, with the same value. */
  groupId: string;
  type: string;
  name: string;
  createdAt?: string | undefined;
}

/**
 * An invitation. Only `id` is always present: versions of the API differ in the other fields, and unknown fields are
 * kept. Times are ISO 8601 text.
 */
export interface Invitation {
  id: string;
  accountId?: string | undefined;
  status?: InvitationStatus | undefined;
  invitationType?: InvitationType | undefined;
  target?: InvitationTarget[] | undefined;
  scopes?: InvitationScope[] | undefined;
  /** Older name of `scopes`: the same array. */
  groups?: InvitationScope[] | undefined;
  /** The application's id of the scope, in newer replies. `scopes` always has it too. */
  scope?: string | null | undefined;
  scopeType?: string | null | undefined;
  /** The inviter's id in the application. */
  foreignCreatorId?: string | undefined;
  creatorName?: string | null | undefined;
  creatorAvatarUrl?: string | null | undefined;
  inviter?: InvitationInviter | null | undefined;
  deactivated?: boolean | undefined;
  expired?: boolean | undefined;
  expires?: string | null | undefined;
  createdAt?: string | undefined;
  modifiedAt?: string | null | undefined;
  deliveryTypes?: DeliveryType[] | undefined;
  deliveryCount?: number | undefined;
  clickThroughs?: number | undefined;
  views?: number | undefined;
  accepts?: InvitationAcceptance[] | undefined;
  attributes?: Record<string, unknown> | null | undefined;
  /** Answers to the fields of a form, by field name. */
  formSubmissionData?: Record<string, unknown> | null | undefined;
  /** @deprecated The API now calls it `formSubmissionData`. */
  configurationAttributes?: Record<string, unknown> | null | undefined;
  metadata?: Record<string, unknown> | null | undefined;
  passThrough?: string | null | undefined;
  source?: string | null | undefined;
  subtype?: string | null | undefined;
  widgetId?: string | undefined;
  widgetConfigurationId?: string | undefined;
  deploymentId?: string | undefined;
  projectId?: string | undefined;
}

/** One acceptance. `acceptedAt` and `target` are filled in from the other fields if the reply has only those. */
export interface InvitationAcceptance {
  id?: string | undefined;
  accountId?: string | undefined;
  projectId?: string | undefined;
  invitationId?: string | undefined;
  /** ISO 8601. */
  acceptedAt?: string | undefined;
  /** ISO 8601: the same time as `acceptedAt`, under another name. */
  createdAt?: string | undefined;
  /** The address that accepted. */
  target?: InvitationTarget | undefined;
  /** The type of `target`, in some replies. */
  targetType?: string | null | undefined;
  /** The value of `target`, in some replies. */
  targetValue?: string | null | undefined;
  /** Addresses of the accepting user, by their type. */
  identifiers?: Record<string, string> | null | undefined;
  /** In older replies. */
  status?: InvitationStatus | undefined;
  email?: string | null | undefined;
  phone?: string | null | undefined;
  name?: string | null | undefined;
  isExisting?: boolean | null | undefined;
}

/** The first accepted invitation, with the whole list in `invitations`. Older callers read the first, newer ones the list. */
export interface AcceptedInvitations extends Invitation {
  invitations: Invitation[];
}

/** The API's reply to a creation. Only `id` is always present. */
export interface CreatedInvitation {
  id: string;
  shortLink?: string | undefined;
  status?: InvitationStatus | undefined;
  createdAt?: string | undefined;
}

export interface AutojoinDomain {
  id: string;
  domain: string;
}

export interface Autojoin {
  autojoinDomains: AutojoinDomain[];
  /** The invitation of type `autojoin` that represents the domains; deactivated, or null, if there are no domains. */
  invitation: Invitation | null;
}

export interface SyncedInvitations {
  processed: number;
  invitationIds: string[];
}

/** A scope of a new invitation, with the application's id under either name. */
export type ScopeInput = {
  /** Type of the scope, such as `team`. */
  type: string;
  /**
   * Display name of the scope.
   *
   * @default the id
   */
  name?: string | null | undefined;
} & (
  | { groupId: string; scopeId?: string | null | undefined }
  | { scopeId: string; groupId?: string | null | undefined }
);

export interface NewInvitationTarget {
  /** `sms` is an older name of `phone`. */
  type: 'email' | 'phone' | 'sms' | 'internal';
  value: string;
  name?: string | null | undefined;
  avatarUrl?: string | null | undefined;
}

export interface Inviter {
  userId: string;
  userEmail?: string | null | undefined;
  name?: string | null | undefined;
  avatarUrl?: string | null | undefined;
  /** @deprecated Use `name`. */
  userName?: string | null | undefined;
  /** @deprecated Use `avatarUrl`. */
  userAvatarUrl?: string | null | undefined;
}

/** The preview of a shared link. */
export interface UnfurlConfig {
  /** Title of the preview. */
  title?: string | null | undefined;
  /** Text below the title. */
  description?: string | null | undefined;
  /** An https URL. */
  image?: string | null | undefined;
  /** Kind of the page that is shared. */
  type?: 'website' | 'article' | 'video' | 'music' | 'book' | 'profile' | 'product' | null | undefined;
  /** Name of the site. */
  siteName?: string | null | undefined;
}

/** A new invitation without its inviter and its scopes. */
export interface NewInvitationContent {
  widgetConfigurationId: string;
  target: NewInvitationTarget;
  source?: string | null | undefined;
  subtype?: string | null | undefined;
  templateVariables?: Record<string, string> | null | undefined;
  /** Returned in webhooks. */
  metadata?: Record<string, unknown> | null | undefined;
  unfurlConfig?: UnfurlConfig | null | undefined;
}

/** A list of scopes under either name, or one scope as flat fields. `groups` wins over `scopes`, and both over `scopeId`. */
export type ScopesInput = {
  scopes?: readonly ScopeInput[] | null | undefined;
  groups?: readonly ScopeInput[] | null | undefined;
} & (
  | { scopeId: string; scopeType?: string | null | undefined; scopeName?: string | null | undefined }
  | { scopeId?: null | undefined; scopeType?: null | undefined; scopeName?: null | undefined }
);

/** A new invitation. Null counts as absent, and is not sent. */
export type NewInvitation = NewInvitationContent & { inviter: Inviter } & ScopesInput;

/** The accepting user, with at least an e-mail address or a phone number. */
export interface AcceptingUser {
  email?: string | null | undefined;
  phone?: string | null | undefined;
  name?: string | null | undefined;
  /** True for a registered user, false for one who has just signed up. */
  isExisting?: boolean | null | undefined;
}

/** @deprecated Use `{ email }` or `{ phone }`. */
export interface AcceptTarget {
  type: 'email' | 'phone' | 'phoneNumber' | 'sms';
  value: string;
}

/** A setting of automatic joining. `scopeId` and `widgetId` are other names of `scope` and `componentId`. */
export type AutojoinSettings = AutojoinContent &
  ({ scopeId: string; scope?: string | null | undefined } | { scope: string; scopeId?: string | null | undefined }) &
  (
    | { widgetId: string; componentId?: string | null | undefined }
    | { componentId: string; widgetId?: string | null | undefined }
  );

interface AutojoinContent {
  /** Type of the scope. A customer without scope types uses `default`. */
  scopeType: string;
  scopeName?: string | null | undefined;
  /** The complete list. A domain that is absent is removed; an empty list ends automatic joining. */
  domains: readonly string[];
  metadata?: Record<string, unknown> | null | undefined;
}

export interface InternalDecision {
  /** The inviter's id in the application. */
  creatorId: string;
  /** The invitee's id in the application. */
  targetValue: string;
  action: 'accepted' | 'declined';
  componentId: string;
}

/** Reads scopes under any of their names into one list. */
export function normaliseScopes({ groups, scopes, scopeId, scopeType, scopeName }: AnyScopes) {
  const list = groups ?? scopes;
  if (list) return list.map(({ type, name, groupId, scopeId }) => newScope(type, (groupId || scopeId) as string, name));
  if (scopeId) return [newScope(scopeType ?? DEFAULT_SCOPE_TYPE, scopeId, scopeName)];
  if ((scopeType ?? (scopeName || undefined)) === undefined) return undefined;
  throw new VortexError('INVALID_ARGUMENT', 'scopeType and scopeName require scopeId.', { reason: 'format' });
}

/** An empty name counts as absent. The API documents a name, and not what it does without one. */
function newScope(type: string, scopeId: string, name?: string | null) {
  return { type, scopeId, groupId: scopeId, name: name || scopeId };
}

/** `ScopesInput` for JavaScript callers, whose ids may be missing. */
interface AnyScopes {
  groups?: readonly AnyScope[] | null | undefined;
  scopes?: readonly AnyScope[] | null | undefined;
  scopeId?: string | null | undefined;
  scopeType?: string | null | undefined;
  scopeName?: string | null | undefined;
}

interface AnyScope {
  type: string;
  name?: string | null | undefined;
  groupId?: string | null | undefined;
  scopeId?: string | null | undefined;
}

/** An input without its nulls. */
export type Present<Input> = { [Field in keyof Input]: Exclude<Input[Field], null> };

/** Drops the members that are null, which count as absent. Keeps those of maps, such as `metadata`. */
function present<Input extends object>(input: Input): Present<Input> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as Present<Input>;
}

/** The API's scope type for a customer who has no scope types. */
const DEFAULT_SCOPE_TYPE = 'default';

export function writeNewInvitation(input: NewInvitation) {
  const { groups, scopes, scopeId, scopeType, scopeName, ...rest } = requireObject('invitation', input);
  const { target, inviter, unfurlConfig, ...fields } = present(rest);
  requireObject('invitation.target', target);
  return {
    ...fields,
    target: { ...present(target), type: target.type === 'sms' ? 'phone' : target.type },
    // Text and the like, from callers without a compiler, is for the API to refuse.
    inviter: isObject(inviter) ? present(inviter) : inviter,
    unfurlConfig: isObject(unfurlConfig) ? present(unfurlConfig) : unfurlConfig,
    groups: normaliseScopes(input)?.map(({ scopeId: _, ...scope }) => scope),
  };
}

export function writeAutojoin(settings: AutojoinSettings) {
  const { scope, scopeId, scopeName, componentId, widgetId, ...rest } = requireObject('settings', settings);
  return {
    ...present(rest),
    scope: scope ?? scopeId,
    scopeName: scopeName || undefined,
    componentId: componentId ?? widgetId,
  };
}

/** @throws VortexError `INVALID_ARGUMENT` for a target that cannot accept, such as a user name */
export function acceptingUser(user: AcceptingUser | AcceptTarget): Present<AcceptingUser> {
  requireObject('user', user);
  if ('type' in user && 'value' in user) {
    if (user.type === 'email') return { email: user.value };
    if (isPhoneType(user.type)) return { phone: user.value };
    throw new VortexError('INVALID_ARGUMENT', `user.type must be email or phone to accept, not ${String(user.type)}.`);
  }
  if (user.email || user.phone) return present(user);
  throw new VortexError('INVALID_ARGUMENT', 'user.email or user.phone is required to accept.');
}

type Json = Record<string, unknown>;

export function readInvitation(value: unknown, at = ''): Invitation {
  const invitation = object(value, at);
  text(invitation.id, `${at}id`);
  const scopes = readScopes(invitation);
  if (scopes) {
    invitation.scopes = scopes;
    invitation.groups = scopes;
  }
  for (const list of LISTS) if (list in invitation && !Array.isArray(invitation[list])) invitation[list] = undefined;
  if (invitation.accepts) invitation.accepts = (invitation.accepts as unknown[]).map(readAcceptance);
  return invitation as unknown as Invitation;
}

const LISTS = ['target', 'scopes', 'groups', 'deliveryTypes', 'accepts'];

/**
 * Older replies have `groups`, newer ones only `scope` and `scopeType`. In the oldest, an entry of `groups` has the
 * application's id as `id`. An entry without an id is no scope. A `groups` without a scope beside a `scope` is a reply of both
 * generations, and the scope counts.
 */
function readScopes({ groups, scope, scopeType }: Json): unknown[] | undefined {
  const list = Array.isArray(groups) ? groups.filter(isScope) : undefined;
  if (!list?.length && typeof scope === 'string' && scope !== '') {
    const type = typeof scopeType === 'string' && scopeType !== '' ? scopeType : DEFAULT_SCOPE_TYPE;
    return [newScope(type, scope)];
  }
  for (const entry of list ?? []) {
    const scopeId = idOf(entry);
    entry.groupId = scopeId;
    entry.scopeId = scopeId;
  }
  return list;
}

function isScope(entry: unknown): entry is Json {
  return isObject(entry) && Boolean(idOf(entry));
}

function idOf({ groupId, scopeId, id }: Json): unknown {
  return groupId || scopeId || id;
}

/** The vendor's SDKs and pages know three shapes of an acceptance. */
function readAcceptance(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { acceptedAt, createdAt, target, targetType, targetValue, email, phone } = value;
  const type = targetType ?? (email ? 'email' : phone ? 'phone' : undefined);
  // Empty text counts as absent.
  const address = targetValue ?? (email || phone);
  return {
    ...value,
    acceptedAt: acceptedAt ?? createdAt,
    target: target ?? (type && address ? { type, value: address } : undefined),
  };
}

export function readInvitations(value: unknown): Invitation[] {
  const list = object(value).invitations;
  if (!Array.isArray(list)) return malformed('invitations', 'a list');
  return list.map((item, index) => readInvitation(item, `invitations.${index}.`));
}

/** The reference pages document a list in an envelope; the vendor's Node SDK reads a bare invitation. */
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
  return isObject(value) && !Array.isArray(value)
    ? value
    : malformed(at.replace(/\.$/u, '') || 'the body', 'an object');
}

function text(value: unknown, at: string): string {
  return typeof value === 'string' ? value : malformed(at, 'text');
}

function malformed(at: string, expected: string): never {
  throw new VortexError(
    'UPSTREAM_BAD_RESPONSE',
    `The Vortex API answered with an unexpected shape: ${at} is not ${expected}.`,
  );
}
