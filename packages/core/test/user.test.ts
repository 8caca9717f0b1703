/** The check of the caller is written by hand, for speed. Here it is held to the schema that says what a user looks like. */
import { VortexError } from '@vortex/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { readUser } from '../src/routes/user.ts';

const textList = z.nullish(z.array(z.string()));
const safeNumber = z.refine<number>((value) => Math.abs(value) <= Number.MAX_SAFE_INTEGER);
const userSchema = z.object({
  id: z.union([z.string().check(z.minLength(1)), z.number().check(safeNumber)]),
  email: z.nullish(z.string()),
  phone: z.nullish(z.string()),
  addresses: textList,
  name: z.nullish(z.string()),
  avatarUrl: z.nullish(z.string()),
  adminScopes: textList,
  allowedEmailDomains: textList,
  attributes: z.nullish(z.record(z.string(), z.unknown())),
});
const FIELDS = Object.keys(userSchema.def.shape);

/** Reads a user, or returns the paths of what is wrong with it. */
function byHand(value: unknown): unknown {
  try {
    return readUser(value);
  } catch (error) {
    if (!VortexError.is(error)) throw error;
    const [, problems = ''] = /wrong shape: (.*)\.$/u.exec(error.message) ?? [];
    // Advice follows a problem.
    const named = problems.split('; ').filter((problem) => !problem.startsWith('return '));
    return named.map((problem) => problem.split(' ')[0]);
  }
}

function bySchema(value: unknown): unknown {
  const result = userSchema.safeParse(value);
  if (!result.success) return result.error.issues.map(({ path }) => (path.length === 0 ? 'the' : path.join('.')));
  // `null` and empty text count as absent.
  return Object.fromEntries(Object.entries(result.data).filter(([, member]) => member !== null && member !== ''));
}

const id = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constantFrom(2 ** 53, -(2 ** 53), '', null, undefined));
const wrong = fc.oneof(fc.anything({ withMap: true, withDate: true, withNullPrototype: true }), fc.func(fc.string()));
const text = fc.oneof({ weight: 4, arbitrary: fc.string() }, wrong);
const texts = fc.oneof(
  { weight: 4, arbitrary: fc.array(text) },
  { weight: 2, arbitrary: fc.array(fc.string()) },
  wrong,
);
const attributes = fc.oneof({ weight: 4, arbitrary: fc.dictionary(fc.string(), fc.anything()) }, wrong);
const user = fc.record(
  {
    id: fc.oneof({ weight: 6, arbitrary: id }, wrong),
    email: text,
    phone: text,
    addresses: texts,
    name: text,
    avatarUrl: text,
    adminScopes: texts,
    allowedEmailDomains: texts,
    attributes,
    plan: fc.string(),
  },
  { requiredKeys: [] },
);

test('a user is read, or refused for the same fields, as its schema says', () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: user }, wrong), (value) => {
      expect(byHand(value)).toEqual(bySchema(value));
    }),
    { numRuns: 1000 },
  );
});

test('the fields of a user come in the order of the schema, so that a token is the same however they are given', () => {
  const whole = {
    attributes: { plan: 'pro' },
    allowedEmailDomains: ['b.example'],
    adminScopes: ['autojoin'],
    avatarUrl: 'https://a.example/a.png',
    name: 'Ann',
    addresses: ['c@b.example'],
    phone: '+15550102030',
    email: 'a@b.example',
    id: 'u',
  };
  expect(Object.keys(readUser(whole))).toEqual(FIELDS);
});

test('empty text counts as absent in every field but the id', () => {
  expect(readUser({ id: 'u', email: '', phone: '', name: '', avatarUrl: '' })).toEqual({ id: 'u' });
  expect(byHand({ id: '' })).toEqual(['id']);
  expect(byHand({ id: 'u', addresses: '', attributes: '' })).toEqual(['addresses', 'attributes']);
});

test('readUser returns a copy that later changes of the user do not reach', () => {
  const given = { id: 'u', adminScopes: ['a'], attributes: { plan: 'pro' } };
  const known = readUser(given);
  given.adminScopes.push('b');
  given.attributes.plan = 'free';
  expect(known).toEqual({ id: 'u', adminScopes: ['a'], attributes: { plan: 'pro' } });
});
