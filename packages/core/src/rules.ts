/**
 * Rules for `authorizeOperation`, and ways to combine rules. Each helper resolves to `true` or `false`, and to `false` when
 * it has nothing to judge, such as an invitation without a scope.
 */
import type { Invitation } from './api/wire.js';
import type { MaybePromise } from './lib/promises.js';
import { isObject } from './lib/values.js';
import type { CombinedRule } from './routes/authorize.js';
import type { AcceptInvitationsOperation, Operation } from './routes/operation-types.js';
import { ruleResult } from './routes/rule-result.js';
import { isAddressedTo, type VortexUser } from './routes/user.js';

export type { CombinedRule } from './routes/authorize.js';

/** An operation whose invitations a rule can load. */
export type LoadingOperation = { loadInvitation(): Promise<Invitation> } | { loadInvitations(): Promise<Invitation[]> };

/** An operation that names a scope, or whose invitations have one. */
export type ScopedOperation =
  | LoadingOperation
  | { readonly scopes: readonly Scope[] }
  | { readonly scopeType: string; readonly scope: string };

/** A team, project or the like. */
export interface Scope {
  /** Type of the scope, such as `team`. */
  readonly type: string;
  /** The application's id of the scope. */
  readonly scopeId: string;
}

/** True if the caller is the inviter of every invitation of the operation. Ids are compared as text. */
export const isInviter = ruleOf(async (op: LoadingOperation, user: Pick<VortexUser, 'id'>) => {
  const invitations = await load(op);
  return every(invitations, ({ foreignCreatorId }) => foreignCreatorId === String(user.id));
});

/** True if every invitation of the operation was sent to one of the caller's verified addresses or to the caller's id. */
export const isInvitee = ruleOf(async (op: LoadingOperation, user: VortexUser) =>
  every(await load(op), (invitation) => isAddressedTo(invitation, user)),
);

/**
 * True if the caller may accept every invitation of the operation:
 * - it was sent to one of the caller's verified addresses or to the caller's id, or
 * - it lets people of an e-mail domain join, and Vortex lists it for one of the caller's verified e-mail addresses, or
 * - it is a share link, which is open to everyone who has it.
 */
export const mayAccept = ruleOf(async (op: AcceptInvitationsOperation, user: VortexUser) => {
  const invitations = await op.loadInvitations();
  const isOpen = ({ deactivated, expired }: Invitation) => deactivated !== true && expired !== true;
  const others = invitations.filter(
    (invitation) => !isAddressedTo(invitation, user) && !(isShared(invitation) && isOpen(invitation)),
  );
  if (others.length === 0) return invitations.length > 0;
  if (!others.every(({ invitationType }) => invitationType === 'autojoin')) return false;
  const own = new Set((await op.loadOwnInvitations()).map(({ id }) => id));
  return others.every(({ id }) => own.has(id));
});

/**
 * True if every invitation of the operation is a share link, open or not. Everyone who has the link may read it: add the rule
 * to `GET_INVITATION`, so that the landing page can show it. `mayAccept` includes share links.
 */
export const isShareLink = ruleOf(async (op: LoadingOperation) => every(await load(op), isShared));

function isShared({ target }: Invitation): boolean {
  const targets: unknown = target;
  return Array.isArray(targets) && targets.length > 0 && targets.every((one) => isObject(one) && one.type === 'share');
}

/**
 * Makes a rule that is true if the check returns `true` for every scope: those of the operation, that of its path, or those
 * of its invitations. An operation or an invitation without a scope makes it false.
 *
 * @example
 * const admin = inEveryScope(({ type, scopeId }, user: User) => type === 'team' && isTeamAdmin(user, scopeId));
 */
export function inEveryScope<User, Context>(
  check: (scope: Scope, user: User, context: Context) => MaybePromise<boolean>,
  // With `id`, since the compiler otherwise takes the user of a mount for one without the fields of the check.
): CombinedRule<ScopedOperation, User & Pick<VortexUser, 'id'>, Context> {
  return ruleOf(async (op: ScopedOperation, user: User, context: Context) => {
    const lists = await scopesOf(op);
    if (lists.length === 0) return false;
    for (const scopes of lists) {
      if (!Array.isArray(scopes) || scopes.length === 0) return false;
      for (const scope of scopes) if ((await check(scope, user, context)) !== true) return false;
    }
    return true;
  });
}

/**
 * A rule for any operation. A parameter without an annotation is `unknown`. Declared as a method, since the parameters of a
 * function property would have to accept `unknown`.
 */
type AnyRule = { rule(op: unknown, user: unknown, context: unknown): boolean | PromiseLike<boolean> }['rule'];

/** The type that satisfies the parameter at an index of every rule. */
type Common<Rules extends readonly AnyRule[], Index extends 0 | 1 | 2> = {
  [Key in keyof Rules]: (value: ParameterAt<Rules[Key], Index>) => void;
}[number] extends (value: infer Value) => void
  ? Value
  : never;

type ParameterAt<Rule, Index extends 0 | 1 | 2> = Rule extends (
  op: infer Op,
  user: infer User,
  context: infer Context,
) => unknown
  ? [Op, User, Context][Index]
  : never;

/** Makes a rule that is true if at least one of the rules is true. They run one after the other, up to the first true one. */
export function anyOf<const Rules extends readonly AnyRule[]>(
  ...rules: Rules
): CombinedRule<Common<Rules, 0>, Common<Rules, 1>, Common<Rules, 2>> {
  return ruleOf(async (op, user, context) => {
    for (const rule of rules) if ((await call(rule, op, user, context)) === true) return true;
    return false;
  });
}

/** Makes a rule that is true if all of the rules are true. Without any rule it is false. */
export function allOf<const Rules extends readonly AnyRule[]>(
  ...rules: Rules
): CombinedRule<Common<Rules, 0>, Common<Rules, 1>, Common<Rules, 2>> {
  return ruleOf(async (op, user, context) => {
    for (const rule of rules) if ((await call(rule, op, user, context)) !== true) return false;
    return rules.length > 0;
  });
}

function call(rule: AnyRule, ...args: unknown[]): boolean | PromiseLike<boolean> {
  return (rule as (...args: unknown[]) => boolean | PromiseLike<boolean>)(...args);
}

/** The cast adds properties that exist for the compiler only. The length stays that of a rule. */
function ruleOf<Op, User, Context = unknown>(
  rule: (op: Op, user: User, context: Context) => Promise<boolean>,
): CombinedRule<Op, User, Context> {
  const judged = (op: Op, user: User, context: Context) => ruleResult(op, rule(op, user, context));
  return judged as unknown as CombinedRule<Op, User, Context>;
}

async function load(op: LoadingOperation): Promise<readonly Invitation[]> {
  if ('loadInvitations' in op) return op.loadInvitations();
  if ('loadInvitation' in op) return [await op.loadInvitation()];
  throw new TypeError(`${(op as Operation).name} has no invitation to load. Use another rule for it.`);
}

function every(invitations: readonly Invitation[], holds: (invitation: Invitation) => boolean): boolean {
  return invitations.length > 0 && invitations.every(holds);
}

/** A list of scopes for each thing that must be judged. */
async function scopesOf(op: ScopedOperation): Promise<(readonly Scope[] | undefined)[]> {
  if ('scopes' in op) return [op.scopes];
  if ('scope' in op) return [[{ type: op.scopeType, scopeId: op.scope }]];
  return (await load(op)).map(({ scopes }) => scopes?.filter(isObject));
}
