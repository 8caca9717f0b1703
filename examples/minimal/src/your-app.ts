/** Stands for what your application already has: users, and who may manage which team. */
import type { InvitationScope } from '@vortex/core';

export interface User {
  id: string;
  /** Verified: whoever can sign up with somebody's address unverified accepts their invitations. */
  email: string;
  adminOf: string[];
}

const users: User[] = [
  { id: 'u-1', email: 'ada@example.com', adminOf: ['harbor'] },
  { id: 'u-2', email: 'bo@example.com', adminOf: [] },
];

/** Your session lookup. These examples believe what an `x-user` header says, which your application must not. */
export function findUser(id: string | undefined): User | null {
  return users.find((user) => user.id === id) ?? null;
}

/** An administrator of all the teams an invitation is for, of which there must be one. */
export function isTeamAdmin(user: User, scopes: Pick<InvitationScope, 'scopeId'>[] = []): boolean {
  return scopes.length > 0 && scopes.every(({ scopeId }) => user.adminOf.includes(scopeId));
}

const members: [team: string, email: string][] = [];

export async function addMember(team?: string | null, email?: string): Promise<void> {
  if (team && email) members.push([team, email]);
}
