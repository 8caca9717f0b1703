/** Stands in for the table of members in your database. */
const members = new Set<unknown>();
let isClosed = false;

export async function addMember(email: unknown): Promise<void> {
  if (isClosed) throw new Error('The database is closed.');
  members.add(email);
}

export async function closeDatabase(): Promise<void> {
  isClosed = true;
}
