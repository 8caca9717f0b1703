/**
 * The one table of operations. Adapters, hooks, 405s and documentation follow from it. Adding an operation takes three places:
 * the schema of its input in `inputs.ts`, an entry here, and its types and name in `operation-types.ts`.
 */
import type * as z from 'zod/mini';
import type { CallOptions, VortexClient } from '../api/client.js';
import type { Invitation } from '../api/wire.js';
import { isInDomain } from '../lib/address.js';
import { VortexError } from '../lib/errors.js';
import { invalidRequest } from '../lib/issues.js';
import { isPromise, type MaybePromise } from '../lib/promises.js';
import type { Inputs } from './inputs.js';
import type { ActAsOperationName, OperationAcceptingUser, OperationName, OperationTypes } from './operation-types.js';
import type { ResponseName, ResponseOf, Same } from './responses.js';
import { emailsOf, type KnownUser, ownAddress, owns } from './user.js';

type Method = 'GET' | 'POST' | 'DELETE';

/** A method and a path below the mount. Parameters are written `:name`. */
type Route = `${Method} /${string}`;

/** The means of an operation to run. */
export interface Running {
  client: VortexClient;
  user: KnownUser;
  /** Options of calls that read. They are aborted when the caller disconnects. */
  reading(): CallOptions;
  /** Options of calls that write. They are completed even if the caller disconnects. */
  writing: CallOptions;
  /** The invitation of the operation. It is fetched once, whether a hook or the run asks first. */
  loadInvitation(): Promise<Invitation>;
  jwt: {
    format: 'jwt' | 'token';
    /** In seconds. */
    expiresIn: number;
    attributes(): MaybePromise<Readonly<Record<string, unknown>> | undefined>;
    payload(): MaybePromise<Readonly<Record<string, unknown>> | undefined>;
    /** True if a rule has seen the context that the caller chose. */
    isContextJudged: boolean;
  };
}

type Loads = 'one' | 'many' | 'none';

// Methods instead of function properties: only then is the definition of any operation assignable to `Definition`.
export interface Definition<
  Given = unknown,
  Input extends object = object,
  Bound extends object = Input,
  Result = unknown,
  Mounted extends Route = Route,
  Loaded extends Loads = Loads,
  Response extends ResponseName = ResponseName,
> {
  /** The first is current; further routes are for older frontends. */
  readonly routes: readonly Mounted[];
  /** One sentence, for documentation. */
  readonly summary: string;
  /** The name of the result of `run`, for documentation. */
  readonly response: Response;
  /** True for an operation that makes no call to the API. */
  readonly local?: true;
  /** Returns what validates the parameters of the path, together with the body, or with the query if there is no body. */
  schema(inputs: Inputs): z.ZodMiniType<Input, Given>;
  readonly body?: 'required' | 'optional';
  /** Completes the input with the user's own values. */
  bind?(input: Input, user: KnownUser): Bound;
  /** The invitations that a hook can load: `one` is that of `invitationId`, `many` are those of `invitationIds`. */
  readonly loads?: Loaded;
  run(op: Readonly<Bound>, running: Running): Promise<Result>;
}

/** An operation that is bound to the identity of the caller. */
export interface PersonalDefinition<
  Given = unknown,
  Input extends object = object,
  Bound extends object = Input,
  Result = unknown,
  Mounted extends Route = Route,
  Loaded extends Loads = Loads,
  Response extends ResponseName = ResponseName,
  Mismatch extends string = string,
> extends Definition<Given, Input, Bound, Result, Mounted, Loaded, Response> {
  /** True if the target is the user's own, or if the operation is done in the user's name. */
  self(op: Readonly<Bound>, user: KnownUser): boolean;
  /** The reason for refusing the operation without `self`, unless `actAs` allows it. Without it, only the hook decides. */
  readonly mismatch?: Mismatch;
}

function define<
  Given,
  Input extends object,
  Result,
  const Mounted extends Route,
  Response extends ResponseName,
  Bound extends object = Input,
  Loaded extends Loads = 'none',
>(definition: Definition<Given, Input, Bound, Result, Mounted, Loaded, Response>) {
  return definition;
}

function definePersonal<
  Given,
  Input extends object,
  Result,
  const Mounted extends Route,
  Response extends ResponseName,
  Bound extends object = Input,
  Loaded extends Loads = 'none',
  Mismatch extends string = never,
