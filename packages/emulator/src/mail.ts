import { randomUUID } from 'node:crypto';
import { iso } from './invitation.js';
import type { InvitationRecord, OutboxMessage } from './state.js';

/** Composes the messages of an invitation: one for each e-mail or phone target, none for other targets. */
export function composeMessages(
  record: InvitationRecord,
  kind: OutboxMessage['kind'],
  link: string,
  now: number,
): OutboxMessage[] {
  const who = record.inviter?.name ?? record.inviter?.email ?? 'Someone';
  const where = record.groups[0]?.name;
  const invitation = `${who} invited you${where ? ` to join ${where}` : ''}`;
  return record.target.flatMap(({ type, value, name }) => {
    if (type !== 'email' && type !== 'phone') return [];
    return {
      id: randomUUID(),
      at: iso(now),
      channel: type,
      deliveredBy: type === 'email' ? 'vortex' : 'your application',
      kind,
      to: value,
      subject: kind === 'reminder' ? `Reminder: ${invitation}` : invitation,
      text: `Hello${name ? ` ${name}` : ''},\n\n${invitation}. To accept, open this link:\n${link}\n`,
      link,
      invitationId: record.id,
    };
  });
}
