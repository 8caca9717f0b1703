/** Stands in for two tables: `members`, and `joins` with the invitations that have added a member. */
type Role = 'admin' | 'member';

const members = new Map<string, Role>([['harbor u-1', 'admin']]);
const joins = new Set<string>();

export function roleIn(team: string, accountId: string): Role | undefined {
  return members.get(`${team} ${accountId}`);
}

/**
 * Adds a member once for each invitation, which may be to several teams. With SQL, do this in one transaction:
 *
 * 1. `INSERT INTO joins (invitation_id, team, account_id) VALUES (…) ON CONFLICT DO NOTHING`. Stop if it inserted no row.
 * 2. `INSERT INTO members (team, account_id, role) VALUES (…) ON CONFLICT DO NOTHING`, which keeps the role of a member.
 */
export async function addMember(team: string, accountId: string, invitationId: string): Promise<void> {
  const join = `${invitationId} ${team} ${accountId}`;
  if (joins.has(join)) return;
  joins.add(join);
  if (!roleIn(team, accountId)) members.set(`${team} ${accountId}`, 'member');
}

/** Keeps the row of `joins`, so that a late delivery of an old event does not bring the member back. */
export async function removeMember(team: string, accountId: string): Promise<void> {
  members.delete(`${team} ${accountId}`);
}
