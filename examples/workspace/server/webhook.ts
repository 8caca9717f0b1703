/** What webhooks of Vortex do here. They alone make members; the page that accepts an invitation does not. */
import type { GroupMemberEventData, InvitationEventData, VortexWebhookOptions, WebhookEventType } from '@vortex/core';
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

export function webhook({ db, live, webhookSecret }: Application): VortexWebhookOptions<unknown> {
  const changed = ({ data }: { data: InvitationEventData }) => invitationChanged(db, live, readChange(data));
  return {
    secret: webhookSecret,
    on: {
      ...Object.fromEntries(changes.map((type) => [type, changed])),
      'group.member.added': async ({ data }) => {
        const { teamId, email } = readMember(data);
        if (teamId && email) await memberAdded(db, live, teamId, email);
      },
    },
  };
}

/** All of it may be absent, and is checked no further than its signature. */
function readMember({ scope, scopeType, user }: GroupMemberEventData) {
  return { teamId: scopeType === 'team' ? scope : undefined, email: user?.email };
}

function readChange({ invitationId, scopes = [], target = [] }: InvitationEventData) {
  return {
    invitationId,
    teamIds: scopes.filter(({ type }) => type === 'team').map(({ scopeId }) => scopeId),
    emails: target.filter(({ type }) => type === 'email').map(({ value }) => value),
  };
}
