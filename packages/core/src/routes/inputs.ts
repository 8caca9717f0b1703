/**
 * The schema of the input of each operation: the parameters of the path, together with the body, or with the query if there
 * is no body. A router loads them after it was built, since zod takes longer to load than all of this package.
 */
import * as z from 'zod/mini';
import { acceptingUser, normaliseScopes } from '../api/wire.js';
import { address, domain, email, fitsType, invitationId, jsonMap, phone, scope, text, textMap } from './schemas.js';

const invitation = z.object({ invitationId });
const scoped = z.object({ scopeType: scope, scope });
const optionalText = z.optional(text);
const NO_COLON = 'must not hold a colon';

export const JWT = z.object({
  context: z.optional(
    z.object({ componentId: optionalText, scope: z.optional(scope), scopeType: z.optional(scope) }).check(
      // The claim is `scopeType:scope`: with a second colon, two contexts would give the same claim.
      z.refine((context) => !context.scopeType?.includes(':'), { error: NO_COLON, path: ['scopeType'] }),
      z.refine((context) => context.scopeType !== undefined || !context.scope?.includes(':'), {
        error: `${NO_COLON} without scopeType`,
        path: ['scope'],
      }),
    ),
  ),
});

export const GET_INVITATIONS = z
  .object({
    targetType: z.enum(['email', 'username', 'phoneNumber', 'phone', 'sms', 'internal']),
    targetValue: text,
  })
  .check(...fitsType('targetType', 'targetValue'));

const newScopes = z.optional(
  z
    .array(
      z
        .object({ type: scope, scopeId: z.optional(scope), groupId: z.optional(scope), name: optionalText })
        .check(z.refine((one) => one.scopeId ?? one.groupId, { error: 'is required', path: ['scopeId'] })),
    )
    .check(z.maxLength(100)),
);

export const CREATE_INVITATION = z.pipe(
  z
    .object({
      widgetConfigurationId: text,
      target: z
        .object({
          type: z.enum(['email', 'phone', 'sms', 'internal']),
          value: text,
          name: optionalText,
          avatarUrl: optionalText,
        })
        .check(...fitsType('type', 'value')),
      inviter: z.optional(
        z.object({ userId: optionalText, userEmail: z.optional(email), name: optionalText, avatarUrl: optionalText }),
      ),
      scopes: newScopes,
      groups: newScopes,
      scopeId: z.optional(scope),
      scopeType: z.optional(scope),
      scopeName: optionalText,
      source: optionalText,
      subtype: optionalText,
      templateVariables: z.optional(textMap),
      metadata: z.optional(jsonMap),
      unfurlConfig: z.optional(
        z.object({
          title: optionalText,
          description: optionalText,
          image: z.optional(text.check(z.regex(/^https:\/\//u, 'must be an https URL'))),
          type: z.optional(z.enum(['website', 'article', 'video', 'music', 'book', 'profile', 'product'])),
          siteName: optionalText,
        }),
      ),
    })
    .check(
      z.refine((input) => input.scopeId ?? !(input.scopeType ?? input.scopeName), {
        error: 'is required with scopeType and scopeName',
        path: ['scopeId'],
      }),
    ),
  // One list for all names of a scope, so that a hook judges the scopes that are sent.
  z.transform(({ groups, scopes, scopeId, scopeType, scopeName, ...rest }) => ({
    ...rest,
    scopes: normaliseScopes({ groups, scopes, scopeId, scopeType, scopeName }) ?? [],
  })),
);

export const GET_INVITATION = invitation;

export const REVOKE_INVITATION = invitation;

export const REINVITE = invitation;

export const ACCEPT_INVITATIONS = z.pipe(
  z.object({
    invitationIds: z.array(invitationId).check(z.minLength(1), z.maxLength(100)),
    user: z.optional(
      z.object({
        email: z.optional(email),
        phone: z.optional(phone),
        name: optionalText,
        isExisting: z.optional(z.boolean()),
      }),
    ),
    target: z.optional(
      z
        .object({ type: z.enum(['email', 'phone', 'phoneNumber', 'sms']), value: text })
        .check(...fitsType('type', 'value')),
    ),
  }),
  z.transform(({ invitationIds, user, target }) => ({
    invitationIds: [...new Set(invitationIds)],
    user: user ?? (target && acceptingUser(target)),
  })),
);

export const GET_GROUP_INVITATIONS = z.extend(scoped, {
  start: z.optional(z.pipe(z.string().check(z.regex(/^\d{1,9}$/u, 'must be a whole number')), z.transform(Number))),
});

export const DELETE_GROUP_INVITATIONS = scoped;

export const GET_AUTOJOIN_DOMAINS = scoped;

export const CONFIGURE_AUTOJOIN = z.pipe(
  z
    .object({
      scope: z.optional(scope),
      scopeId: z.optional(scope),
      scopeType: scope,
      scopeName: optionalText,
      domains: z.array(domain).check(z.maxLength(1000)),
      componentId: optionalText,
      widgetId: optionalText,
      metadata: z.optional(jsonMap),
    })
    .check(
      z.refine((input) => input.scope ?? input.scopeId, { error: 'is required', path: ['scope'] }),
      z.refine((input) => input.componentId ?? input.widgetId, { error: 'is required', path: ['componentId'] }),
    ),
  z.transform(({ scope, scopeId, componentId, widgetId, ...rest }) => ({
    ...rest,
    scope: (scope ?? scopeId) as string,
    componentId: (componentId ?? widgetId) as string,
  })),
);

export const SYNC_INTERNAL_INVITATION = z.object({
  creatorId: text,
  targetValue: address,
  action: z.enum(['accepted', 'declined']),
  componentId: text,
});
