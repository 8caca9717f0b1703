/** The one table of operations. A new route is one entry here and nothing anywhere else. */
import * as z from 'zod/mini';
import type { CallOptions, VortexClient } from '../api/client.js';
import { type AcceptingUser, acceptingUser, type Invitation, normaliseScopes } from '../api/wire.js';
import { VortexError } from '../lib/errors.js';
import type { MaybePromise } from '../lib/promises.js';
import type { AnswerName, AnswerOf } from './responses.js';
import { domain, email, fitsType, invitationId, jsonMap, phone, scope, text, textMap } from './schemas.js';
import { type KnownUser, ownAddress, owns } from './user.js';

type Method = 'GET' | 'POST' | 'DELETE';

/** Where an operation is mounted; parameters are written `:name`. */
export type Route = `${Method} /${string}`;

/** What a run has at hand. */
export interface Running {
  client: VortexClient;
  user: KnownUser;
  /** For calls that read: they end when the caller leaves. */
  reading(): CallOptions;
  /** For calls that write, and are finished whoever leaves. */
  writing: CallOptions;
  /** The operation's invitation: fetched once, and not again if the hook has looked at it. */
  loadInvitation(): Promise<Invitation>;
  jwt: {
    format: 'jwt' | 'token';
    /** Seconds. */
    expiresIn: number;
    attributes(): MaybePromise<Readonly<Record<string, unknown>> | undefined>;
  };
}

type Loads = 'one' | 'many' | 'none';

// The functions are methods and not properties, so that a definition of any operation is also a plain `Definition`.
export interface Definition<
  Given = unknown,
  Input extends object = object,
  Bound extends object = Input,
  Result = unknown,
  Mounted extends Route = Route,
  Loaded extends Loads = Loads,
  Answer extends AnswerName = AnswerName,
> {
  /** The first is the one to use; further ones are older spellings. */
  readonly routes: readonly Mounted[];
  /** One sentence, for documentation. */
  readonly summary: string;
  /** The name of what `run` resolves to, for documentation. */
  readonly answer: Answer;
  /** Answered without a call to the API. */
  readonly local?: true;
  /** Of the path's parameters, with the body where one is read and with the query where none is. */
  readonly schema: z.ZodMiniType<Input, Given>;
  readonly body?: 'required' | 'optional';
  /** Fills in what the caller left out and the user supplies. */
  bind?(input: Input, user: KnownUser): Bound;
  /** Which invitations a hook can load: the one of `invitationId`, or those of `invitationIds`. */
  readonly loads?: Loaded;
  run(op: Readonly<Bound>, running: Running): Promise<Result>;
}

/** An operation that has to do with somebody's identity. */
export interface PersonalDefinition<
  Given = unknown,
  Input extends object = object,
  Bound extends object = Input,
  Result = unknown,
  Mounted extends Route = Route,
  Loaded extends Loads = Loads,
  Answer extends AnswerName = AnswerName,
  Mismatch extends string = string,
> extends Definition<Given, Input, Bound, Result, Mounted, Loaded, Answer> {
  /** Whether the target is the user's own, or what is done in somebody's name is done in the user's. */
  self(op: Readonly<Bound>, user: KnownUser): boolean;
  /** Why the operation is refused without `self`, unless `actAs` allows it. Without a sentence only the hook decides. */
  readonly mismatch?: Mismatch;
}

function define<
  Given,
  Input extends object,
  Result,
  const Mounted extends Route,
  Answer extends AnswerName,
  Bound extends object = Input,
  Loaded extends Loads = 'none',
>(definition: Definition<Given, Input, Bound, Result, Mounted, Loaded, Answer>) {
  return definition;
}

function definePersonal<
  Given,
  Input extends object,
  Result,
  const Mounted extends Route,
  Answer extends AnswerName,
  Bound extends object = Input,
  Loaded extends Loads = 'none',
  Mismatch extends string = never,
>(definition: PersonalDefinition<Given, Input, Bound, Result, Mounted, Loaded, Answer, Mismatch>) {
  return definition;
}

const invitation = z.object({ invitationId });
const scoped = z.object({ scopeType: scope, scope });
const optionalText = z.optional(text);

const JWT = define({
  routes: ['POST /jwt'],
  summary: 'A token for the frontend components, in the name of the caller.',
  answer: 'Token',
  local: true,
  body: 'optional',
  schema: z.object({
    context: z.optional(
      z.object({ componentId: optionalText, scope: z.optional(scope), scopeType: z.optional(scope) }),
    ),
  }),
  async run({ context = {} }, { client, user, jwt }) {
    const added = await jwt.attributes();
    const attributes = user.attributes || added ? { ...user.attributes, ...added } : undefined;
    const options = { expiresIn: jwt.expiresIn, ascii: true };
    if (jwt.format === 'jwt') return { jwt: await client.generateJwt({ user, attributes }, options) };

    const { addresses: _, attributes: __, ...signed } = user;
    const { componentId, scope, scopeType } = context;
    const payload = {
      user: signed,
      component: componentId,
      scope: scope && scopeType ? `${scopeType}:${scope}` : scope,
      attributes,
    };
    return { jwt: await client.generateToken(payload, options) };
  },
});

