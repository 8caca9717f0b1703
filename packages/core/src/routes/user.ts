import type { Invitation } from '../api/wire.js';
import { isPhoneType, isSameEmail, isSamePhone, phoneDigits } from '../lib/address.js';
import { VortexError, type VortexIssue } from '../lib/errors.js';
import { isFunction, isObject } from '../lib/values.js';

/**
 * The caller, as `authenticateUser` returns it. `null` counts as absent, and so does empty text, except as the id. Further
 * fields are the application's own and are never signed.
 *
 * `email`, `phone` and `addresses` must be **verified** by the application: a user who can sign up with another person's
 * address can read and accept that person's invitations.
 */
export interface VortexUser {
  id: string | number;
  email?: string | null | undefined;
  /** In international form, such as `+15550102030`: phone numbers are compared by their digits. */
  phone?: string | null | undefined;
  /** Further verified e-mail addresses and phone numbers. */
  addresses?: readonly string[] | null | undefined;
  name?: string | null | undefined;
  avatarUrl?: string | null | undefined;
  /** With the element `"autojoin"`, the user may edit the domains of a scope in the component of Vortex. */
  adminScopes?: readonly string[] | null | undefined;
  /**
   * Restricts CREATE_INVITATION: an e-mail address of another domain is refused with 403 `FORBIDDEN`. Also signed into the token.
   * An empty list restricts nothing.
   */
  allowedEmailDomains?: readonly string[] | null | undefined;
  /** Signed into the token as the claim `attributes`. */
  attributes?: Readonly<Record<string, unknown>> | null | undefined;
}

/** A user without nulls and empty text. */
export type KnownUser = { [Field in keyof VortexUser]: Exclude<VortexUser[Field], null> };

/** Returns the value to keep, or adds what is wrong with it to the issues. */
type Read = (value: unknown, path: string, issues: VortexIssue[]) => unknown;

const readId: Read = (value, path, issues) => {
  // Beyond 2^53 a number is rounded, so that two users would have the same id.
  const isId = typeof value === 'string' || (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER);
  if (!isId) issues.push({ path, message: 'must be text or a safe number' });
  else if (value === '') issues.push({ path, message: 'must not be empty' });
  return value;
};

const readText: Read = (value, path, issues) => {
  if (typeof value !== 'string') issues.push({ path, message: 'must be text' });
  return value;
};

const readTexts: Read = (value, path, issues) => {
  if (!Array.isArray(value)) {
    issues.push({ path, message: 'must be a list' });
    return undefined;
  }
  // Not by `every`, which skips the holes of a list.
  for (let index = 0; index < value.length; index += 1) {
    if (typeof value[index] !== 'string') issues.push({ path: `${path}.${index}`, message: 'must be text' });
  }
  return [...value];
};

const readMap: Read = (value, path, issues) => {
  if (isMap(value)) return withoutProto(value);
  issues.push({ path, message: 'must be an object' });
  return undefined;
};

/** In the order in which a token has them. */
const FIELDS: readonly (readonly [keyof VortexUser, Read])[] = [
  ['id', readId],
  ['email', readText],
  ['phone', readText],
  ['addresses', readTexts],
  ['name', readText],
  ['avatarUrl', readText],
  ['adminScopes', readTexts],
  ['allowedEmailDomains', readTexts],
  ['attributes', readMap],
];

/**
 * Checks and copies the user, so that the user that is checked is the one that is signed. By hand instead of with zod, which
 * takes 5 times as long; a test holds it to the schema.
 *
 * @throws VortexError `BAD_AUTH_RESULT` naming the fields that are wrong
 */
