/** The webhook handlers. Only they add members; the page that accepts an invitation does not. */
import type { InvitationEventData, WebhookEventType, WebhookMountOptions } from '@vortex/core';
import type { Application } from './application.js';
import { invitationChanged, memberAdded } from './domain/membership.js';

/** The events after which open pages must load an invitation again. */
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
        // All fields may be absent: only the signature of a webhook is checked, not its content.
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
