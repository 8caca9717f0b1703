import type { JwtOperationContext } from '@vortex/core';

/** Stands in for two tables: `members`, and `joins` with the time until which invitations of an account do not count any more. */
type Role = 'admin' | 'member';

const members = new Map<string, Role>([
  ['harbor u-1', 'admin'],
  ['quay u-1', 'admin'],
]);
const joins = new Map<string, number>();

/** Always await it: a promise is not undefined, so that a rule without `await` would take everyone for a member. */
export async function roleIn(team: string, accountId: string): Promise<Role | undefined> {
  return members.get(`${team} ${accountId}`);
}

/**
 * Adds a member if the invitation is newer than the last acceptance and the last removal. So neither a late delivery nor an older
 * invitation brings a removed member back, and a new invitation does, also one of the ten seconds before the removal. A member
 * keeps their role.
 */
export async function addMember(
  team: string,
  accountId: string,
  { invitedAt, acceptedAt }: { invitedAt: string | undefined; acceptedAt: string },
): Promise<void> {
  const key = `${team} ${accountId}`;
  const invited = Date.parse(invitedAt ?? '') || 0;
  if (invited <= (joins.get(key) ?? -1)) return;
  joins.set(key, Math.max(invited, Date.parse(acceptedAt) || 0));
  if (!members.has(key)) members.set(key, 'member');
}

export async function removeMember(team: string, accountId: string): Promise<void> {
  const key = `${team} ${accountId}`;
  // Ten seconds less: the clock of Vortex, which dates invitations, may be slow.
  joins.set(key, Math.max(joins.get(key) ?? 0, Date.now() - 10_000));
  members.delete(key);
}

/** Returns whether a user is an admin of the team that a token is asked for. The component of Vortex can invite to it with the token. */
export async function isAdminOf(context: JwtOperationContext | undefined, accountId: string): Promise<boolean> {
  const { scopeType, scope = '' } = context ?? {};
  return scopeType === 'team' && (await roleIn(scope, accountId)) === 'admin';
}
