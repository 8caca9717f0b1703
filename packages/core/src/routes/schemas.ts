/** Schemas of the fields of requests. They validate values and rewrite none, apart from the spaces around an address. */
import type * as zod from 'zod/mini';
import { isSafeSegment } from '../api/path.js';
import { isEmail, isPhone, isPhoneType } from '../lib/address.js';
import { isObject } from '../lib/values.js';

// The limit of Fastify's router, which every adapter keeps so that all behave alike.
const MAX_SEGMENT = 100;
const MAX_TEXT = 1000;

const NOT_EMAIL = 'must be an e-mail address';
const NOT_PHONE = 'must be a phone number';

/** The part of `zod/mini` that the schemas use. Each runtime loads it in its own way, so that it is an argument here and no import. */
export type Zod = Pick<
  typeof zod,
  | 'array'
  | 'boolean'
  | 'enum'
  | 'extend'
  | 'maxLength'
  | 'minLength'
  | 'object'
  | 'optional'
  | 'overwrite'
  | 'pipe'
  | 'record'
  | 'refine'
  | 'regex'
  | 'string'
  | 'transform'
  | 'trim'
  | 'unknown'
>;

/** Creates the schemas of the fields. */
export function createSchemas(z: Zod) {
  const matching = (test: (text: string) => boolean, error: string) => z.refine<string>(test, { error });
  const plain = matching((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'must not hold control characters');

  /** A wrong length ends the checks of a field, so that no rule runs over longer text than the field may hold. */
  const notEmpty = z.minLength(1, { abort: true });
  const upTo = (maximum: number) => z.maxLength(maximum, { abort: true });

  /** Short text on one line. */
  const text = z.string().check(notEmpty, upTo(MAX_TEXT), plain);

  const segment = z
    .string()
    .check(notEmpty, upTo(MAX_SEGMENT), plain, matching(isSafeSegment, 'must not be a dot segment'));

  /** A scope or its type. Slashes are allowed, since the call to the API encodes them. */
  const scope = segment;

  const invitationId = segment.check(matching((id) => !/[/\\]/u.test(id), 'must not hold a slash'));

  /** Spaces around an address are dropped, as the vendor's adapters do. */
  const address = z.string().check(z.trim(), notEmpty, upTo(MAX_TEXT), plain);

  const email = address.check(matching(isEmail, NOT_EMAIL));
  const phone = address.check(matching(isPhone, NOT_PHONE));

  const domain = z.string().check(
    upTo(253),
    matching(
      (value) => /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u.test(value),
      'must be a domain',
    ),
  );

  /** Checks the address in one field by the type in another. */
  function fitsType<Type extends string, Value extends string>(type: Type, value: Value) {
    type Target = Record<Type | Value, string>;
    const trimmed = z.overwrite<Target>((target) => {
      const isAddress = target[type] === 'email' || isPhoneType(target[type]);
      return isAddress ? { ...target, [value]: target[value].trim() } : target;
    });
    const ofType = (is: (type: string) => boolean, test: (value: string) => boolean, error: string) =>
      z.refine<Target>((target) => !is(target[type]) || test(target[value]), { error, path: [value] });
    return [
      trimmed,
      ofType((name) => name === 'email', isEmail, NOT_EMAIL),
      ofType(isPhoneType, isPhone, NOT_PHONE),
    ] as const;
  }

  /** Comes before the schema of a map, which would leave out a key `__proto__` in silence. */
  const withoutProto = <Map extends object>() =>
    z.transform((map: Map, { issues }) => {
      if (isObject(map) && Object.hasOwn(map, '__proto__')) {
        issues.push({ code: 'custom', message: 'must have another name', path: ['__proto__'], input: map });
      }
      return map;
    });

  const textMap = z.pipe(withoutProto<Record<string, string>>(), z.record(z.string(), z.string().check(upTo(10_000))));
  const jsonMap = z.pipe(withoutProto<Record<string, unknown>>(), z.record(z.string(), z.unknown()));

  return { text, scope, invitationId, address, email, phone, domain, fitsType, textMap, jsonMap };
}
