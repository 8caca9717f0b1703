/** Validates the input of an operation. */
import type * as z from 'zod/mini';
import { invalidRequest, issuesOf, WITH_INPUT } from '../lib/issues.js';
import { isObject } from '../lib/values.js';

/** @throws VortexError `INVALID_REQUEST` with the fields that are wrong */
export function validate(schema: z.ZodMiniType<object, unknown>, given: unknown): object {
  const result = schema.safeParse(given, WITH_INPUT);
  if (result.success) return result.data;
  throw invalidRequest(issuesOf(result.error));
}

/** Fields for which empty text counts as absent. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['name', 'phone', 'scopeName']);

/**
 * Drops optional members that are null, and empty lists in place of objects, as the vendor's adapters do. Maps, such as
 * metadata, keep theirs.
 */
export function withoutNulls(schema: z.core.$ZodType, value: unknown): unknown {
  const def = defOf(schema);
  const inner = def.in ?? def.innerType;
  if (inner) return withoutNulls(inner, value);
  if (def.element && Array.isArray(value))
    return value.map((item) => withoutNulls(def.element as z.core.$ZodType, item));
  const { shape } = def;
  if (!shape || !isObject(value) || Array.isArray(value)) return value;
  const members = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (!field) return [[key, member]];
    const isEmptyList = Array.isArray(member) && member.length === 0 && isObjectSchema(field);
    const isAbsent = member === null || isEmptyList || (member === '' && MAY_BE_EMPTY.has(key));
    return isAbsent && field._zod.optin === 'optional' ? [] : [[key, withoutNulls(field, member)]];
  });
  return Object.fromEntries(members);
}

/** PHP and others write an empty object as an empty list. */
function isObjectSchema(field: z.core.$ZodType): boolean {
  const def = defOf(field);
  const inner = def.in ?? def.innerType;
  return inner ? isObjectSchema(inner) : def.shape !== undefined;
}

interface Def extends Partial<Record<'in' | 'innerType' | 'element', z.core.$ZodType>> {
  shape?: Readonly<Record<string, z.core.$ZodType>>;
}

function defOf(schema: z.core.$ZodType): Def {
  return schema._zod.def as unknown as Def;
}
