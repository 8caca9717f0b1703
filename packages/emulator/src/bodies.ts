/**
 * Defines the request bodies. Accepts the current and the older field names, and returns the current ones. `null` counts as
 * absent for an optional member.
 */
import { VortexError, WEBHOOK_EVENT_TYPES } from '@vortex/core';
import { z } from 'zod';
import { ApiError } from './errors.js';
import type { AcceptingUser } from './events.js';
import { STATUSES, type TargetRecord } from './state.js';
import { canonicalType, targetRecord } from './target.js';

const text = z.string().min(1);
const optionalText = z.string().nullish();
const json = z.record(z.string(), z.unknown(), 'must be an object');

const email = z.string().regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address');
const phone = z.string().regex(/\d/, 'must be a phone number');

const target = z
  .object({
    type: z.enum(['email', 'phone', 'phoneNumber', 'sms', 'internal', 'share']),
    value: text,
    name: optionalText,
    avatarUrl: optionalText,
  })
  .check((context) => {
    const type = canonicalType(context.value.type);
    const problem = (type === 'email' ? email : type === 'phone' ? phone : text).safeParse(context.value.value).error;
    for (const issue of problem?.issues ?? []) {
      context.issues.push({ code: 'custom', message: issue.message, path: ['value'], input: context.value.value });
    }
  });

const inviter = z
  .object({
    userId: text,
    userEmail: optionalText,
    name: optionalText,
    avatarUrl: optionalText,
    userName: optionalText,
    userAvatarUrl: optionalText,
  })
  .transform((given) => ({
    id: given.userId,
    email: given.userEmail ?? null,
    name: given.name ?? given.userName ?? null,
    avatarUrl: given.avatarUrl ?? given.userAvatarUrl ?? null,
  }));

const scope = z
  // SDKs leave the name out if they are given none. The Java SDK sends empty text for the type and the name.
  .object({ type: optionalText, groupId: optionalText, scopeId: optionalText, name: optionalText })
  .refine((given) => given.groupId || given.scopeId, { message: 'is required', path: ['groupId'] })
  .transform((given) => {
    const scopeId = given.groupId || given.scopeId || '';
    return { type: given.type || 'default', scopeId, name: given.name || scopeId };
  });

const unfurl = z.object({
  title: z.string().nullish(),
  description: z.string().nullish(),
  image: z.url({ protocol: /^https$/, error: 'must be an https URL' }).nullish(),
  type: z.enum(['website', 'article', 'video', 'music', 'book', 'profile', 'product']).nullish(),
  siteName: z.string().nullish(),
});

export const createBody = z.object({
  widgetConfigurationId: text,
  target,
  inviter,
  groups: z.array(scope).nullish(),
  scopes: z.array(scope).nullish(),
  source: z.string().nullish(),
  subtype: optionalText,
  templateVariables: z.record(z.string(), z.string()).nullish(),
  metadata: json.nullish(),
  unfurlConfig: unfurl.nullish(),
});

export const acceptBody = z.object({
  invitationIds: z.array(text).min(1),
  user: z
    .object({
      email: z.union([z.literal(''), email]).nullish(),
      phone: z.union([z.literal(''), phone]).nullish(),
      name: optionalText,
      isExisting: z.boolean().nullish(),
    })
    .nullish(),
  target: z.object({ type: text, value: text }).nullish(),
});

export const autojoinBody = z
  .object({
    scope: text,
    scopeType: text,
    scopeName: z.string().nullish(),
    domains: z.array(z.string()),
    componentId: z.string().nullish(),
    widgetId: z.string().nullish(),
    metadata: json.nullish(),
  })
  .refine((given) => given.componentId || given.widgetId, { message: 'is required', path: ['componentId'] })
  .transform(({ widgetId, ...given }) => ({ ...given, componentId: given.componentId || widgetId || '' }));

export const syncBody = z.object({
  creatorId: text,
  targetValue: text,
  action: z.enum(['accepted', 'declined']),
  componentId: text,
});

export const announceBody = z.object({
  type: z.enum(WEBHOOK_EVENT_TYPES),
  data: json.optional(),
});

export const updateBody = z.strictObject({
  status: z.enum(STATUSES).exclude(['accepted']).optional(),
  views: z.int().nonnegative().optional(),
  formSubmissionData: json.nullable().optional(),
});

export type CreateBody = z.infer<typeof createBody>;
export type AutojoinBody = z.infer<typeof autojoinBody>;

/**
 * Reads a JSON body. An empty body counts as `{}`, since clients set the JSON content type on every request.
 *
 * @throws {ApiError} 400 that names every invalid field
 */
export async function readBody<S extends z.ZodType>(request: { text(): Promise<string> }, schema: S) {
  const result = schema.safeParse(parseJson(await request.text()));
  if (result.success) return result.data;
  throw new ApiError(400, problemsOf(result.error, 'body'));
}

/**
 * Reads arguments that a program passes in process.
 *
 * @throws {VortexError} `INVALID_ARGUMENT` that names every invalid field
 */
export function readArguments<S extends z.ZodType>(given: unknown, schema: S): z.infer<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new VortexError('INVALID_ARGUMENT', `${problemsOf(result.error, 'fields').join('; ')}.`);
}

/**
 * Copies what a program has passed as webhooks and data files hold it. Leaves out undefined members.
 *
 * @throws {VortexError} `INVALID_ARGUMENT` if it cannot be JSON
 */
export function jsonCopy<T extends object>(value: T): T {
  try {
    return JSON.parse(JSON.stringify(value)) as T;
  } catch (cause) {
    throw new VortexError('INVALID_ARGUMENT', `The fields must be JSON: ${(cause as Error).message}.`, { cause });
  }
}

function problemsOf({ issues }: z.ZodError, whole: string): string[] {
  return issues.map((issue) => `${issue.path.join('.') || whole}: ${issue.message}`);
}

function parseJson(body: string): unknown {
  if (body.trim() === '') return {};
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(400, ['body: is not valid JSON']);
  }
}

/**
 * Returns the accepting user, from the current field `user` or the older field `target`.
 *
 * @throws {ApiError} 400 if neither has an e-mail address or a phone number
 */
export function acceptingUser(body: z.infer<typeof acceptBody>): { user: AcceptingUser; target: TargetRecord } {
  const user: AcceptingUser = body.user ? fromUser(body.user) : body.target ? fromTarget(body.target) : {};
  const { email, phone, name } = user;
  if (email) return { user, target: targetRecord('email', email, name) };
  if (phone) return { user, target: targetRecord('phone', phone, name) };
  throw new ApiError(400, ['user: needs an email or a phone number']);
}

function fromUser(user: NonNullable<z.infer<typeof acceptBody>['user']>): AcceptingUser {
  return {
    ...(user.email && { email: user.email }),
    ...(user.phone && { phone: user.phone }),
    ...(user.name && { name: user.name }),
    ...(typeof user.isExisting === 'boolean' && { isExisting: user.isExisting }),
  };
}

function fromTarget({ type, value }: { type: string; value: string }): AcceptingUser {
  const canonical = canonicalType(type);
  if (canonical === 'email') return { email: value };
  if (canonical === 'phone') return { phone: value };
  throw new ApiError(400, [`target.type: "${type}" cannot accept an invitation; use email or phone`]);
}
