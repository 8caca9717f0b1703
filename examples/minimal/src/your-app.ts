/** Stands in for your application's users and team permissions. */
export interface User {
  id: string;
  /** The verified e-mail address. With an unverified one, a user could accept the invitations of another person. */
  email: string;
  adminOf: string[];
}

const users: User[] = [
  { id: 'u-1', email: 'ada@example.com', adminOf: ['harbor'] },
  { id: 'u-2', email: 'bo@example.com', adminOf: [] },
];

/** Stands in for your session lookup. These examples trust the header `x-user`. Your application must not. */
export function findUser(id: string | undefined): User | null {
  return users.find((user) => user.id === id) ?? null;
}

export function isTeamAdmin(user: User, teamId: string): boolean {
  return user.adminOf.includes(teamId);
}

const members: [team: string, email: string][] = [];

export async function addMember(team: string, email: string): Promise<void> {
  members.push([team, email]);
}
