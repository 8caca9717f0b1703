/** Stands in for two tables: `members`, and `removals` with the time at which a member was removed. */
type Role = 'admin' | 'member';

const members = new Map<string, Role>([
  ['harbor u-1', 'admin'],
  ['quay u-1', 'admin'],
]);
const removals = new Map<string, number>();

/** Always await it: a promise is not undefined, so that a rule without `await` would take everyone for a member. */
export async function roleIn(team: string, accountId: string): Promise<Role | undefined> {
  return members.get(`${team} ${accountId}`);
}

/**
 * Adds a member, unless they were removed after the invitation was made. So neither a late delivery nor an older invitation brings
 * a removed member back, and a new invitation does. A member keeps their role.
 */
export async function addMember(team: string, accountId: string, invitedAt: string | undefined): Promise<void> {
  const key = `${team} ${accountId}`;
  const removedAt = removals.get(key);
  if (removedAt !== undefined && !(Date.parse(invitedAt ?? '') >= removedAt)) return;
  if (!members.has(key)) members.set(key, 'member');
}

export async function removeMember(team: string, accountId: string): Promise<void> {
  const key = `${team} ${accountId}`;
  if (members.delete(key)) removals.set(key, Date.now());
}
