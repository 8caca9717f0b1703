/** The webhook handlers. Only they add members; the page that accepts an invitation does not. */
import type { InvitationEventData, WebhookEventType, WebhookMountOptions } from '@vortex/core';
import { transactionalStore } from '@vortex/core/sql';
import type { Application } from './application.js';
import type { Database } from './domain/database.js';
import type { LiveEvent, Teller } from './domain/live.js';
import { invitationChanged, memberAdded } from './domain/membership.js';
import { webhooks } from './domain/schema.js';
import { invitedRole } from './domain/teams.js';

/** A transaction of the database, and the events that open pages get once it is committed. */
interface Change {
  db: Database;
  live: Teller;
}

/** Each webhook is handled once: its mark and the rows of its handler are committed together. */
function webhookStore({ db, live }: Change) {
  return transactionalStore({
    transaction: async (work) => {
      const events: [userIds: Iterable<string>, event: LiveEvent][] = [];
      const result = await db.transaction((tx) => {
        const change: Change = { db: tx, live: { tell: (...event) => events.push(event) } };
        return work(change);
      });
      // Before the commit, pages would load the old state.
      for (const event of events) live.tell(...event);
      return result;
    },
    mark: async (tx, id) =>
      (await tx.db.insert(webhooks).values({ id }).onConflictDoNothing().returning()).length === 1,
  });
}

/** The events after which open pages must load an invitation again. */
const changes = [
  'invitation.created',
  'invitation.accepted',
  'invitation.deactivated',
  'invitation.email.delivered',
  'invitation.email.bounced',
  'invitation.reminder.sent',
] as const satisfies WebhookEventType[];

export function webhook({
  db,
  live,
  client,
  webhookSecret,
}: Pick<Application, 'db' | 'live' | 'client' | 'webhookSecret'>): WebhookMountOptions<unknown, Change> {
  const changed = ({ data }: { data: InvitationEventData }, _request: unknown, tx: Change) =>
    invitationChanged(tx.db, tx.live, readChange(data));
  return {
    secret: webhookSecret,
    store: webhookStore({ db, live }),
    on: {
      ...Object.fromEntries(changes.map((type) => [type, changed])),
      'group.member.added': async ({ timestamp, data }, _request, tx) => {
        const { invitationId, scope, scopeType, user, invitationType, metadata, foreignCreatorId } = data;
        // All fields may be absent: only the signature of a webhook is checked, not its content.
        if (scopeType !== 'team' || !scope || !invitationId || !user?.email) return;
        const isPersonal = invitationType !== 'autojoin';
        await memberAdded(tx.db, tx.live, client, {
          invitationId,
          teamId: scope,
          email: user.email,
          // The role comes from the invitation as Vortex stores it. The acceptor has no say in it.
          role: (isPersonal && invitedRole(metadata)) || 'member',
          inviterId: foreignCreatorId,
          acceptedAt: timestamp,
        });
      },
    },
  };
}

function readChange({ invitationId, scopes = [], target = [] }: InvitationEventData) {
  return {
    invitationId,
    teamIds: scopes.filter(({ type }) => type === 'team').map(({ scopeId }) => scopeId),
    emails: target.filter(({ type }) => type === 'email').map(({ value }) => value),
  };
}
