import * as z from 'zod/mini';
import { type Invitation, isPhoneType } from '../api/wire.js';
import { VortexError } from '../lib/errors.js';
import { issuesOf, WITH_INPUT } from '../lib/issues.js';

/**
 * Who is calling, as `authenticateUser` returns it. `null` counts as absent; other fields are yours and never signed.
 *
 * `email`, `phone` and `addresses` must be **verified** by your application: whoever can sign up with somebody's address
 * unverified reads and accepts their invitations.
 */
export interface VortexUser {
  id: string | number;
  email?: string | null | undefined;
  /** In the international form, `+15550102030`: phones are compared by their digits alone. */
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

/** The same without nulls. */
export type KnownUser = { [Field in keyof VortexUser]: Exclude<VortexUser[Field], null> };

const textList = z.nullish(z.array(z.string()));
const userSchema = z.object({
  id: z.union([z.string().check(z.minLength(1)), z.number()], 'must be text or a number'),
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
    const fields = issues.map(({ path, message }) => `${path || 'the user'} ${message}`).join('; ');
    throw new VortexError('BAD_AUTH_RESULT', `authenticateUser returned a user of the wrong shape: ${fields}.`);
  }
  const known: Record<string, unknown> = result.data;
  for (const field in known) if (known[field] === null) delete known[field];
  return known as KnownUser;
}

/** Whether an address of a type belongs to the user: e-mail without regard to case, phone by its digits, or the user's id. */
export function owns(user: KnownUser, type: string, value: string): boolean {
  if (type === 'email') return emailsOf(user).some((email) => lowerCase(email) === lowerCase(value));
  if (isPhoneType(type)) {
    return phoneDigits(value) !== '' && phonesOf(user).some((phone) => phoneDigits(phone) === phoneDigits(value));
  }
  return type === 'internal' && value === String(user.id);
}

/**
 * Whether an invitation was sent to one of the user's own verified addresses, or to the user's id. For rules about
 * ACCEPT_INVITATIONS: knowing the id of an invitation is not enough, since links get forwarded.
 *
 * @throws VortexError `BAD_AUTH_RESULT` if the user is none
 */
export function isAddressedTo(invitation: Invitation, user: VortexUser): boolean {
  const known = readUser(user);
  // What the upstream sent has been checked no further than its id.
  const targets: unknown = invitation.target;
  if (!Array.isArray(targets)) return false;
  return targets.some((target) => {
    const { type, value } = Object(target) as { type?: unknown; value?: unknown };
    return typeof value === 'string' && owns(known, String(type), value);
  });
}

/** The address the user is known by: an e-mail address rather than a phone number. */
export function ownAddress(user: KnownUser): { email: string } | { phone: string } | undefined {
  const [email] = emailsOf(user);
  const [phone] = phonesOf(user);
  if (email !== undefined) return { email };
  return phone === undefined ? undefined : { phone };
}

function emailsOf(user: KnownUser): string[] {
  return [user.email, ...(user.addresses ?? [])].filter((address) => address?.includes('@')) as string[];
}

function phonesOf(user: KnownUser): string[] {
  return [user.phone, ...(user.addresses ?? [])].filter(
    (address) => address && phoneDigits(address) !== '',
  ) as string[];
}

/** Of ASCII letters only: others fold into each other, and `\u212A` (the Kelvin sign) is no `k` in an address. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The digits of a phone number; none of other text, or `user-15551234567` would pass for somebody's phone. */
export function phoneDigits(text: string): string {
  return /^\+?[\d\s().-]+$/u.test(text) ? text.replace(/\D/gu, '') : '';
}
