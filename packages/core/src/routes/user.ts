import * as z from 'zod/mini';
import type { Invitation } from '../api/wire.js';
import { isPhoneType, isSameEmail, isSamePhone, phoneDigits } from '../lib/address.js';
import { VortexError } from '../lib/errors.js';
import { issuesOf, WITH_INPUT } from '../lib/issues.js';
import { isObject } from '../lib/values.js';

/**
 * The caller, as `authenticateUser` returns it. `null` counts as absent. Further fields are the application's own and are
 * never signed.
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
  /** The element `"autojoin"` makes an autojoin administrator. */
  adminScopes?: readonly string[] | null | undefined;
  allowedEmailDomains?: readonly string[] | null | undefined;
  /** Signed into the token as the claim `attributes`. */
  attributes?: Readonly<Record<string, unknown>> | null | undefined;
}

/** A user without nulls. */
export type KnownUser = { [Field in keyof VortexUser]: Exclude<VortexUser[Field], null> };

const textList = z.nullish(z.array(z.string()));
/** Beyond 2^53 a number is rounded, so that two users would have the same id. */
const safeNumber = z.refine<number>((value) => Math.abs(value) <= Number.MAX_SAFE_INTEGER);
const userSchema = z.object({
  id: z.union([z.string().check(z.minLength(1)), z.number().check(safeNumber)], 'must be text or a safe number'),
  email: z.nullish(z.string()),
  phone: z.nullish(z.string()),
  addresses: textList,
  name: z.nullish(z.string()),
  avatarUrl: z.nullish(z.string()),
  adminScopes: textList,
  allowedEmailDomains: textList,
  attributes: z.nullish(z.record(z.string(), z.unknown())),
});

/** @throws VortexError `BAD_AUTH_RESULT` naming the fields that are wrong */
export function readUser(value: unknown): KnownUser {
  const result = userSchema.safeParse(value, WITH_INPUT);
  if (!result.success) {
    const issues = issuesOf(result.error);
    const fields = issues.map(({ path, message }) => `${path || 'the user'} ${describe(path, message, value)}`);
    throw new VortexError(
      'BAD_AUTH_RESULT',
      `authenticateUser returned a user of the wrong shape: ${fields.join('; ')}.`,
    );
  }
  const known: Record<string, unknown> = result.data;
  for (const field in known) if (known[field] === null) delete known[field];
  return known as KnownUser;
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
  if (email !== undefined) return { email };
  return phone === undefined ? undefined : { phone };
}

export function emailsOf(user: KnownUser): string[] {
  return [user.email, ...(user.addresses ?? [])].filter((address) => address?.includes('@')) as string[];
}

function phonesOf(user: KnownUser): string[] {
  return [user.phone, ...(user.addresses ?? [])].filter(
    (address) => address && phoneDigits(address) !== '',
  ) as string[];
}
