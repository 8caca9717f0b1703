import { index, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/** Nobody is entered here before having shown that mail to the address reaches them. */
export const users = pgTable('users', {
  id: text().primaryKey(),
  email: text().notNull().unique(),
  name: text().notNull(),
  createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
});

export const teams = pgTable('teams', {
  id: text().primaryKey(),
  name: text().notNull(),
});

export const memberships = pgTable(
  'memberships',
  {
    teamId: text()
      .notNull()
      .references(() => teams.id, { onDelete: 'cascade' }),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text({ enum: ['admin', 'member'] }).notNull(),
    joinedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.teamId, table.userId] }), index().on(table.userId)],
);

/** The cookie holds the token, and the database only its hash: whoever reads a backup signs in as nobody. */
export const sessions = pgTable('sessions', {
  tokenHash: text().primaryKey(),
  userId: text()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  expiresAt: timestamp({ withTimezone: true }).notNull(),
});

/** Sent by mail, used once. */
export const signInLinks = pgTable('sign_in_links', {
  tokenHash: text().primaryKey(),
  email: text().notNull(),
  expiresAt: timestamp({ withTimezone: true }).notNull(),
});
