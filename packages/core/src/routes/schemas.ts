/** What the fields of requests must look like. Values are validated, never rewritten. */
import * as z from 'zod/mini';
import { isSafeSegment } from '../api/path.js';
import { isPhoneType } from '../api/wire.js';
import { phoneDigits } from './user.js';

// Fastify's router takes no longer parameters, and what one adapter refuses all must.
const MAX_SEGMENT = 100;
const MAX_TEXT = 1000;

const matching = (test: (text: string) => boolean, error: string) => z.refine<string>(test, { error });
const plain = matching((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'must hold no control characters');

/** Short text on one line. */
export const text = z.string().check(z.minLength(1), z.maxLength(MAX_TEXT), plain);

const segment = z
  .string()
  .check(z.minLength(1), z.maxLength(MAX_SEGMENT), plain, matching(isSafeSegment, 'must not be a dot segment'));

/** A scope or its type. Slashes are fine: they are encoded on the way. */
export const scope = segment;

export const invitationId = segment.check(
  matching((id) => !/[/\\]/u.test(id), 'must hold no slash'),
  // A route of ours is never an invitation: `DELETE /invitations/by-scope` must not become one upstream.
  matching((id) => !RESERVED.has(id), 'is a reserved word'),
);
export const RESERVED: ReadonlySet<string> = new Set([
  'accept',
  'autojoin',
  'by-group',
  'by-scope',
  'sync-internal-invitation',
]);

const isEmail = (value: string) => /^[^\s@]+@[^\s@]+$/u.test(value);
const isPhone = (value: string) => phoneDigits(value).length >= 3;
const NOT_EMAIL = 'must be an e-mail address';
const NOT_PHONE = 'must be a phone number';

export const email = text.check(matching(isEmail, NOT_EMAIL));
export const phone = text.check(matching(isPhone, NOT_PHONE));

export const domain = z.string().check(
  z.maxLength(253),
  matching(
    (value) => /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u.test(value),
    'must be a domain',
  ),
);

/** Checks the address in one field by the type that stands in another. */
export function fitsType<Type extends string, Value extends string>(type: Type, value: Value) {
  type Target = Record<Type | Value, string>;
  const ofType = (is: (type: string) => boolean, test: (value: string) => boolean, error: string) =>
    z.refine<Target>((target) => !is(target[type]) || test(target[value]), { error, path: [value] });
  return [ofType((name) => name === 'email', isEmail, NOT_EMAIL), ofType(isPhoneType, isPhone, NOT_PHONE)] as const;
}

export const textMap = z.record(z.string(), z.string().check(z.maxLength(10_000)));
export const jsonMap = z.record(z.string(), z.unknown());