>(definition: PersonalDefinition<Given, Input, Bound, Result, Mounted, Loaded, Response, Mismatch>) {
  return definition;
}

const JWT = define({
  routes: ['POST /jwt'],
  summary: 'A token for the frontend components, in the name of the caller.',
  response: 'Token',
  local: true,
  body: 'optional',
  schema: (inputs) => inputs.JWT,
  async run({ context = {} }, { client, user, jwt }) {
    const adding = jwt.attributes();
    const added = isPromise(adding) ? await adding : adding;
    // Not spread if there are none: that took 4 % of a `/jwt`.
    const merged = user.attributes || added ? { ...user.attributes, ...added } : {};
    const attributes = Object.keys(merged).length > 0 ? merged : undefined;
    const giving = jwt.payload();
    const payload = isPromise(giving) ? await giving : giving;
    if (Object.hasOwn(Object(payload), 'user')) {
      throw new VortexError('INVALID_ARGUMENT', 'jwt.payload must not return user. authenticateUser gives the user.');
    }
    const options = { expiresIn: jwt.expiresIn, ascii: true };
    const members = (attributes || payload) && { attributes, ...payload };
    if (jwt.format === 'jwt') return { jwt: await client.generateJwt({ ...members, user }, options) };

    const { addresses: _, attributes: __, ...signed } = user;
    const { componentId, scope, scopeType } = jwt.isContextJudged ? context : {};
    const claims = {
      user: signed,
      component: componentId,
      scope: scope && scopeType ? `${scopeType}:${scope}` : scope,
      ...members,
    };
    return { jwt: await client.generateToken(claims, options) };
  },
});

const GET_INVITATIONS = definePersonal({
  routes: ['GET /invitations'],
  summary: 'The open invitations of an address.',
  response: 'Invitations',
  schema: (inputs) => inputs.GET_INVITATIONS,
  self: ({ targetType, targetValue }, user) => owns(user, targetType, targetValue),
  run: async ({ targetType, targetValue }, { client, reading }) => ({
    invitations: await client.getInvitationsByTarget(targetType, targetValue, reading()),
  }),
});

const CREATE_INVITATION = definePersonal({
  routes: ['POST /invitations'],
  summary: 'Creates an invitation, as the caller unless another inviter is allowed.',
  response: 'CreatedInvitation',
  body: 'required',
  schema: (inputs) => inputs.CREATE_INVITATION,
  bind: ({ inviter, ...input }, user) => {
    const { id, name, avatarUrl } = user;
    const [userEmail] = emailsOf(user);
    const own = { userId: String(id), userEmail, name, avatarUrl };
    const { userId, ...given } = inviter ?? {};
    requireAllowedDomain(input.target, user);
    return { ...input, inviter: userId === undefined ? { ...own, ...given } : { ...given, userId } };
  },
  // The invitee sees the inviter's name and picture, so these are the application's.
  self: ({ inviter: { userId, userEmail, name, avatarUrl } }, user) =>
    owns(user, 'internal', userId) &&
    (userEmail === undefined || owns(user, 'email', userEmail)) &&
    (name === undefined || name === user.name) &&
    (avatarUrl === undefined || avatarUrl === user.avatarUrl),
  mismatch: 'You may invite only as yourself',
  run: (op, { client, writing }) => client.createInvitation(op, writing),
});

/** @throws VortexError `FORBIDDEN` if the user may invite only to other e-mail domains */
function requireAllowedDomain({ type, value }: { type: string; value: string }, { allowedEmailDomains }: KnownUser) {
  if (type !== 'email' || !allowedEmailDomains?.length) return;
  if (allowedEmailDomains.some((domain) => isInDomain(value, domain))) return;
  throw new VortexError('FORBIDDEN', 'You may not invite addresses of this e-mail domain.');
}

const GET_INVITATION = define({
  routes: ['GET /invitations/:invitationId'],
  summary: 'One invitation.',
  response: 'Invitation',
  schema: (inputs) => inputs.GET_INVITATION,
  loads: 'one',
  run: (_, { loadInvitation }) => loadInvitation(),
});

const REVOKE_INVITATION = define({
  routes: ['DELETE /invitations/:invitationId'],
  summary: 'Revokes an invitation.',
  response: 'Success',
  schema: (inputs) => inputs.REVOKE_INVITATION,
  loads: 'one',
  async run({ invitationId }, { client, writing }) {
    await client.revokeInvitation(invitationId, writing);
    return { success: true as const };
  },
});

