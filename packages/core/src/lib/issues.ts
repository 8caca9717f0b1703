/** Describes failed validations in our own sentences. */
import type * as z from 'zod/mini';
import { VortexError, type VortexIssue } from './errors.js';

type Problem = z.core.$ZodIssue;

/** Options for `safeParse`: without the input, zod cannot tell a missing field from a wrong one. */
export const WITH_INPUT = { reportInput: true } as const;

/** A reply names so many issues, and so many characters of a name that the caller has chosen: at most 8 kB in all. */
const MAX_ISSUES = 20;
const MAX_PATH = 80;

/** An `INVALID_REQUEST` for these issues. */
export function invalidRequest(issues: readonly VortexIssue[]): VortexError {
  const named = issues.slice(0, MAX_ISSUES).map(({ path, message }) => ({ path: quotable(path), message }));
  return new VortexError('INVALID_REQUEST', undefined, { issues: named });
}

function quotable(path: string): string {
  const start = path.slice(0, MAX_PATH).replace(/\p{C}/gu, '\ufffd');
  return path.length > MAX_PATH ? `${start}…` : start;
}

/**
 * Our own sentences, since zod takes its sentences from a global locale that belongs to the application. A value of the wrong
 * type has one issue: zod also measures a list that is sent in place of text.
 */
export function issuesOf(error: { issues: readonly Problem[] }): VortexIssue[] {
  const pathOf = ({ path }: Problem) => path.map(String).join('.');
  const isMistyped = ({ code }: Problem) => code === 'invalid_type';
  const mistyped = new Set(error.issues.filter(isMistyped).map(pathOf));
  return error.issues
    .filter((issue) => isMistyped(issue) || !mistyped.has(pathOf(issue)))
    .map((issue) => ({ path: pathOf(issue), message: sentence(issue) }));
}

function sentence(issue: Problem): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${NOUNS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.minimum === 1 ? 'must not be empty' : `must have at least ${issue.minimum}`;
    case 'too_big':
      return `must have at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'entries'}`;
    default:
      return issue.message;
  }
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  boolean: 'true or false',
};
