/** The tab of messages: what the cloud would have sent, with its text. */
import { html } from 'hono/html';
import type { OutboxMessage, State } from '../state.js';
import { invitationLink } from './links.js';
import type { ListTab } from './list.js';
import { block, copy, copyLink, facts, time } from './parts.js';

export function messagesTab(state: State): ListTab<OutboxMessage> {
  return {
    name: 'messages',
    title: 'Messages',
    empty: () => html`<strong>No messages yet</strong> E-mails and text messages are shown here and never sent.`,
    items: () => state.outbox,
    text: ({ id, to, subject, text, kind, channel, invitationId }) =>
      [id, to, subject, text, kind, channel, invitationId].join(' '),
    filters: {
      'E-mails': ({ channel }) => channel === 'email',
      'Text messages': ({ channel }) => channel === 'phone',
      Reminders: ({ kind }) => kind === 'reminder',
    },
    columns: ['To', 'Message', 'Link', 'Sent'],
    label: ({ to }) => to,
    cells: ({ channel, deliveredBy, subject, link, at }) => [
      html`<small>${channel === 'email' ? 'e-mail' : 'text message'}${deliveredBy === 'vortex' ? '' : `, delivered by ${deliveredBy}`}</small>`,
      html`${subject}`,
      html`<a href="${link}" target="_blank" rel="noopener" class="whole above">${new URL(link).pathname}</a>`,
      time(at),
    ],
    detail: ({
      id,
      to,
      subject,
      text,
      link,
      channel,
      deliveredBy,
      at,
      invitationId,
    }) => html`<h2 tabindex="-1">${subject}</h2>
<p class="actions"><a class="button" href="${link}" target="_blank" rel="noopener">Open the invitation</a>${copy('Copy invitation link', link)}${copyLink(`/messages/${id}`)}${copy('Copy id', id)}</p>
${facts([
  ['To', to],
  ['Channel', channel === 'email' ? 'e-mail' : 'text message'],
  ['Delivered by', deliveredBy === 'vortex' ? 'Vortex' : deliveredBy],
  ['Sent', time(at)],
  ['Invitation', invitationLink(state, invitationId)],
])}
${block('Text', text)}`,
  };
}
