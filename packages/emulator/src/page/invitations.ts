/** The tab of invitations: their state, what was done to them, and the actions of the cloud. */
import { WEBHOOK_EVENT_TYPES } from '@vortex/core';
import { html } from 'hono/html';
import { isExpired, isOpen, present } from '../invitation.js';
import type { Html } from '../layout.js';
import type { InvitationRecord, State } from '../state.js';
import { addressOf, recipientOf, targetText } from './links.js';
import type { ListTab } from './list.js';
import { action, badge, block, copy, copyLink, facts, time } from './parts.js';

export function invitationsTab(
  state: State,
  now: () => number,
  link: (code: string) => string,
  webhookUrl: () => string | undefined,
): ListTab<InvitationRecord> {
  return {
    name: 'invitations',
    title: 'Invitations',
    empty: () => html`<strong>No invitations yet</strong> Invitations appear here when your application creates them.`,
    items: () => [...state.invitations.values()],
    text: (record) => JSON.stringify(record),
    filters: {
      Open: (record) => isOpen(record, now()),
      Accepted: (record) => record.accepts.length > 0,
      Revoked: (record) => record.deactivated,
      Expired: (record) => isExpired(record, now()),
    },
    columns: ['To', 'Scope', 'From', 'Status', 'Clicks', 'Created'],
    label: recipientOf,
    cells: (record) => [
      html`<small>${addressOf(record)}</small>`,
      scopes(record),
      html`${inviterName(record)}`,
      statusBadge(record, now()),
      html`${record.clickThroughs}`,
      time(record.createdAt),
    ],
    detail: (record) => {
      const { id, target, accepts } = record;
      const path = `/_emulator/invitations/${id}`;
      const isForOne = target[0] && target[0].type !== 'share';
      const actions = isOpen(record, now())
        ? html`${isForOne ? action('Accept', `POST ${path}/accept`) : ''}${action('Revoke', `POST ${path}/revoke`)}${action('Expire now', `POST ${path}/expire`)}${isForOne ? action('Send again', `POST ${path}/reinvite`) : ''}`
        : '';
      const accepted = accepts.map((each) => html`<div>${each.target.value} ${time(each.acceptedAt)}</div>`);
      return html`<h2 tabindex="-1">${recipientOf(record)}</h2>
<p class="actions">${actions}${copy('Copy invitation link', link(record.code))}${copyLink(`/invitations/${id}`)}${copy('Copy id', id)}</p>
${facts([
  ['Status', statusBadge(record, now())],
  ['To', target.map(targetText).join('; ') || 'autojoin'],
  ['Scope', scopes(record)],
  ['From', inviterName(record)],
  ['Component', record.widgetConfigurationId],
  ['Link', html`<a href="${link(record.code)}" target="_blank" rel="noopener">${link(record.code)}</a>`],
  ['Created', time(record.createdAt)],
  ['Expires', record.expiresAt === null ? 'never' : time(record.expiresAt)],
  ['Accepted', accepted.length > 0 ? html`${accepted}` : null],
  ['Id', id],
])}
${related(state, id)}
${webhookUrl() === undefined ? '' : announceForm(path)}
${block('As the API answers it', JSON.stringify(present(record, now()), null, 2))}`;
    },
  };
}

/** Sends a webhook of a type that the emulator does not send by itself, such as that of an opened e-mail. */
function announceForm(path: string): Html {
  const options = WEBHOOK_EVENT_TYPES.map((type) => html`<option>${type}</option>`);
  return html`<form data-form="announce" data-call="POST ${path}/announce">
<label for="type">Send a webhook about it</label>
<select id="type" name="type">${options}</select>
<label for="data">Members to add to its data, as JSON</label>
<textarea id="data" name="data" rows="2" spellcheck="false" placeholder="${'{ "user": { "email": "grace@example.com" } }'}"></textarea>
<button>Send</button>
</form>`;
}

/** The history of an invitation, oldest first: requests, messages and webhooks. */
function related({ calls, outbox, deliveries }: State, id: string): Html {
  const isAbout = (text: string) => text.includes(id);
  const events = [
    ...calls
      .filter(({ path, request, reply }) => isAbout(path) || isAbout(request.body) || isAbout(reply.body))
      .map((call) => ({
        at: call.at,
        href: `/requests/${call.id}`,
        text: `${call.method} ${call.path}: ${call.status ?? 'broken'}`,
      })),
    ...outbox
      .filter(({ invitationId }) => invitationId === id)
      .map((message) => ({ at: message.at, href: `/messages/${message.id}`, text: `Message: ${message.subject}` })),
    ...deliveries
      .filter(({ event }) => event.data.invitationId === id)
      .map((delivery) => ({
        at: delivery.event.timestamp,
        href: `/webhooks/${delivery.id}`,
        text: `Webhook ${delivery.event.type}: ${delivery.status}`,
      })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  if (events.length === 0) return html``;
  const hidden = events.length - 50;
  return html`<h3>History</h3>
${hidden > 0 ? html`<p class="quiet">${hidden} older ones are in the other tabs. Search for the id.</p>` : ''}
<ol class="history">${events.slice(-50).map(({ at, href, text }) => html`<li>${time(at)} <a href="${href}">${text}</a></li>`)}</ol>`;
}

function scopes({ groups }: InvitationRecord): Html {
  return html`${groups.map(({ name, type, groupId }) => html`<div>${name} <small>${type} ${groupId}</small></div>`)}`;
}

function inviterName({ inviter }: InvitationRecord): string {
  return inviter?.name ?? inviter?.email ?? inviter?.id ?? '–';
}

function statusBadge(record: InvitationRecord, now: number): Html {
  if (record.deactivated) return badge('bad', record.invitationType === 'autojoin' ? 'off' : 'revoked');
  if (record.status === 'accepted') return badge('good', 'accepted');
  if (isExpired(record, now)) return badge('bad', 'expired');
  return record.invitationType === 'autojoin' ? badge('good', 'on') : badge('wait', record.status);
}
