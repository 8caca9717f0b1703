import { index, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/** Users with a verified address: a row is only added after the user followed a link sent to that address. */
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

export const roles = ['admin', 'member'] as const;

export const memberships = pgTable(
  'memberships',
  {
    teamId: text()
      .notNull()
      .references(() => teams.id, { onDelete: 'cascade' }),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text({ enum: roles }).notNull(),
    joinedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.teamId, table.userId] }), index().on(table.userId)],
);

/**
 * The users who have joined a team, with the time until which invitations do not count any more: that of the last acceptance, or of
 * the removal. A row stays when the member is removed, so that a late webhook does not restore them.
 */
export const joins = pgTable(
  'joins',
  {
    teamId: text()
      .notNull()
      .references(() => teams.id, { onDelete: 'cascade' }),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    ignoreUntil: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.teamId, table.userId] })],
);

/** Sessions. The cookie has the token; the database has only its hash, so a leaked backup gives no access. */
export const sessions = pgTable('sessions', {
  tokenHash: text().primaryKey(),
  userId: text()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  expiresAt: timestamp({ withTimezone: true }).notNull(),
});

/** Sign-in links that were sent by mail. Each works once. */
export const signInLinks = pgTable('sign_in_links', {
  tokenHash: text().primaryKey(),
  email: text().notNull(),
  expiresAt: timestamp({ withTimezone: true }).notNull(),
});

/** The webhooks that were handled. Rows older than the retries of the sender may be deleted. */
export const webhooks = pgTable('webhooks', {
  id: text().primaryKey(),
  handledAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
});
