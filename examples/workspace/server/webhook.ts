/** What webhooks of Vortex do here. They alone make members; the page that accepts an invitation does not. */
import type { InvitationEventData, WebhookEventType, WebhookMountOptions } from '@vortex/core';
import type { Application } from './application.js';
import { invitationChanged, memberAdded } from './domain/membership.js';

/** After these, what an open page shows of an invitation is no longer true. */
const changes = [
  'invitation.created',
  'invitation.accepted',
  'invitation.deactivated',
  'invitation.email.delivered',
  'invitation.email.bounced',
  'invitation.reminder.sent',
] as const satisfies WebhookEventType[];

export function webhook({ db, live, webhookSecret }: Application): WebhookMountOptions<unknown> {
  const changed = ({ data }: { data: InvitationEventData }) => invitationChanged(db, live, readChange(data));
  return {
    secret: webhookSecret,
    on: {
      ...Object.fromEntries(changes.map((type) => [type, changed])),
      'group.member.added': async ({ data: { scope, scopeType, user } }) => {
        // All of it may be absent, and is checked no further than its signature.
        if (scopeType === 'team' && scope && user?.email) await memberAdded(db, live, scope, user.email);
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