const GET_INVITATIONS = definePersonal({
  routes: ['GET /invitations'],
  summary: 'The open invitations of an address.',
  answer: 'Invitations',
  schema: z
    .object({
      targetType: z.enum(['email', 'username', 'phoneNumber', 'phone', 'sms', 'internal']),
      targetValue: text,
    })
    .check(...fitsType('targetType', 'targetValue')),
  self: ({ targetType, targetValue }, user) => owns(user, targetType, targetValue),
  run: async ({ targetType, targetValue }, { client, reading }) => ({
    invitations: await client.getInvitationsByTarget(targetType, targetValue, reading()),
  }),
});

const newScopes = z.optional(
  z
    .array(
      z
        .object({ type: scope, scopeId: z.optional(scope), groupId: z.optional(scope), name: optionalText })
        .check(z.refine((one) => one.scopeId ?? one.groupId, { error: 'is required', path: ['scopeId'] })),
    )
    .check(z.maxLength(100)),
);

const CREATE_INVITATION = definePersonal({
  routes: ['POST /invitations'],
  summary: 'Invites somebody, as the caller unless another inviter is allowed.',
  answer: 'CreatedInvitation',
  body: 'required',
  schema: z.pipe(
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
          error: 'is required beside scopeType and scopeName',
          path: ['scopeId'],
        }),
      ),
    // One list, whatever the spelling, so that a hook judges what is sent.
    z.transform(({ groups, scopes, scopeId, scopeType, scopeName, ...rest }) => ({
      ...rest,
      scopes: normaliseScopes({ groups, scopes, scopeId, scopeType, scopeName }) ?? [],
    })),
  ),
  bind: ({ inviter, ...input }, user) => {
    const { id, email: userEmail, name, avatarUrl } = user;
    const own = { userId: String(id), userEmail, name, avatarUrl };
    const { userId, ...given } = inviter ?? {};
    return { ...input, inviter: userId === undefined ? { ...own, ...given } : { ...given, userId } };
  },
  // The name and the picture too: they are what the invitee sees of the inviter.
  self: ({ inviter: { userId, userEmail, name, avatarUrl } }, user) =>
    owns(user, 'internal', userId) &&
    (userEmail === undefined || owns(user, 'email', userEmail)) &&
    agree(name, user.name) &&
    agree(avatarUrl, user.avatarUrl),
  mismatch: 'You may invite only as yourself',
  run: (op, { client, writing }) => client.createInvitation(op, writing),
});

/** What the caller says of the inviter, if anything, against what the application says of the user, if anything. */
function agree(given: string | undefined, known: string | undefined): boolean {
  return given === undefined || known === undefined || given === known;
}

const GET_INVITATION = define({
  routes: ['GET /invitations/:invitationId'],
  summary: 'One invitation.',
  answer: 'Invitation',
  schema: invitation,
  loads: 'one',
  run: (_, { loadInvitation }) => loadInvitation(),
});

const REVOKE_INVITATION = define({
  routes: ['DELETE /invitations/:invitationId'],
  summary: 'Revokes an invitation.',
  answer: 'Success',
  schema: invitation,
  loads: 'one',
  async run({ invitationId }, { client, writing }) {
    await client.revokeInvitation(invitationId, writing);
    return { success: true as const };
  },
});

const REINVITE = define({
  routes: ['POST /invitations/:invitationId/reinvite'],
  summary: 'Sends an invitation again.',
  answer: 'Invitation',
  schema: invitation,
  loads: 'one',
  run: ({ invitationId }, { client, writing }) => client.reinvite(invitationId, writing),
});

const ACCEPT_INVITATIONS = definePersonal({
  routes: ['POST /invitations/accept'],
  summary: 'Accepts invitations; without `user` and `target`, with the caller’s own address.',
  answer: 'AcceptedInvitations',
  body: 'required',
  schema: z.pipe(
    z
      .object({
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
      })
      .check(
        z.refine(({ user, target }) => !(user && target), { error: 'must not stand beside user', path: ['target'] }),
      ),
    z.transform(({ invitationIds, user, target }) => ({
      invitationIds: [...new Set(invitationIds)],
      user: target ? acceptingUser(target) : user,
    })),
  ),
  bind: ({ invitationIds, user: given }, user) => {
    const accepting: AcceptingUser = given?.email || given?.phone ? given : { ...given, ...ownAddress(user) };
    return { invitationIds, user: accepting };
  },
  self: ({ user: { email, phone } }, user) =>
    (email ?? phone) !== undefined &&
    (email === undefined || owns(user, 'email', email)) &&
    (phone === undefined || owns(user, 'phone', phone)),
  mismatch: 'You may accept only with your own verified e-mail address or phone number',
  loads: 'many',
  async run({ invitationIds, user }, { client, writing }) {
    if (user.email === undefined && user.phone === undefined) {
      throw new VortexError('INVALID_REQUEST', 'Say who accepts: user.email or user.phone is required.');
    }
    return client.acceptInvitations(invitationIds, user, writing);
  },
});