const REINVITE = define({
  routes: ['POST /invitations/:invitationId/reinvite'],
  summary: 'Sends an invitation again.',
  response: 'Invitation',
  schema: (inputs) => inputs.REINVITE,
  loads: 'one',
  run: ({ invitationId }, { client, writing }) => client.reinvite(invitationId, writing),
});

const ACCEPT_INVITATIONS = definePersonal({
  routes: ['POST /invitations/accept'],
  summary: 'Accepts invitations; without `user` and `target`, with the caller’s own address.',
  response: 'AcceptedInvitations',
  body: 'required',
  schema: (inputs) => inputs.ACCEPT_INVITATIONS,
  bind: ({ invitationIds, user: given }, user) => {
    const accepting: OperationAcceptingUser = given?.email || given?.phone ? given : { ...given, ...ownAddress(user) };
    return { invitationIds, user: accepting };
  },
  self: ({ user: { email, phone, name } }, user) =>
    (email ?? phone) !== undefined &&
    (name === undefined || user.name === undefined || name === user.name) &&
    (email === undefined || owns(user, 'email', email)) &&
    (phone === undefined || owns(user, 'phone', phone)),
  mismatch: 'You may accept only as yourself: with your own name, and your own verified e-mail address or phone number',
  loads: 'many',
  async run({ invitationIds, user }, { client, writing }) {
    if (user.email === undefined && user.phone === undefined) {
      throw invalidRequest([{ path: 'user', message: 'must have email or phone' }]);
    }
    return client.acceptInvitations(invitationIds, user, writing);
  },
});

const GET_GROUP_INVITATIONS = define({
  routes: ['GET /invitations/by-scope/:scopeType/:scope', 'GET /invitations/by-group/:scopeType/:scope'],
  summary: 'The open invitations of a scope, 20 a page from `start` on.',
  response: 'Invitations',
  schema: (inputs) => inputs.GET_GROUP_INVITATIONS,
  run: async ({ scopeType, scope, start }, { client, reading }) => ({
    invitations: await client.getInvitationsByScope(scopeType, scope, { start, ...reading() }),
  }),
});

const DELETE_GROUP_INVITATIONS = define({
  routes: ['DELETE /invitations/by-scope/:scopeType/:scope', 'DELETE /invitations/by-group/:scopeType/:scope'],
  summary: 'Revokes every open invitation of a scope.',
  response: 'Success',
  schema: (inputs) => inputs.DELETE_GROUP_INVITATIONS,
  async run({ scopeType, scope }, { client, writing }) {
    await client.deleteInvitationsByScope(scopeType, scope, writing);
    return { success: true as const };
  },
});

const GET_AUTOJOIN_DOMAINS = define({
  routes: [
    'GET /invitations/by-scope/:scopeType/:scope/autojoin',
    'GET /invitations/by-group/:scopeType/:scope/autojoin',
  ],
  summary: 'The e-mail domains whose owners may join a scope without an invitation.',
  response: 'Autojoin',
  schema: (inputs) => inputs.GET_AUTOJOIN_DOMAINS,
  run: ({ scopeType, scope }, { client, reading }) => client.getAutojoinDomains(scopeType, scope, reading()),
});

const CONFIGURE_AUTOJOIN = define({
  routes: ['POST /invitations/autojoin'],
  summary: 'Sets the e-mail domains whose owners may join a scope; an absent domain is removed.',
  response: 'Autojoin',
  body: 'required',
  schema: (inputs) => inputs.CONFIGURE_AUTOJOIN,
  run: (op, { client, writing }) => client.configureAutojoin(op, writing),
});

const SYNC_INTERNAL_INVITATION = definePersonal({
  routes: ['POST /invitations/sync-internal-invitation'],
  summary: 'Reports a decision that the caller made about an invitation inside the application.',
  response: 'SyncedInvitations',
  body: 'required',
  schema: (inputs) => inputs.SYNC_INTERNAL_INVITATION,
  // Byte for byte: the digits of a phone number may be the id of another user.
  self: ({ targetValue }, { id, email, phone, addresses = [] }) =>
    [String(id), email, phone, ...addresses].includes(targetValue),
  mismatch: 'You may decide only about invitations to yourself',
  run: (op, { client, writing }) => client.syncInternalInvitation(op, writing),
});

/** Read-only; exempt from the CSRF check. */
export const isRead = ({ routes }: Pick<Definition, 'routes'>): boolean =>
  routes.every((route) => route.startsWith('GET '));

