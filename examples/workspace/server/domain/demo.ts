/**
 * What makes this a demo, and is not to be copied: people to begin with, whom anybody may be, and an outbox for all to
 * read. It is why the server listens on this machine only.
 */
import { asc, eq } from 'drizzle-orm';
import type { Database } from './database.js';
import type { Mail, Mailer } from './mail.js';
import { Refusal } from './refusal.js';
import { memberships, teams, users } from './schema.js';
import { type NewSession, startSession } from './sessions.js';
import { findUser, type User } from './users.js';

const people: (typeof users.$inferInsert)[] = [
  { id: 'ada', name: 'Ada Lindqvist', email: 'ada@harbor.example' },
  { id: 'tomas', name: 'Tomás Rivera', email: 'tomas@harbor.example' },
  { id: 'mei', name: 'Mei Tanaka', email: 'mei@orchard.example' },
  { id: 'idris', name: 'Idris Bello', email: 'idris@orchard.example' },
  { id: 'nora', name: "Nora O'Brien", email: "o'brien@example.com" },
  { id: 'zoe', name: 'Zoë Hart', email: 'zoe@example.com' },
];

const groups: (typeof teams.$inferInsert)[] = [
  { id: 'harbor', name: 'Harbor' },
  { id: 'orchard', name: 'Orchard' },
];

const belonging: (typeof memberships.$inferInsert)[] = [
  { teamId: 'harbor', userId: 'ada', role: 'admin' },
  { teamId: 'harbor', userId: 'tomas', role: 'member' },
  { teamId: 'orchard', userId: 'mei', role: 'admin' },
  { teamId: 'orchard', userId: 'idris', role: 'member' },
];

/** Fills a database that has nobody in it. */
export async function addDemoPeople(db: Database): Promise<void> {
  if ((await db.$count(users)) > 0) return;
  await db.transaction(async (tx) => {
    await tx.insert(users).values(people).onConflictDoNothing();
    await tx.insert(teams).values(groups).onConflictDoNothing();
    await tx.insert(memberships).values(belonging).onConflictDoNothing();
  });
}

/** Somebody one can be, with the teams they are in. */
export type Person = User & { teams: string[] };

export async function demoPeople(db: Database): Promise<Person[]> {
  const rows = await db
    .select({ id: users.id, email: users.email, name: users.name, team: teams.name, role: memberships.role })
    .from(users)
    .leftJoin(memberships, eq(memberships.userId, users.id))
    .leftJoin(teams, eq(teams.id, memberships.teamId))
    .orderBy(asc(teams.name), asc(memberships.role), asc(users.name));
  const found = new Map<string, Person>();
  for (const { team, role, ...user } of rows) {
    const one = found.get(user.id) ?? { ...user, teams: [] };
    if (team) one.teams.push(role === 'admin' ? `${team} (admin)` : team);
    found.set(user.id, one);
  }
  return [...found.values()];
}

/** @throws Refusal `INVALID_REQUEST` */
export async function signInAs(db: Database, userId: string): Promise<NewSession> {
  const user = await findUser(db, userId);
  if (!user) throw new Refusal('INVALID_REQUEST', 'There is nobody of that name here.');
  return startSession(db, user);
}

export type SentMail = Mail & { id: string; at: string };

/** In place of a mail provider: keeps the last hundred messages, until the process ends. */
export class Outbox {
  readonly #mails: SentMail[] = [];
  #count = 0;

  readonly send: Mailer = async (mail) => {
    this.#count += 1;
    this.#mails.push({ ...mail, id: `own-${this.#count}`, at: new Date().toISOString() });
    if (this.#mails.length > 100) this.#mails.shift();
  };

  get mails(): readonly SentMail[] {
    return this.#mails;
  }
}

/** All that would have been sent, the newest first: by us, and by Vortex where that is a stand-in too. */
export function demoMails({ outbox, emulator }: { outbox: Outbox; emulator: Sender | undefined }) {
  const mails = [...outbox.mails, ...(emulator?.mails() ?? [])].sort((a, b) => b.at.localeCompare(a.at));
  return {
    mails: mails.map(({ id, at, to, subject, text, link }) => ({ id, at, to, subject, text, link })),
    emulatorUrl: emulator?.url ?? null,
  };
}

/** The stand-in for Vortex. */
export interface Sender {
  url: string;
  mails(): SentMail[];
}