const GET_GROUP_INVITATIONS = define({
  routes: ['GET /invitations/by-scope/:scopeType/:scope', 'GET /invitations/by-group/:scopeType/:scope'],
  summary: 'The open invitations of a scope, 20 a page from `start` on.',
  answer: 'Invitations',
  schema: z.extend(scoped, {
    start: z.optional(z.pipe(z.string().check(z.regex(/^\d{1,9}$/u, 'must be a whole number')), z.transform(Number))),
  }),
  run: async ({ scopeType, scope, start }, { client, reading }) => ({
    invitations: await client.getInvitationsByScope(scopeType, scope, { start, ...reading() }),
  }),
});

const DELETE_GROUP_INVITATIONS = define({
  routes: ['DELETE /invitations/by-scope/:scopeType/:scope', 'DELETE /invitations/by-group/:scopeType/:scope'],
  summary: 'Revokes every open invitation of a scope.',
  answer: 'Success',
  schema: scoped,
  async run({ scopeType, scope }, { client, writing }) {
    await client.deleteInvitationsByScope(scopeType, scope, writing);
    return { success: true as const };
  },
});

const GET_AUTOJOIN_DOMAINS = define({
  routes: ['GET /invitations/by-scope/:scopeType/:scope/autojoin'],
  summary: 'The e-mail domains whose owners may join a scope without an invitation.',
  answer: 'Autojoin',
  schema: scoped,
  run: ({ scopeType, scope }, { client, reading }) => client.getAutojoinDomains(scopeType, scope, reading()),
});

const CONFIGURE_AUTOJOIN = define({
  routes: ['POST /invitations/autojoin'],
  summary: 'Sets the e-mail domains whose owners may join a scope; what is absent is removed.',
  answer: 'Autojoin',
  body: 'required',
  schema: z.pipe(
    z
      .object({
        scope: z.optional(scope),
        scopeId: z.optional(scope),
        scopeType: scope,
        scopeName: optionalText,
        domains: z.array(domain).check(z.maxLength(100)),
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
  ),
  run: (op, { client, writing }) => client.configureAutojoin(op, writing),
});

const SYNC_INTERNAL_INVITATION = definePersonal({
  routes: ['POST /invitations/sync-internal-invitation'],
  summary: 'Tells Vortex what somebody decided about an invitation inside the application.',
  answer: 'SyncedInvitations',
  body: 'required',
  schema: z.object({ creatorId: text, targetValue: text, action: z.enum(['accepted', 'declined']), componentId: text }),
  self: ({ targetValue }, user) => ['internal', 'email', 'phone'].some((type) => owns(user, type, targetValue)),
  mismatch: 'You may decide only about invitations to yourself',
  run: (op, { client, writing }) => client.syncInternalInvitation(op, writing),
});

/** Changes nothing, so that another site may well make a browser ask for it. */
export const isRead = ({ routes }: Pick<Definition, 'routes'>): boolean =>
  routes.every((route) => route.startsWith('GET '));

/** An entry whose `answer` is not, to the last optional field, what its `run` resolves to does not compile. */
function tableOf<Entries extends Record<string, Definition>>(
  entries: Entries & { [Name in keyof Entries]: { answer: AnswerOf<Awaited<ReturnType<Entries[Name]['run']>>> } },
): Entries {
  return entries;
}

export const operations = tableOf({
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
});

type Table = typeof operations;
export type OperationName = keyof Table;

type BoundOf<N extends OperationName> = Table[N] extends { run(op: infer Op, running: Running): unknown } ? Op : never;
type DeepReadonly<Value> = Value extends object ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> } : Value;
type LoadedBy<N extends OperationName> = NonNullable<Table[N]['loads']>;

/** What a hook is asked about: the parsed input of one operation, and the means to look closer. */
export type OperationOf<N extends OperationName> = { readonly name: N } & DeepReadonly<BoundOf<N>> &
  (Table[N] extends { self: unknown } ? { readonly self: boolean } : unknown) &
  (LoadedBy<N> extends 'one' ? { loadInvitation(): Promise<Invitation> } : unknown) &
  (LoadedBy<N> extends 'many' ? { loadInvitations(): Promise<Invitation[]> } : unknown);

/** Any operation, told apart by `name`. */
export type Operation = { [N in OperationName]: OperationOf<N> }[OperationName];

/** What an operation answers, as JSON. */
export type ResultOf<N extends OperationName> = Awaited<ReturnType<Table[N]['run']>>;

/** Operations done in somebody's name, which the caller's identity binds. */
export type BoundOperationName = {
  [N in OperationName]: Table[N] extends { mismatch?: infer M }
    ? [NonNullable<M>] extends [never]
      ? never
      : N
    : never;
}[OperationName];

/** The routes of an operation, such as `'GET /invitations'`. */
export type RouteOf<N extends OperationName> = Table[N]['routes'][number];

/** What a caller sends to an operation, before it is parsed: parameters, and the body or the query. */
export type GivenOf<N extends OperationName> = Table[N] extends { schema: z.ZodMiniType<unknown, infer Given> }
  ? Given
  : never;
