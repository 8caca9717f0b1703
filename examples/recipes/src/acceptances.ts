/** Stands in for a table of your database, such as one for statistics: when was an accepted invitation made? */
import type { Invitation } from '@vortex/core';

const acceptances = new Map<string, string | undefined>();
let isClosed = false;

export async function saveAcceptance({ id, createdAt }: Invitation): Promise<void> {
  if (isClosed) throw new Error('The database is closed.');
  acceptances.set(id, createdAt);
}

export async function closeDatabase(): Promise<void> {
  isClosed = true;
}