export function readUser(value: unknown): KnownUser {
  const issues: VortexIssue[] = [];
  const known: Record<string, unknown> = {};
  if (isObject(value) && !Array.isArray(value)) {
    for (const [field, read] of FIELDS) {
      const given = value[field];
      if (field !== 'id' && (given === undefined || given === null)) continue;
      const kept = read(given, field, issues);
      if (kept !== '') known[field] = kept;
    }
  } else issues.push({ path: '', message: 'must be an object' });
  if (issues.length === 0) return known as KnownUser;
  const fields = issues.map(({ path, message }) => `${path || 'the user'} ${describe(path, message, value)}`);
  throw new VortexError(
    'BAD_AUTH_RESULT',
    `authenticateUser returned a user of the wrong shape: ${fields.join('; ')}.`,
  );
}

/** True for an object literal of any realm. No other class has an `isPrototypeOf` of its own. */
function isMap(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  const { constructor: kind } = value;
  return !isFunction(kind) || Object.hasOwn(Object(kind.prototype), 'isPrototypeOf');
}

function withoutProto({ ['__proto__']: _, ...members }: Record<string, unknown>): object {
  return members;
}

/** Names that the id of a user has elsewhere. */
const IDS = ['userId', 'user_id', '_id', 'uid', 'sub'];

function describe(path: string, message: string, value: unknown): string {
  if (path === '') return value === false ? `${message}; return null for a signed-out caller` : message;
  if (path !== 'id' || !isObject(value) || (value.id !== undefined && value.id !== null)) return message;
  const name = IDS.find((one) => value[one] !== undefined);
  return `is required${name === undefined ? '' : `; return ${name} as id`}`;
}

/** Fields of the vendor's users, with ours. */
const VENDOR_FIELDS: readonly (readonly [theirs: string, ours: keyof VortexUser])[] = [
  ['userEmail', 'email'],
  ['userName', 'name'],
  ['userAvatarUrl', 'avatarUrl'],
  ['identifiers', 'addresses'],
];

/** Describes the first field of a user that only the vendor's packages read, unless the user has ours too. */
export function unreadField(user: object): string | undefined {
  const [theirs, ours] = VENDOR_FIELDS.find(([one, other]) => one in user && !(other in user)) ?? [];
  if (theirs === undefined) return undefined;
  const verified = ours === 'email' || ours === 'addresses' ? ', if it is verified' : '';
  return `authenticateUser returned ${theirs}, which is not read. Return it as ${ours}${verified}.`;
}

/** Tells whether an address is the user's own: an e-mail address, a phone number, or the user's id for `internal`. */
export function owns(user: KnownUser, type: string, value: string): boolean {
  if (type === 'email') return emailsOf(user).some((email) => isSameEmail(email, value));
  if (isPhoneType(type)) return phonesOf(user).some((phone) => isSamePhone(phone, value));
  return type === 'internal' && value === String(user.id);
}

/**
 * Tells whether an invitation was sent to one of the user's verified addresses or to the user's id. For a rule, use `isInvitee`
 * or `mayAccept` of `@vortex/core/rules`: a forwarded link gives its id to people whom it was not sent to.
 *
 * @throws VortexError `BAD_AUTH_RESULT` if `user` has the wrong shape
 */
export function isAddressedTo(invitation: Invitation, user: VortexUser): boolean {
  const known = readUser(user);
  // Only the id of an invitation is checked when a reply is read.
  const targets: unknown = invitation.target;
  if (!Array.isArray(targets)) return false;
  return targets.some((target) => {
    const { type, value } = Object(target) as { type?: unknown; value?: unknown };
    return typeof value === 'string' && owns(known, String(type), value);
  });
}

/** The user's first address; an e-mail address comes before a phone number. */
export function ownAddress(user: KnownUser): { email: string } | { phone: string } | undefined {
  const [email] = emailsOf(user);
  const [phone] = phonesOf(user);
  if (email) return { email };
  return phone ? { phone } : undefined;
}

/** The user's e-mail addresses. Two of them may be the same one. */
export function emailsOf(user: KnownUser): string[] {
  return [user.email, ...(user.addresses ?? [])].filter((address) => address?.includes('@')) as string[];
}

function phonesOf(user: KnownUser): string[] {
  return [user.phone, ...(user.addresses ?? [])].filter(
    (address) => address && phoneDigits(address) !== '',
  ) as string[];
}