/** Makes the compiler check that the `response` of each entry is exactly the result of its `run`. */
function tableOf<Entries extends Record<string, Definition>>(
  entries: Entries & { [Name in keyof Entries]: { response: ResponseOf<Awaited<ReturnType<Entries[Name]['run']>>> } },
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

/** A table of operations, such as `operations`. */
export type OperationTable = Readonly<Record<string, Definition | PersonalDefinition>>;

type Table = typeof operations;

type BoundOf<Name extends keyof Table> = Table[Name] extends { run(op: infer Op, running: Running): unknown }
  ? Op
  : never;
type DeepReadonly<Value> = Value extends object ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> } : Value;
type LoadedBy<Name extends keyof Table> = NonNullable<Table[Name]['loads']>;
type Flat<Value> = { [Key in keyof Value]: Value[Key] };

/** The types of an operation as they follow from the table. */
interface Derived<Name extends keyof Table> {
  op: Flat<
    { readonly name: Name } & DeepReadonly<BoundOf<Name>> &
      (Table[Name] extends { self: unknown } ? { readonly self: boolean } : unknown) &
      (LoadedBy<Name> extends 'one' ? { loadInvitation(): Promise<Invitation> } : unknown) &
      (LoadedBy<Name> extends 'many'
        ? { loadInvitations(): Promise<Invitation[]>; loadOwnInvitations(): Promise<Invitation[]> }
        : unknown)
  >;
  request: Table[Name] extends { schema(inputs: Inputs): z.ZodMiniType<unknown, infer Given> }
    ? Table[Name]['routes'][number] extends `POST ${string}`
      ? BodyOf<Given>
      : Given
    : never;
  result: Awaited<ReturnType<Table[Name]['run']>>;
  route: Table[Name]['routes'][number];
}

type IsMap<Value> = string extends keyof Value ? true : false;

/** The bodies that the routes accept: null counts as absent, except in maps, and lists may be readonly. */
type BodyOf<Given> = Given extends readonly (infer Item)[]
  ? readonly BodyOf<Item>[]
  : Given extends object
    ? IsMap<Given> extends true
      ? Given
      : { [Key in keyof Given]: BodyOf<Given[Key]> | (undefined extends Given[Key] ? null : never) }
    : Given;

/** One object type with the members of all alternatives of a union, at every level. */
type Merged<Value> = Exclude<Value, object> | MergedObject<Extract<Value, object>>;
type MergedObject<Alternatives extends object> = [Alternatives] extends [never]
  ? never
  : [Alternatives] extends [readonly (infer Item)[]]
    ? readonly Merged<Item>[]
    : IsMap<Alternatives> extends true
      ? Alternatives
      : MergedMembers<Pick<Alternatives, keyof Alternatives>>;
type MergedMembers<One> = { [Key in keyof One]: Merged<One[Key]> };

/** A documented type of an operation, as `Derived` has it. */
type Documented<Name extends OperationName, Member extends keyof OperationTypes[Name]> = Member extends 'request'
  ? Merged<OperationTypes[Name][Member]>
  : OperationTypes[Name][Member];

type Bound = {
  [Name in keyof Table]: Table[Name] extends { mismatch?: infer Text }
    ? [NonNullable<Text>] extends [never]
      ? never
      : Name
    : never;
}[keyof Table];

/**
 * Names the operations that are not in the table, in `OperationTypes` or in `OPERATION_NAMES`, and the members that differ. Also
 * names those that only the table or only `ActAsOperationName` binds to the caller.
 */
type Drift =
  | `${Exclude<Bound, ActAsOperationName>} is not in ActAsOperationName`
  | `${Exclude<ActAsOperationName, Bound>} of ActAsOperationName has no mismatch`
  | {
      [Name in keyof Table | keyof OperationTypes | OperationName]: Name extends keyof Table & OperationName
        ? {
            [Member in keyof Derived<Name>]: Same<Derived<Name>[Member], Documented<Name, Member>> extends true
              ? never
              : `${Name}.${Member}`;
          }[keyof Derived<Name>]
        : Name;
    }[keyof Table | keyof OperationTypes | OperationName];

type MustBeNever<Value extends never> = Value;

/**
 * Fails to compile, naming the operation and the member, if `operation-types.ts` and the table differ.
 *
 * @public
 */
export type OperationTypesAgree = MustBeNever<Drift>;
