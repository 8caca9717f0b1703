/** Stands in for your application's users and team permissions. */
export interface User {
  id: string;
  /** The verified e-mail address. With an unverified one, a user could accept the invitations of another person. */
  email: string;
  adminOf: string[];
}

const users: User[] = [
  { id: 'ada', email: 'ada@example.com', adminOf: ['harbor'] },
  { id: 'bo', email: 'bo@example.com', adminOf: [] },
];

/** Stands in for your session lookup. This cookie is not signed, so anyone can be any user. Your application must not do this. */
export function findUser(cookie: string | undefined): User | null {
  return users.find(({ id }) => cookie === `user=${id}`) ?? null;
}

export function findUserByEmail(email: string | undefined): User | undefined {
  return users.find((user) => user.email.toLowerCase() === email?.toLowerCase());
}

export function isTeamAdmin(user: Pick<User, 'id'>, teamId: string): boolean {
  return users.some(({ id, adminOf }) => id === user.id && adminOf.includes(teamId));
}

const members: [team: string, email: string][] = [];

export async function addMember(team: string, email: string): Promise<void> {
  members.push([team, email]);
}

/** The ids of the members of a team, its admins included. */
export function membersOf(team: string): string[] {
  const isMember = (user: User) => members.some(([of, email]) => of === team && email === user.email);
  return users.filter((user) => isTeamAdmin(user, team) || isMember(user)).map(({ id }) => id);
}
