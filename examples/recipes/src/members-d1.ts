/** The members in a D1 database, as in members.sql. The tables are in members-d1.sql. */

import type { JwtOperationContext } from '@vortex/core';

/** The part of a D1 database that is called. `wrangler types` writes the type of the whole. */
export interface Database {
  prepare(text: string): Unbound;
  batch(statements: Statement[]): Promise<unknown>;
}

interface Statement {
  run(): Promise<unknown>;
  first(column: string): Promise<unknown>;
}

interface Unbound {
  bind(...parameters: (string | number)[]): Statement;
  all(): Promise<{ results: object[] }>;
}

export async function roleIn(db: Database, team: string, accountId: string): Promise<unknown> {
  return db.prepare('SELECT role FROM members WHERE team = ? AND account_id = ?').bind(team, accountId).first('role');
}

/** Returns whether a user is an admin of the team that a token is asked for. The component of Vortex can invite to it with the token. */
export async function isAdminOf(
  db: Database,
  context: JwtOperationContext | undefined,
  accountId: string,
): Promise<boolean> {
  const { scopeType, scope = '' } = context ?? {};
  return scopeType === 'team' && (await roleIn(db, scope, accountId)) === 'admin';
}

/** Adds a member if the invitation is newer than the last acceptance and the last removal. A member keeps their role. */
export async function addMember(
  db: Database,
  team: string,
  accountId: string,
  { invitedAt, acceptedAt }: { invitedAt: string | undefined; acceptedAt: string },
): Promise<void> {
  const invited = Date.parse(invitedAt ?? '') || 0;
  const until = Math.max(invited, Date.parse(acceptedAt) || 0);
  const add = db.prepare(
    `INSERT INTO members (team, account_id, role) SELECT ?1, ?2, 'member'
     WHERE NOT EXISTS (SELECT 1 FROM joins WHERE team = ?1 AND account_id = ?2 AND ignore_until >= ?3) ON CONFLICT DO NOTHING`,
  );
  const ignore = db.prepare(
    `INSERT INTO joins (team, account_id, ignore_until) VALUES (?1, ?2, ?4)
     ON CONFLICT DO UPDATE SET ignore_until = ?4 WHERE ignore_until < ?3`,
  );
  // Both in one transaction.
  await db.batch([add.bind(team, accountId, invited), ignore.bind(team, accountId, invited, until)]);
}
