/**
 * The schema of the input of each operation: the parameters of the path, together with the body, or with the query if there
 * is no body. They are created after a router was built, since zod takes longer to load than all of this package.
 */
import { acceptingUser, normaliseScopes } from '../api/wire.js';
import type { JwtOperationContext, JwtRequest } from './operation-types.js';
import { createSchemas, type Zod } from './schemas.js';

const NO_COLON = 'must not hold a colon';

/** The schemas of a router, by the name of the operation. */
export type Inputs = ReturnType<typeof createInputs>;

type Scoped = Readonly<{ type: string; scopeId: string }>;

/** Creates the schemas with the zod that the runtime has loaded. */
export function createInputs(z: Zod) {
  const { address, domain, email, fitsType, invitationId, jsonMap, phone, scope, text, textMap } = createSchemas(z);
  const invitation = z.object({ invitationId });
  const scoped = z.object({ scopeType: scope, scope });
  const optionalText = z.optional(text);
  const optionalScope = z.optional(scope);
  /** Requires one of two names of a field. The document of the routes says so in the same words. */
  const either = <Name extends string>(name: Name, other: Name) =>
    z.refine<{ [_ in Name]?: string | undefined }>((input) => input[name] ?? input[other], {
      error: `is required unless ${other} is given`,
      path: [name],
    });
  // The claim is `scopeType:scope`: with a second colon, two contexts would give the same claim.
  const contextType = z.optional(scope.check(z.refine((type) => !type.includes(':'), { error: NO_COLON })));
  const scopeOfType = (name: 'scope' | 'groupId') =>
    z.refine<NonNullable<JwtRequest['context']>>(
      (context) => (context.scopeType ?? context.groupType) !== undefined || !context[name]?.includes(':'),
      { error: `${NO_COLON} without scopeType`, path: [name] },
    );
  const JWT = z.object({
    context: z.optional(
      z.pipe(
        z
          .object({
            componentId: optionalText,
            widgetId: optionalText,
            scope: optionalScope,
            groupId: optionalScope,
            scopeType: contextType,
            groupType: contextType,
          })
          .check(scopeOfType('scope'), scopeOfType('groupId')),
        z.transform(
          // Without undefined members, which a rule would see.
          ({ widgetId, groupId, groupType, ...newer }): JwtOperationContext => ({
            ...(widgetId !== undefined && { componentId: widgetId }),
            ...(groupId !== undefined && { scope: groupId }),
            ...(groupType !== undefined && { scopeType: groupType }),
            ...newer,
          }),
        ),
      ),
    ),
  });

  const GET_INVITATIONS = z
    .object({
      targetType: z.enum(['email', 'username', 'phoneNumber', 'phone', 'sms', 'internal']),
      targetValue: text,
    })
    .check(...fitsType('targetType', 'targetValue'));

  const newScopes = z.optional(
    z
      .array(
        z
          .object({ type: scope, scopeId: optionalScope, groupId: optionalScope, name: optionalText })
          .check(either('scopeId', 'groupId')),
      )
      .check(z.maxLength(100)),
  );

  const CREATE_INVITATION = z.pipe(
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
        scopeId: optionalScope,
        scopeType: optionalScope,
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
    // One list for all names of a scope, so that a hook judges the scopes that are sent. Each scope once, since a rule asks for each.
    z.transform(({ groups, scopes, scopeId, scopeType, scopeName, ...rest }) => {
      const all = normaliseScopes({ groups, scopes, scopeId, scopeType, scopeName }) ?? [];
      const isSame = (one: Scoped) => (other: Scoped) => one.type === other.type && one.scopeId === other.scopeId;
      return { ...rest, scopes: all.filter((one, index) => all.findIndex(isSame(one)) === index) };
    }),
  );

  const GET_INVITATION = invitation;

  const REVOKE_INVITATION = invitation;

  const REINVITE = invitation;

  const ACCEPT_INVITATIONS = z.pipe(
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

  const GET_GROUP_INVITATIONS = z.extend(scoped, {
    start: z.optional(z.pipe(z.string().check(z.regex(/^\d{1,9}$/u, 'must be a whole number')), z.transform(Number))),
  });

  const DELETE_GROUP_INVITATIONS = scoped;

  const GET_AUTOJOIN_DOMAINS = scoped;

  const CONFIGURE_AUTOJOIN = z.pipe(
    z
      .object({
        scope: optionalScope,
        scopeId: optionalScope,
        scopeType: scope,
        scopeName: optionalText,
        domains: z.array(domain).check(z.maxLength(1000)),
        componentId: optionalText,
        widgetId: optionalText,
        metadata: z.optional(jsonMap),
      })
      .check(either('scope', 'scopeId'), either('componentId', 'widgetId')),
    z.transform(({ scope, scopeId, componentId, widgetId, ...rest }) => ({
      ...rest,
      scope: (scope ?? scopeId) as string,
      componentId: (componentId ?? widgetId) as string,
    })),
  );

  const SYNC_INTERNAL_INVITATION = z.object({
    creatorId: text,
    targetValue: address,
    action: z.enum(['accepted', 'declined']),
    componentId: text,
  });

  return {
    JWT,
    GET_INVITATIONS,
    CREATE_INVITATION,
    GET_INVITATION,
    REVOKE_INVITATION,
    REINVITE,
    ACCEPT_INVITATIONS,
    GET_GROUP_INVITATIONS,
    DELETE_GROUP_INVITATIONS,
    GET_AUTOJOIN_DOMAINS,
    CONFIGURE_AUTOJOIN,
    SYNC_INTERNAL_INVITATION,
  };
}
