/**
 * The parts of the demo that you must not copy: users that anyone can sign in as, and an outbox that anyone can read. Because of
 * them, the server only listens on this machine.
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

/** Adds the demo users and teams to a database without users. */
export async function addDemoPeople(db: Database): Promise<void> {
  if ((await db.$count(users)) > 0) return;
  await db.transaction(async (tx) => {
    await tx.insert(users).values(people).onConflictDoNothing();
    await tx.insert(teams).values(groups).onConflictDoNothing();
    await tx.insert(memberships).values(belonging).onConflictDoNothing();
  });
}

/** A user to sign in as, with the names of their teams. */
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
export async function signInAs(db: Database, userId: string, replaced?: string): Promise<NewSession> {
  const user = await findUser(db, userId);
  if (!user) throw new Refusal('INVALID_REQUEST', 'This demo user does not exist.');
  return db.transaction((tx) => startSession(tx, user, replaced));
}

export type SentMail = Mail & { id: string; at: string };

/** Replaces a mail provider. Keeps the last 100 messages until the process ends. */
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

/** Lists the messages of this application and of the Vortex emulator, newest first. */
export function demoMails({ outbox, emulator }: { outbox: Outbox; emulator: Sender | undefined }) {
  const mails = [...outbox.mails, ...(emulator?.mails() ?? [])].sort((a, b) => b.at.localeCompare(a.at));
  return {
    mails: mails.map(({ id, at, to, subject, text, link }) => ({ id, at, to, subject, text, link })),
    emulatorUrl: emulator?.url ?? null,
  };
}

/** The Vortex emulator, as far as the outbox reads it. */
export interface Sender {
  url: string;
  mails(): SentMail[];
}
